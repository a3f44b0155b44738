"""A change is tested wherever it could be noticed."""

import json
import sys
from typing import Any

import grimp
import pytest

from tests.ci.commands import CI, ROOT, run

OURS = ("activities", "api", "bench", "devstack", "services", "temporal", "workers", "workflows")
FOLDERS = {path.parent.name for path in (ROOT / "tests").glob("*/__init__.py")}
GRAPH = grimp.build_graph(*OURS, "tests")


def affected(*paths: str) -> dict[str, Any]:
    done = run(sys.executable, CI / "affected.py", told="\n".join(paths))
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("folder", OURS)
def test_every_test_that_imports_a_folder_runs_when_it_changes(folder: str) -> None:
    importing = {
        tests
        for tests in FOLDERS
        for module in GRAPH.find_descendants(f"tests.{tests}")
        if any(each.split(".")[0] == folder for each in GRAPH.find_upstream_modules(module))
    }
    assert importing, "somebody tests it"
    assert importing - set(affected(f"{folder}/any.py")["tests"]) == set()


@pytest.mark.parametrize(
    "path",
    ["pyproject.toml", "requirements/dev.txt", "Makefile", "tests/builders.py", "brand/new.py"],
)
def test_what_everybody_uses_or_nobody_knows_runs_everything(path: str) -> None:
    assert set(affected(path)["tests"]) == FOLDERS


@pytest.mark.parametrize(
    ("path", "tests"),
    [
        ("helm/ticket-exchange/values.yaml", ["helm"]),
        ("tests/helm/test_pods.py", ["helm"]),
        ("compose.yaml", ["images"]),
        (".github/workflows/main.yml", ["ci"]),
        ("bench/figures.py", ["architecture", "bench"]),
    ],
)
def test_what_only_some_read_runs_only_theirs(path: str, tests: list[str]) -> None:
    assert affected(path) == {"tests": tests, "ui": False}


def test_the_client_is_checked_when_it_or_what_its_types_come_from_changes() -> None:
    assert affected("ui/src/main.tsx")["ui"]
    assert affected("services/money.py")["ui"]
    assert not affected("helm/ticket-exchange/values.yaml", "tests/api/test_health.py")["ui"]


def test_nothing_changed_needs_nothing() -> None:
    assert affected() == {"tests": [], "ui": False}
