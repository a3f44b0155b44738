"""``python -m tests.faults.crashes.stack``: the devstack, with the worker that can die in it."""

import sys
from collections.abc import Mapping
from dataclasses import replace

import typer

import devstack.__main__ as devstack
from devstack.part import Part
from devstack.stack import stack_from


def with_mortal_worker(environ: Mapping[str, str]) -> list[Part]:
    """The parts of the stack; the supervisor replaces a dead worker as it always does."""
    command = [sys.executable, "-m", "tests.faults.crashes.worker"]
    return [
        replace(part, command=command) if part.name == "worker" else part
        for part in stack_from(environ)
    ]


if __name__ == "__main__":
    devstack.stack_from = with_mortal_worker  # type: ignore[attr-defined]  # imported there by name
    typer.run(devstack.main)
