"""Plots of the engine's measures: readable on light and dark pages, the same bytes each time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

INK: Final = "#7a7a7a"
"""In between: it is seen on white and on near black."""
COLOURS: Final = (
    *("#4c72b0", "#dd8452", "#55a868", "#8172b3", "#da8bc3"),
    *("#ccb974", "#c44e52", "#937860", "#8c8c8c"),
)
STYLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "ticket-exchange",
    "svg.fonttype": "none",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


@contextmanager
def drawn(path: Path, *, height: float) -> Iterator[Axes]:
    """Axes to draw on; the file is written in the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with rc_context(STYLE):
        picture = Picture(figsize=(8, height), layout="constrained")
        yield picture.add_subplot()
        picture.savefig(path, format="svg", transparent=True, metadata={"Date": None})


def stacked(path: Path, bars: Mapping[str, Mapping[str, float]], *, title: str, unit: str) -> Path:
    """One lying bar for each name, made of its parts."""
    with drawn(path, height=1.2 + 0.5 * len(bars)) as axes:
        parts = list(next(iter(bars.values())))
        left = dict.fromkeys(bars, 0.0)
        for part, colour in zip(parts, COLOURS, strict=False):
            lengths = [bars[name][part] for name in bars]
            axes.barh(list(bars), lengths, left=list(left.values()), color=colour, label=part)
            left = {name: left[name] + bars[name][part] for name in bars}
        axes.invert_yaxis()
        axes.set(title=title, xlabel=unit)
        axes.legend(ncols=5, frameon=False, loc="upper center", bbox_to_anchor=(0.45, -0.35))
    return path


def shares(path: Path, lines: Mapping[str, Sequence[float]], *, title: str, unit: str) -> Path:
    """For each name, which share of its values is at most so much; logarithmic."""
    with drawn(path, height=3.4) as axes:
        for (name, values), colour in zip(lines.items(), COLOURS, strict=False):
            axes.ecdf(list(values), label=name, color=colour)
        for share in (0.5, 0.99):
            axes.axhline(share, color=INK, linewidth=0.5, linestyle=":")
        axes.set_xscale("log")
        plain_numbers(axes.xaxis)
        axes.set(title=title, xlabel=unit, ylabel="share of requests")
        axes.legend(frameon=False)
    return path


def plain_numbers(axis: Axis) -> None:
    """On a logarithmic axis: 10, 20, 50 and 100, where powers of ten would have to be read."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axis.set_minor_formatter(NullFormatter())
