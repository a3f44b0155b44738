"""The section and the plot of R1, R2 and R3."""

from pathlib import Path
from typing import Final

from bench.engine.cpu import DRIVER
from bench.engine.plots import stacked
from bench.engine.shares import PROCESSES, SHAPES, in_all, used, without
from bench.engine.stack import OUTSIDE
from bench.figures import Figure
from bench.results import Result

GOAL: Final = 0.9
UNTIL_COMPLETE: Final = 9
WITH_MAIL: Final = 12


def section(result: Result) -> str:
    """What was measured, the goals, and where the time went."""
    found, notes = result.figures, result.notes
    cost = Figure(unit="", values=found["transitions of purchase"].values)
    return (
        "\n\n".join(
            [
                "## Purchases a second, next to the engine's own pace",
                f"{notes['drivers']} buyers shop at the same time, each beginning anew when their "
                f"purchase has ended, mail included; {notes['window']} s of each shape in turn. A "
                "purchase goes through the shop's own doors: `POST /api/orders` with the address, "
                "the card at the Stripe simulator, its webhooks, capture, mail to both; each "
                "buyer and ticket is new. The *twin* is a workflow with the same history, event by "
                "event, whose steps return constants; it is started and signalled straight at "
                "Temporal. So is the *no-op*, which ends at once. All three have the same server, "
                "sandbox, pollers and converter.",
                _results(result, cost),
                _spread(result),
                _cpu(result),
                _held_back(result),
            ]
        )
        + "\n"
    )


def _results(result: Result, cost: Figure) -> str:
    found = result.figures
    until, overhead = found["transitions until complete"], found["overhead"]
    rows = [
        f"| R1 | state transitions a second by purchases, over those by no-op workflows "
        f"| {found['engine efficiency']} | |",
        f"| R2 | purchases a second, over twins a second | {overhead} "
        f"| at least {GOAL}: {_met(min(overhead.values) >= GOAL)} |",
        f"| R3 | state transitions until `complete` | {until} "
        f"| at most {UNTIL_COMPLETE}: {_met(max(until.values) <= UNTIL_COMPLETE)} |",
        f"| R3 | state transitions in all, with mail | {cost} "
        f"| at most {WITH_MAIL}: {_met(max(cost.values) <= WITH_MAIL)} |",
        *(f"| | {shape}s a second | {found[f'{shape} per second']} | |" for shape in SHAPES),
    ]
    return "\n".join(["| | what | measured | goal |", "|---|---|---|---|", *rows])


def _spread(result: Result) -> str:
    told = "; ".join(f"{shape}s: {result.notes[f'spread of {shape}']}" for shape in SHAPES)
    return f"State transitions of all that ended under load. {told[0].upper()}{told[1:]}."


def _cpu(result: Result) -> str:
    """A table of medians: one row a process."""
    head = "| milliseconds of CPU for one | " + " | ".join(SHAPES) + " |"
    rows = [
        f"| {process}{' (stands for an outside party)' if process in OUTSIDE else ''} | "
        + " | ".join(f"{used(result, shape, process).median:.1f}" for shape in SHAPES)
        + " |"
        for process in PROCESSES
    ]
    sums = " | ".join(f"{in_all(result, shape).median:.1f}" for shape in SHAPES)
    return "\n".join([head, "|---|---|---|---|", *rows, f"| in all | {sums} |"])


def _held_back(result: Result) -> str:
    idle = result.figures["cores idle under purchase"].median
    cores = result.machine.cores
    said = (
        f"Under purchases {idle:.2f} of {cores} cores were idle, so throughput is CPU: what is "
        "added to the twin's work is taken from the pace. The twin's CPU over the purchase's"
    )
    rows = [
        ("with everything in the sum", without(result)),
        ("without the outside parties' stand-ins", without(result, *OUTSIDE)),
        ("and without driver", without(result, *OUTSIDE, DRIVER)),
        ("and without MongoDB", without(result, *OUTSIDE, DRIVER, "mongod")),
        (
            "and without the API: worker and Temporal only",
            without(result, *OUTSIDE, DRIVER, "mongod", "api", "twin door"),
        ),
    ]
    table = "\n".join(f"| {what} | {figure} |" for what, figure in rows)
    return f"{said}:\n\n| what is counted | ratio |\n|---|---|\n{table}"


def _met(kept: bool) -> str:
    return "met" if kept else "**not met**"


def plot(result: Result, folder: Path) -> list[Path]:
    """CPU by process as stacked bars."""
    bars = {
        shape: {process: used(result, shape, process).median for process in PROCESSES}
        for shape in SHAPES
    }
    return [
        stacked(
            folder / "performance-cpu.svg",
            bars,
            title="CPU for one, by process",
            unit="milliseconds of CPU",
        )
    ]
