"""The section and the plot of R4."""

from pathlib import Path
from typing import Final

from bench.engine.plots import shares
from bench.results import Result

GOAL: Final = 1.3
WAITS: Final = {
    "order": "`POST /api/orders`",
    "completion": "webhook to `complete`",
}


def section(result: Result) -> str:
    """What people wait for, and the ratios."""
    found, notes = result.figures, result.notes
    rows = [
        f"| {said} | {name} | {found[f'{name} of {what}: purchase']} "
        f"| {found[f'{name} of {what}: twin']} | {found[f'{name} of {what}: ratio']} "
        f"| {_met(result, f'{name} of {what}: ratio')} |"
        for what, said in WAITS.items()
        for name in ("p50", "p99")
    ]
    return "\n".join(
        [
            "## How long people wait, next to the twin",
            "",
            f"Open loop, {found['rate'].median:.1f} a second: half of what purchases bear at "
            f"saturation. Clicks come at their scheduled times, {notes['seconds']} s a round "
            f"({notes['samples']} in all), and latency counts from there, so that a stall counts "
            "for everybody who would have come meanwhile. `POST /api/orders` comes with session "
            "cookie and address, each buyer and ticket new; the twin is begun through an HTTP "
            "route of its own that does the same Update-with-Start and nothing else. The second "
            "wait is from the moment at which the webhook is posted to the write that makes the "
            "order `complete`; the twin's is from its own such post to the step in that place.",
            "",
            f"| R4 | | purchase | twin | ratio | goal: at most {GOAL} |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _met(result: Result, name: str) -> str:
    return "met" if max(result.figures[name].values) <= GOAL else "**not met**"


def plot(result: Result, folder: Path) -> list[Path]:
    """Both distributions."""
    return [
        shares(
            folder / f"performance-latency-{what}.svg",
            {
                shape: result.figures[f"percentiles of {what}: {shape}"].values
                for shape in ("purchase", "twin")
            },
            title=said.replace("`", ""),
            unit="milliseconds",
        )
        for what, said in WAITS.items()
    ]
