"""CPU of each process per purchase, twin and no-op workflow, and what follows from it."""

from collections.abc import Collection
from typing import Final

from bench.engine.cpu import DRIVER
from bench.engine.stack import OURS, OUTSIDE
from bench.figures import Figure, ratio
from bench.results import Result

TWINS: Final = ("twin worker", "twin door")
SHAPES: Final = ("purchase", "twin", "no-op")
PROCESSES: Final = (*OURS, *TWINS, *OUTSIDE, DRIVER)


def used(result: Result, shape: str, process: str) -> Figure:
    """Milliseconds of CPU for one, once a round."""
    return result.figures[f"cpu of {shape}: {process}"]


def in_all(result: Result, shape: str, *, but: Collection[str] = ()) -> Figure:
    """Of all processes together, but these."""
    rounds = [used(result, shape, each).values for each in PROCESSES if each not in but]
    return Figure(unit="ms", values=[sum(values) for values in zip(*rounds, strict=True)])


def without(result: Result, *processes: str) -> Figure:
    """CPU of a twin over that of a purchase, with these processes taken out of both.

    With none taken out, and no core idle, it is the ratio of throughputs.
    """
    return ratio(in_all(result, "twin", but=processes), in_all(result, "purchase", but=processes))
