"""A result says which code it is of."""

import subprocess
from pathlib import Path

import pytest

from bench.results import OUTPUT, commit_of

SOMEBODY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One commit: a source file, and a result and a page that are kept with it."""
    for path in ("api/app.py", "bench/results/engine.json", "docs/performance.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("old")
    for command in (["init", "-q"], ["add", "."], [*SOMEBODY, "commit", "-qm", "All"]):
        subprocess.run(["git", *command], check=True, cwd=tmp_path)  # noqa: S603, S607 - of a folder of its own
    return tmp_path


def test_what_a_measurement_writes_does_not_make_the_next_one_s_code_another(
    repository: Path,
) -> None:
    commit = commit_of(repository)
    assert commit
    (repository / "bench/results/engine.json").write_text("new")
    (repository / "docs/performance.md").write_text("new")
    (repository / "bench/results/reads.json").write_text("new")
    assert commit_of(repository) == commit


def test_code_that_differs_from_the_commit_is_said_to(repository: Path) -> None:
    commit = commit_of(repository)
    (repository / "api/app.py").write_text("new")
    assert commit_of(repository) == f"{commit}-dirty"


def test_without_a_repository_no_commit_is_named(tmp_path: Path) -> None:
    assert commit_of(tmp_path) == ""


def test_what_is_left_out_is_there() -> None:
    root = Path(__file__).parents[2]
    assert [path for path in OUTPUT if not (root / path).exists()] == []
