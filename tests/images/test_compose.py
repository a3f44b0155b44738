"""compose.yaml, as far as it can be known without a daemon."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from activities.gateways.resend import ResendSettings
from api.providers.settings import ProviderSettings
from api.settings import ApiSettings
from services.database import MongoSettings
from services.payments.stripe import StripeSettings
from services.settings import read_settings
from temporal.settings import TemporalSettings
from tests.images.dockerfile import ROOT, stages
from workers.settings import WorkerSettings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
BUILT = {name: service for name, service in SERVICES.items() if "build" in service}
OURS = ("api", "worker")
ONCE = {"bootstrap", "mongodb-setup", "temporal-namespace", "temporal-schema"}
KNOWN = set(re.findall(r"^#([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_images_are_stages_of_our_dockerfile_or_have_a_version() -> None:
    targets = stages()
    for name, service in SERVICES.items():
        if name in BUILT:
            assert service["build"]["target"] in targets
        else:
            tag = service["image"].partition(":")[2]
            assert tag, f"{name} is whatever is newest"
            assert tag != "latest"


def test_ports_are_open_to_this_machine_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_everybody_waits_for_somebody_who_is_there_and_can_be_waited_for() -> None:
    for service in SERVICES.values():
        for name, needed in service.get("depends_on", {}).items():
            other = SERVICES[name]
            ends = needed["condition"] == "service_completed_successfully"
            assert ends == (name in ONCE)
            assert needed["condition"] != "service_healthy" or "healthcheck" in other
        network = service.get("network_mode", "").removeprefix("service:")
        assert not network or network in SERVICES


def test_whoever_goes_on_is_started_again_and_whoever_ends_is_not() -> None:
    for name, service in SERVICES.items():
        wanted = "on-failure:10" if name in ONCE else "unless-stopped"
        assert service["restart"] == wanted, name


def test_everything_that_remembers_has_a_volume() -> None:
    mounted = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }
    assert mounted == set(COMPOSE["volumes"])
    assert mounted == {"mail", "stripe", "signin", "mongodb", "postgresql"}


@pytest.mark.parametrize("name", sorted(name for name in BUILT if "command" in BUILT[name]))
def test_commands_exist_and_know_their_options(name: str) -> None:
    module, *arguments = BUILT[name]["command"]
    assert find_spec(module) is not None
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=True
    )
    for argument in arguments:
        if argument.startswith("--"):
            assert argument.partition("=")[0] in done.stdout


@pytest.mark.parametrize("name", OURS)
def test_our_processes_can_read_what_they_are_told(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = SERVICES[name]["environment"]
    assert set(told) - KNOWN == set()
    for variable, value in told.items():
        monkeypatch.setenv(variable, re.sub(r"\$\{\w+:-(.*)\}", r"\1", value))
    for kind in (
        *(ApiSettings, MongoSettings, StripeSettings, ProviderSettings),
        *(TemporalSettings, ResendSettings, WorkerSettings),
    ):
        read_settings(kind)


@pytest.mark.parametrize("name", OURS)
def test_our_processes_may_do_no_more_than_in_a_cluster(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges"]
    assert "user" not in service, "the image's own, who is not root"


def test_stand_ins_and_our_processes_are_told_the_same() -> None:
    told = SERVICES["api"]["environment"]
    stripe, signin = SERVICES["stripe"]["command"], SERVICES["signin"]["command"]
    assert f"--webhook-secret={told['STRIPE_WEBHOOK_SECRET']}" in stripe
    for provider in ("GOOGLE", "GITHUB"):
        at = signin.index(f"--{provider.lower()}-client")
        wanted = [told[f"{provider}_CLIENT_ID"], told[f"{provider}_CLIENT_SECRET"]]
        assert signin[at + 1 : at + 3] == wanted
        callback = f"{told['PUBLIC_URL']}/api/auth/{provider.lower()}/callback"
        assert f"--{provider.lower()}-redirect-uri={callback}" in signin


def script(name: str, tool: str, folder: Path) -> list[str]:
    """What a script of compose.yaml asks of a tool that is not here: the lines of a recorder."""
    recorder = folder / tool
    recorder.write_text(f'#!/bin/sh\necho "$@" >> {folder}/asked\n')
    recorder.chmod(0o755)
    service = SERVICES[name]
    (text,) = service["command"]
    subprocess.run(  # noqa: S603
        [*service["entrypoint"], text.replace("$$", "$")],
        env={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        check=True,
    )
    return (folder / "asked").read_text().splitlines()


def test_both_databases_of_temporal_get_their_own_tables(tmp_path: Path) -> None:
    asked = script("temporal-schema", "temporal-sql-tool", tmp_path)
    schema = "/etc/temporal/schema/postgresql/v12"
    assert asked == [
        "--db temporal create",
        "--db temporal setup-schema -v 0.0",
        f"--db temporal update-schema -d {schema}/temporal/versioned",
        "--db temporal_visibility create",
        "--db temporal_visibility setup-schema -v 0.0",
        f"--db temporal_visibility update-schema -d {schema}/visibility/versioned",
    ]


def test_a_namespace_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    asked = script("temporal-namespace", "temporal", tmp_path)
    assert asked == ["operator namespace describe --namespace default"]
