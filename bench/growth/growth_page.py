"""The section and the plots of growth."""

from pathlib import Path
from typing import Final

from bench.engine.plots import COLOURS, drawn
from bench.results import Result

PARTS: Final = {
    "worker": "worker",
    "temporal": "Temporal",
    "mongod": "mongod",
    "api": "API",
}
KEPT_SHARE: Final = 0.9
"""Of the purchases a second with nothing open, to be kept at each level."""


def section(result: Result) -> str:
    """Levels, memory for each, and the worker that was killed."""
    found, notes = result.figures, result.notes
    levels = [int(each) for each in notes["levels"].split(",")]
    left = (
        []
        if max(levels) >= 100_000
        else [
            "100,000 were left out: they take 100,000 divided by the rate of filling above "
            "(`BENCH_LEVELS=0,1000,10000,100000 make bench ARGS=growth`).",
            "",
        ]
    )
    return "\n".join(
        [
            "## Many open purchases, and a worker that is killed among them",
            "",
            "Purchases are opened by the real worker, with tickets that were put into the "
            "database, and left; then, closed loop, others are ordered with an address, paid and "
            f"seen through, {result.rounds} slices of {notes['seconds']} s at each level "
            "(`BENCH_LEVELS`). Memory is what is resident before these; it includes what purchases "
            "that are over have left. The worker's cache holds "
            f"{notes['cache']} purchases (`WORKER_CACHED_WORKFLOWS`).",
            "",
            "| open | purchases | " + " | ".join(PARTS.values()) + " | Temporal's database |",
            "|---|---|---|---|---|---|---|",
            *(_level(result, level) for level in levels),
            "",
            "What one more open purchase costs is read right before and after each filling, during "
            "which nothing else is bought. The last row is for comparison: what a purchase leaves "
            "that is over, bought with nothing open after a warm-up as long. Pools and caches that "
            "are still growing are in both, and nothing is subtracted.",
            "",
            "| for each purchase | filled at | "
            + " | ".join(PARTS.values())
            + " | Temporal's database |",
            "|---|---|---|---|---|---|---|",
            *(_cost(result, each) for each in notes["fills"].split(",") if each),
            _row("over", "", *(str(found[f"{part} control"]) for part in (*PARTS, "stored"))),
            "",
            *_goal(result, levels),
            *left,
            f"With {int(notes['recovered at']):,} open the worker is killed (`kill -9`), and "
            f"{notes['old']} purchases from before the others are paid meanwhile: the new worker "
            "has to replay each of them. After "
            f"{found['recovery: polls']} another worker polls, after {found['recovery: first']} "
            f"the first of these is over and after {found['recovery: last']} the last: "
            f"{found['recovery: replayed']} from the first poll on, for a minute at most. With "
            f"these done, there are {found['recovery: purchases']} purchases.",
            "",
        ]
    )


def _level(result: Result, level: int) -> str:
    found = result.figures
    memory = (str(found[f"{part} at {level}"]) for part in (*PARTS, "stored"))
    return _row(f"{level:,}", str(found[f"purchases at {level}"]), *memory)


def _cost(result: Result, step: str) -> str:
    low, high = map(int, step.split("-"))
    cache = int(result.notes["cache"].replace(",", ""))
    where = "in the cache" if high <= cache else "beyond the cache"
    costs = (str(result.figures[f"{part} {step}"]) for part in ("filled", *PARTS, "stored"))
    return _row(f"open, {low:,} to {high:,} ({where})", *costs)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _goal(result: Result, levels: list[int]) -> list[str]:
    first = result.figures[f"purchases at {levels[0]}"].median
    shares = {each: result.figures[f"purchases at {each}"].median / first for each in levels[1:]}
    told = ", ".join(
        f"{share:.0%} with {level:,} ({'met' if share >= KEPT_SHARE else '**not met**'})"
        for level, share in shares.items()
    )
    goal = f"Goal: at least {KEPT_SHARE:.0%} of the purchases a second with {levels[0]:,} open"
    return [f"{goal}: {told}.", ""] if shares else []


def plot(result: Result, folder: Path) -> list[Path]:
    """Purchases a second by level, each slice a point."""
    levels = [int(each) for each in result.notes["levels"].split(",")]
    path = folder / "performance-growth.svg"
    with drawn(path, height=3.4) as axes:
        slices = {f"{each:,}": result.figures[f"purchases at {each}"] for each in levels}
        axes.plot(list(slices), [each.median for each in slices.values()], color=COLOURS[0])
        for level, figure in slices.items():
            axes.scatter([level] * len(figure.values), figure.values, color=COLOURS[0])
        axes.set_ylim(bottom=0)
        axes.set(title="Purchases a second", xlabel="open purchases", ylabel="1/s")
    return [path]
