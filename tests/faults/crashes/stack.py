"""``python -m tests.faults.crashes.stack``: the devstack, with workers that can die in it.

There are several, so that one dies while another comes back: that is most of the time it takes.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import typer

import devstack.__main__ as devstack
from devstack.part import Part
from devstack.stack import stack_from

MORTALS: Final = 3


def with_mortal_workers(environ: Mapping[str, str]) -> list[Part]:
    """The parts of the stack; the supervisor replaces a dead worker as it always does."""
    parts = stack_from(environ)
    worker = next(part for part in parts if part.name == "worker")
    return [*(part for part in parts if part is not worker), *_mortal(worker)]


def _mortal(worker: Part) -> Iterator[Part]:
    command = [sys.executable, "-m", "tests.faults.crashes.worker"]
    env = {**worker.env, "WORKER_METRICS_ADDRESS": ""}
    for number in range(MORTALS):
        yield replace(worker, name=f"worker-{number}", command=command, env=env, ports={})


if __name__ == "__main__":
    devstack.stack_from = with_mortal_workers  # type: ignore[attr-defined]  # imported there by name
    typer.run(devstack.main)
