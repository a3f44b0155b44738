"""What can be known of the images without building them."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import grimp
import pytest

from tests.images.dockerfile import (
    DOCKERFILE,
    ROOT,
    TARGETS,
    copied_from_here,
    reaches_the_builder,
    stages,
)

BIN = Path(sys.executable).parent
STAGES = stages()
OURS = ("activities", "api", "devstack", "services", "temporal", "workers", "workflows")
STARTS = {
    "api": ["api.__main__"],
    "worker": ["workers.__main__"],
    "bootstrap": ["temporal.bootstrap", "temporal.versions", "services.replica_set"],
}


def hadolint(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [BIN / "hadolint", path], capture_output=True, text=True, check=False
    )


def test_hadolint_finds_nothing() -> None:
    done = hadolint(DOCKERFILE)
    assert done.returncode == 0, done.stdout


def test_hadolint_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python:latest\nRUN cd /tmp && apt-get install x\n")
    done = hadolint(tmp_path / "Dockerfile")
    assert done.returncode != 0
    assert "DL3007" in done.stdout


def test_every_base_that_is_not_ours_is_named_by_digest() -> None:
    bases = {stage.base for stage in STAGES.values()} - STAGES.keys()
    assert bases
    assert all(re.fullmatch(r"[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}", base) for base in bases)


def test_the_python_is_the_one_that_the_lock_files_are_made_for() -> None:
    """And the one whose folders of packages the Dockerfile names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    version = project["requires-python"].removeprefix(">=")
    assert STAGES["runtime"].base.startswith(f"python:{version}-")
    named = re.findall(r"/lib/python([\d.]+)/", DOCKERFILE.read_text())
    assert set(named) == {version}


@pytest.mark.parametrize("stage", STAGES)
def test_everything_that_is_copied_is_there_and_reaches_the_builder(stage: str) -> None:
    for source in copied_from_here(STAGES[stage]):
        path = source.rstrip("/")
        assert (ROOT / path).exists(), path
        assert reaches_the_builder(path), path


@pytest.mark.parametrize(
    "path",
    [
        *(".env", ".git/config", ".dev/data/mongod", ".venv/bin/python", "api/.env"),
        *("tests/conftest.py", "helm/ticket-exchange/values.yaml", "requirements/dev.txt"),
        *("ui/node_modules/react/index.js", "ui/dist/index.html", "api/__pycache__/app.pyc"),
    ],
)
def test_nothing_else_reaches_the_builder(path: str) -> None:
    assert not reaches_the_builder(path)


def test_dockerignore_is_read_as_docker_reads_it() -> None:
    rules = "*\n!api\n**/secret\n!api/keep/secret"
    assert reaches_the_builder("api/app.py", rules)
    assert not reaches_the_builder("ui/app.ts", rules)
    assert not reaches_the_builder("api/deep/secret", rules)
    assert reaches_the_builder("api/keep/secret", rules)


def test_every_folder_of_the_distribution_is_in_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    folders = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(folders) <= set(copied_from_here(STAGES["packages"]))
    assert set(folders) == set(OURS)


@pytest.mark.parametrize("lock", ["runtime.txt", "build.txt"])
def test_nothing_is_installed_but_by_hash(lock: str) -> None:
    commands = " ".join(STAGES["packages"].values("RUN"))
    installs = [part for part in commands.split("&&") if "pip install" in part]
    assert any(
        f"--require-hashes --only-binary :all: -r requirements/{lock}" in each for each in installs
    )
    assert all("--require-hashes" in each or "--no-index" in each for each in installs)


def removed(target: str) -> set[str]:
    """Our packages that the image of this target does not have."""
    commands = " ".join(STAGES[f"{target}-packages"].values("RUN"))
    return set(re.findall(r"site-packages/(\w+)", commands))


@pytest.mark.parametrize("target", STARTS)
def test_an_image_has_all_that_its_processes_import_and_nothing_else_of_ours(target: str) -> None:
    graph = grimp.build_graph(*OURS)
    needed = {
        module.partition(".")[0]
        for start in STARTS[target]
        for module in {start, *graph.find_upstream_modules(start)}
    }
    assert needed & removed(target) == set()
    assert needed | removed(target) == set(OURS)


def test_the_stand_ins_are_in_no_image_that_is_deployed() -> None:
    assert all("devstack" in removed(target) for target in STARTS)


def chain(target: str) -> Iterator[tuple[str, str]]:
    """The steps of a stage after those of the stages that it is made from."""
    stage = STAGES[target]
    if stage.base in STAGES:
        yield from chain(stage.base)
    yield from stage.steps


@pytest.mark.parametrize("target", TARGETS)
def test_nobody_is_root(target: str) -> None:
    (user,) = [value for name, value in chain(target) if name == "USER"]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user), "by number, so that Kubernetes can tell"


@pytest.mark.parametrize("target", TARGETS)
def test_a_user_without_an_entry_has_a_home_that_may_be_written(target: str) -> None:
    """Without one, Stripe's SDK raises before it sends anything."""
    settings = " ".join(value for name, value in chain(target) if name == "ENV")
    assert "HOME=/tmp" in settings.split()


@pytest.mark.parametrize("target", TARGETS)
def test_no_shell_stands_between_a_signal_and_python(target: str) -> None:
    assert STAGES[target].command("ENTRYPOINT")[:2] == ["python", "-m"]


@pytest.mark.parametrize("target", TARGETS)
def test_what_an_image_starts_exists(target: str) -> None:
    stage = STAGES[target]
    command = stage.command("ENTRYPOINT")
    if stage.values("CMD"):
        command += stage.command("CMD")
    assert find_spec(command[2]) is not None


class _Answer(BaseHTTPRequestHandler):
    """Answers what its server is told to answer."""

    def do_GET(self) -> None:
        status: int = self.server.status  # type: ignore[attr-defined]
        self.send_response(status if self.path in ("/healthz", "/metrics") else 404)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nobody reads it."""


@pytest.mark.parametrize("target", ["api", "worker"])
@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_tells_a_well_process_from_a_sick_one(
    target: str, status: int, healthy: bool
) -> None:
    (check,) = STAGES[target].values("HEALTHCHECK")
    command: list[str] = json.loads(check.partition("CMD ")[2])
    with HTTPServer(("127.0.0.1", 0), _Answer) as server:
        server.status = status  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_port
        done = subprocess.run(  # noqa: S603
            [sys.executable, *command[1:]],
            env={"PORT": str(port), "WORKER_METRICS_ADDRESS": f"0.0.0.0:{port}"},
            capture_output=True,
            check=False,
        )
        server.shutdown()
    assert (done.returncode == 0) == healthy


@pytest.mark.parametrize("target", ["bootstrap", "stand-ins"])
def test_commands_that_end_have_no_health(target: str) -> None:
    assert STAGES[target].values("HEALTHCHECK") == ["NONE"]
