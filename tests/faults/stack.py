"""``python -m tests.faults.stack``: the devstack, some of whose parts are not as usual."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import typer
from pydantic import BaseModel, TypeAdapter

import devstack.__main__ as devstack
from devstack.part import Part
from devstack.stack import stack_from

MODULE: Final = "tests.faults.stack"
UNUSUAL: Final = "UNUSUAL_PARTS"
"""The variable that tells the stack what is unusual about which part."""


class Unusual(BaseModel):
    """What differs of one part; the supervisor keeps it running as it always does."""

    command: Sequence[str] | None = None
    """In place of its own, after the interpreter."""
    env: Mapping[str, str] = {}
    """Variables that only this part sees, whatever is set for all."""

    def of(self, part: Part) -> Part:
        """The part with that."""
        command = [sys.executable, *self.command] if self.command else part.command
        return replace(part, command=command, env={**part.env, **self.env})


PARTS: Final = TypeAdapter(dict[str, Unusual])


def unusual(**parts: Unusual) -> dict[str, str]:
    """The settings of a ``System`` with these unusual parts."""
    return {UNUSUAL: PARTS.dump_json(parts).decode()}


def unusual_stack_from(environ: Mapping[str, str]) -> list[Part]:
    """The parts of the stack, some of them changed."""
    changed = PARTS.validate_json(environ[UNUSUAL])
    return [changed.get(part.name, Unusual()).of(part) for part in stack_from(environ)]


if __name__ == "__main__":
    devstack.stack_from = unusual_stack_from  # type: ignore[attr-defined]  # imported there by name
    typer.run(devstack.main)
