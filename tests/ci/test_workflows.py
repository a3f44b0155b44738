"""The workflows are well formed, trust nobody more than they must, and ask for what exists."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.commands import BIN, ROOT, WORKFLOWS, run

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    # BaseLoader: to YAML 1.1 the key "on" is the truth.
    found: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
    return found


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job.get("steps", [])]


def test_actionlint_finds_nothing() -> None:
    done = run(BIN / "actionlint", *WORKFLOWS)
    assert done.returncode == 0, done.stdout


def test_actionlint_would_find_something(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text("on: push\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    step: []\n")
    done = run(BIN / "actionlint", broken)
    assert done.returncode != 0
    assert "step" in done.stdout


def zizmor(*paths: Path) -> tuple[int, str]:
    # Below medium is a spelling of "./" that not every runner knows yet.
    done = run(BIN / "zizmor", "--offline", "--no-progress", "--min-severity=medium", *paths)
    return done.returncode, done.stdout + done.stderr


def test_zizmor_finds_nothing() -> None:
    code, told = zizmor(*WORKFLOWS)
    assert code == 0, told


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    broken = tmp_path / ".github" / "workflows" / "broken.yml"
    broken.write_text(
        "on: pull_request_target\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    steps:\n"
        '      - run: echo "${{ github.event.pull_request.title }}"\n'
    )
    code, told = zizmor(broken)
    assert code != 0
    assert "template-injection" in told


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_foreign_actions_are_named_by_commit(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := re.search(r"uses: (?!\./)(.*)", line):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", match[1]), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nobody_may_anything_that_a_job_does_not_ask_for(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        writes = {what for what, right in job["permissions"].items() if right == "write"}
        assert writes == ({"id-token"} if name == "images" else set())


def test_a_pull_request_sees_no_secret() -> None:
    for name in ("pull-request", "checks"):
        text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")
        assert "secrets" not in text
        assert "pull_request_target" not in text


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_they_run_exists(path: Path) -> None:
    for step in steps(read(path)):
        command = step.get("run", "")
        for targets in re.findall(r"^make ([a-z -]+)$", command, re.MULTILINE):
            for target in targets.split():
                assert f"\n{target}:" in MAKEFILE, target
        for script in re.findall(r"\.ci/\w+\.py", command):
            assert (ROOT / script).is_file()


def test_main_rolls_out_only_what_was_tested_built_and_signed() -> None:
    jobs = read(ROOT / ".github" / "workflows" / "main.yml")["jobs"]
    assert jobs["images"]["needs"] == "checks"
    assert jobs["deploy"]["needs"] == "images"
    commands = [step.get("run", "") for step in jobs["deploy"]["steps"]]
    verified = next(n for n, command in enumerate(commands) if "cosign verify" in command)
    deployed = next(n for n, command in enumerate(commands) if "deploy.py" in command)
    assert verified < deployed
