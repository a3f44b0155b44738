"""The section and the plot of R5."""

from pathlib import Path
from typing import Final

from bench.engine.plots import shares
from bench.results import Result

GOAL_MS: Final = 100
"""Of the 99th percentile of a refusal."""
TICKETS: Final = {"held": "reserved", "sold": "sold"}
SIDES: Final = {
    "api": "through the API",
    "keys": "the same, each with an `Idempotency-Key` of its own",
    "raw": "raw compare-and-set",
}


def section(result: Result) -> str:
    """The rush, the paces, and the ratio."""
    found, notes = result.figures, result.notes
    paces = notes["paces"].split()
    ratios = " and ".join(
        f"{found[f'{ticket}: R5']} on a ticket that is {said}" for ticket, said in TICKETS.items()
    )
    return "\n".join(
        [
            f"## One ticket that {notes['buyers']} people want",
            "",
            f"{notes['buyers']} buyers, signed in and each from an address of their own, ask for "
            "one ticket (`POST /api/orders`), with as many windows of limits as the product has, "
            "none of which is ever full. First all at the same instant, over connections that are "
            f"open, a ticket a round; then open loop, {notes['seconds']} s at each pace, for a "
            "ticket that is reserved. How long a refusal takes counts from the instant or the "
            "planned time, so that whoever waits for others counts that too. CPU is of one try, in "
            "milliseconds; the client is a process of its own.",
            "",
            "| | won | refused | told to try later | p50 | p99 | goal: below "
            f"{GOAL_MS} ms | API | mongod | client |",
            "|---|---|---|---|---|---|---|---|---|---|",
            _row(result, "rush", f"{notes['buyers']} at once"),
            *(_row(result, f"at {pace}", f"{pace} a second") for pace in paces),
            "",
            f"Workflows started on the one ticket of a rush: {found['rush: workflows']}; at most 5 "
            f"are allowed. {_least(result)}",
            "",
            f"Closed loop, {notes['hands']} hands for {notes['seconds']} s: as many tries as fit, "
            "through the API and, in turns with these, of the compare-and-set that a purchase "
            "decides with, by the same driver on the same event loop and with nothing in front.",
            "",
            "| the ticket is | | tries | API | mongod | client |",
            "|---|---|---|---|---|---|",
            *(
                f"| {said} | {told} | {found[f'{ticket}: {side}: attempts']} | "
                f"{_cpu(result, f'{ticket}: {side}')} |"
                for ticket, said in TICKETS.items()
                for side, told in SIDES.items()
                if f"{ticket}: {side}: attempts" in found
            ),
            "",
            f"**R5**, tries a second through the API over raw ones: {ratios}. A try through the "
            "API is counted by client address and by user, its session is read with its user, and "
            "so is the ticket; it starts nothing. What is asked for under a key is kept by a write "
            "that a majority must have in its journal.",
            "",
        ]
    )


def _least(result: Result) -> str:
    """How soon all of a rush can be answered at best."""
    tries, cores = int(result.notes["buyers"].replace(",", "")), result.machine.cores
    each = sum(result.figures[f"rush: cpu of {part}"].median for part in ("api", "mongod"))
    seconds = tries * each / cores / 1000
    return (
        f"{tries:,} tries of {each:.1f} ms of CPU are {seconds:.1f} s of work for {cores} cores, "
        "whoever waits for it."
    )


def _row(result: Result, name: str, said: str) -> str:
    found = result.figures
    answers = " | ".join(str(found[f"{name}: {status}"]) for status in (201, 409, 503))
    waits = f"{found[f'{name}: p50']} | {found[f'{name}: p99']}"
    met = "met" if max(found[f"{name}: p99"].values) < GOAL_MS else "**not met**"
    return f"| {said} | {answers} | {waits} | {met} | {_cpu(result, name)} |"


def _cpu(result: Result, name: str) -> str:
    parts = ("api", "mongod", "client")
    return " | ".join(str(result.figures[f"{name}: cpu of {part}"]) for part in parts)


def plot(result: Result, folder: Path) -> list[Path]:
    """How long a refusal takes."""
    paces = result.notes["paces"].split()
    lines = {f"{result.notes['buyers']} at once": "rush"}
    lines |= {f"{pace} a second": f"at {pace}" for pace in paces}
    return [
        shares(
            folder / "performance-hot.svg",
            {said: result.figures[f"{name}: percentiles"].values for said, name in lines.items()},
            title="From the click to the refusal",
            unit="milliseconds",
        )
    ]
