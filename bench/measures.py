"""What a measure is; ``bench/registry.py`` lists them."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path

from bench.results import Result


@dataclass(frozen=True)
class Plan:
    """How thorough a run is."""

    rounds: int = 5
    short: bool = False
    """Seconds instead of minutes: shows that everything works; its figures are not quoted."""
    folder: Path = field(default_factory=Path)
    """An empty folder for data and logs of the servers that a measure starts."""
    say: Callable[[str], None] = print


@dataclass(frozen=True)
class Measure:
    """One measurement and its section of ``docs/performance.md``."""

    about: str
    """One line for ``--help`` and the list."""
    run: Callable[[Plan], Coroutine[None, None, Result]]
    section: Callable[[Result], str]
    """Markdown, beginning with a heading of the second level."""
    plot: Callable[[Result, Path], list[Path]] | None = None
    """Draws into a folder and returns the SVG files that it wrote."""
