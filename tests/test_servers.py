"""Which servers the tests take, and what happens where these cannot be had."""

import os
import subprocess
import sys

import pytest

from tests.containers import (
    Servers,
    chosen,
    mongod_in_container,
    no_daemon,
    temporal_in_container,
)


@pytest.mark.parametrize(
    ("environ", "servers"),
    [
        ({}, Servers.PACKAGED),
        ({"TEST_SERVERS": ""}, Servers.PACKAGED),
        ({"TEST_SERVERS": "packaged"}, Servers.PACKAGED),
        ({"TEST_SERVERS": "containers"}, Servers.CONTAINERS),
    ],
)
def test_the_servers_come_from_packages_unless_containers_are_asked_for(
    environ: dict[str, str], servers: Servers
) -> None:
    assert chosen(environ) is servers


def test_a_choice_that_there_is_not_is_refused() -> None:
    with pytest.raises(pytest.UsageError, match="TEST_SERVERS must be one of packaged, containers"):
        chosen({"TEST_SERVERS": "clouds"})


def test_a_server_in_a_container_listens_on_the_port_that_it_is_reached_at() -> None:
    assert mongod_in_container(1234)[-2:] == ["--port", "1234"]
    temporal = temporal_in_container(1234, "--dynamic-config-value", "a=1")
    assert temporal[:2] == ["server", "start-dev"]
    assert temporal[temporal.index("--port") + 1] == "1234"
    assert temporal[-2:] == ["--dynamic-config-value", "a=1"]


def test_without_a_docker_daemon_there_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    reason = no_daemon()
    assert reason is not None
    assert reason.startswith("TEST_SERVERS=containers, but no Docker daemon answers: ")


@pytest.mark.parametrize(
    "needs_a_server",
    [
        "tests/services/test_tickets.py",
        "tests/workflows/test_economy.py",
    ],
)
def test_without_a_docker_daemon_tests_that_need_a_server_are_skipped(needs_a_server: str) -> None:
    taken = {"MONGODB_URI", "TEMPORAL_ADDRESS"}
    inherited = {name: value for name, value in os.environ.items() if name not in taken}
    ended = subprocess.run(  # noqa: S603 - pytest itself
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", needs_a_server],
        env={**inherited, "TEST_SERVERS": "containers", "DOCKER_HOST": "tcp://127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    assert "TEST_SERVERS=containers, but no Docker daemon answers" in ended.stdout
    assert "passed" not in ended.stdout.splitlines()[-1]
    assert "skipped" in ended.stdout.splitlines()[-1]
