"""Where a worker may die: just before and just after each write of each step.

Kept as files, because the process that meets a point does not live to tell.
"""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = "CRASH_POINTS"
"""The variable that tells a worker where the points are kept."""


class Point(NamedTuple):
    """One moment in the life of a step."""

    step: str
    effect: str
    """What it writes, and the how-many-eth write of this run of the step it is."""
    moment: str
    """``before`` or ``after``."""

    @property
    def file_name(self) -> str:
        """One name for one point."""
        return "~".join(self)

    @classmethod
    def named(cls, file_name: str) -> "Point":
        """The point of that name."""
        return cls(*file_name.split("~"))


class Points:
    """The points that have been met so far, and those at which somebody has died."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._met, self._died, self._armed = folder / "met", folder / "died", folder / "armed"
        self._met.mkdir(parents=True, exist_ok=True)
        self._died.mkdir(parents=True, exist_ok=True)

    def arm(self, steps: Collection[str]) -> None:
        """From now on, whoever is the first to meet a point of these steps dies there."""
        self._armed.write_text("\n".join(steps))

    def met(self, steps: Collection[str]) -> set[Point]:
        """Every point that one of these steps has come to."""
        points = {Point.named(path.name) for path in self._met.iterdir()}
        return {point for point in points if point.step in steps}

    def died(self) -> set[Point]:
        """Every point at which a worker has ended."""
        return {Point.named(path.name) for path in self._died.iterdir()}

    def meet(self, point: Point) -> None:
        """Go on, or die like a process that is killed: no clean-up, no last word."""
        (self._met / point.file_name).touch()
        if not self._armed.exists() or point.step not in self._armed.read_text().split():
            return
        try:
            os.close(os.open(self._died / point.file_name, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        os._exit(137)
