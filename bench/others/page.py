"""The section and the plot: what each shape costs, and what a blow leaves behind in it."""

from pathlib import Path
from typing import Final

from bench.engine.cpu import DRIVER
from bench.engine.plots import stacked
from bench.figures import Figure, rounded
from bench.others.blows import CROWD, KILLED, SCENARIOS, TWICE
from bench.results import Result

OURS: Final = "ours"
LABELS: Final = {
    OURS: "Ticket Exchange",
    "naive": "naive Temporal",
    "original": "the original's shape",
}
PROCESSES: Final = ("api", "worker", "temporal", "mongod", "redis")
OUTSIDE: Final = ("stripe", "mail", DRIVER)
SPEEDS: Final = {
    "per second": "purchases a second",
    "p50 until reserved": "click to reserved, p50",
    "p99 until reserved": "click to reserved, p99",
    "p50 until complete": "paid to complete, p50",
    "p99 until complete": "paid to complete, p99",
    "transitions": "state transitions of a purchase",
    "put off": "jobs still waiting when the last buyer left",
}
COUNTS: Final = {
    "stuck": "orders stuck",
    "charged_without_ticket": "charged without a ticket",
    "sold_again": "tickets sold again",
    "charged_again": "charged again",
    "mails_lost": "mails lost",
    "mails_doubled": "mails doubled",
}
NOT_ONE: Final = "-"


def section(result: Result) -> str:
    """Two tables, and what they say."""
    return (
        "\n\n".join(
            [
                "## Beside the original's shape and a naive one",
                _shapes(result),
                _speed(result),
                _blows(result),
                _after(result),
                _sense(result),
            ]
        )
        + "\n"
    )


def _shown(result: Result) -> list[str]:
    return [name for name in LABELS if name in result.notes["shapes"].split()]


def _shapes(result: Result) -> str:
    missing = result.notes["without original"]
    original = (
        f"The original's shape was left out: {missing}."
        if missing
        else "*The original's shape* is a small twin in FastAPI, MongoDB and a queue in Redis: the "
        "hold is a document, its end a delayed job, and the card is charged in the request. It "
        "writes with `w=1` as the original did (not waiting for the journal), has no sign-in, "
        "address or tax, and sends its one mail by its queue, for which its buyers do not wait; "
        "its delayed jobs do not come due while speed is measured. It does less than the "
        "original did."
    )
    return (
        f"{result.notes['drivers']} buyers at the same time, each beginning anew when their "
        f"purchase has ended, {result.notes['seconds']} s of each shape in turn, on the same "
        "MongoDB and, where there is one, the same Temporal; each shape has its own API, worker, "
        "Stripe simulator and inbox. The loop is closed, so waits are those of a machine that is "
        "fully busy. *Ticket Exchange* is the whole shop: session, address, tax, hold on the card, "
        "webhook, capture, and a mail to both. *Naive Temporal* has four regular activities "
        "(reserve, charge, complete, mail), none eager, and a door that starts the workflow and "
        "looks every 20 ms whether the ticket is held; no sign-in, address or tax, one mail, a "
        f"direct charge with the order as its key. {original}"
    )


def _speed(result: Result) -> str:
    shown = _shown(result)
    head = "| | " + " | ".join(LABELS[name] for name in shown) + " |"
    rows = [_row(label, result, what, shown) for what, label in SPEEDS.items()]
    rows += [
        _row(f"CPU of {process} for one", result, f"cpu of {process}", shown)
        for process in (*PROCESSES, *OUTSIDE)
    ]
    sums = " | ".join(f"{_used(result, name):.1f} ms" for name in shown)
    return "\n".join(
        [
            *(head, f"|---|{'---|' * len(shown)}", *rows),
            f"| CPU in all, without stand-ins and driver | {sums} |",
        ]
    )


def _row(label: str, result: Result, what: str, shown: list[str]) -> str:
    cells = (str(result.figures.get(f"{what}: {name}", NOT_ONE)) for name in shown)
    return f"| {label} | {' | '.join(cells)} |"


def _used(result: Result, shape: str) -> float:
    """Milliseconds of CPU for one purchase, as medians added up."""
    return sum(
        figure.median
        for process in PROCESSES
        if (figure := result.figures.get(f"cpu of {process}: {shape}"))
    )


def _blows(result: Result) -> str:
    notes = result.notes
    return (
        "Then each shape is treated alike. *Killed*: "
        f"{notes['under way']} purchases are under way at once while API and worker are ended with "
        f"`kill -9`, {notes['kills']} times in all, each after a seeded number of answers, and "
        "started again; a request without an answer is sent again as it was, as a browser or a "
        f"proxy does. *Twice*: {notes['twice']} buyers click each button twice: every request "
        "is sent again after its answer, and whichever order came of it is paid. "
        f"*Crowd*: {notes['crowd']} buyers for one ticket, each paying if they may. A "
        f"hold lasts {notes['hold']} s here; counted is at rest, at the latest {notes['rest']} s "
        "after the last purchase."
    )


def _after(result: Result) -> str:
    head = "| | | complete | " + " | ".join(COUNTS.values()) + " |"
    rows = [
        f"| {scenario} | {LABELS[name]} | {_complete(result, scenario, name)} | "
        + " | ".join(rounded(_count(result, scenario, what, name)) for what in COUNTS)
        + " |"
        for scenario in SCENARIOS
        for name in _shown(result)
    ]
    return "\n".join([head, "|---|---|---|" + "---|" * len(COUNTS), *rows])


def _complete(result: Result, scenario: str, shape: str) -> str:
    done, wanted = (
        rounded(_count(result, scenario, what, shape)) for what in ("complete", "wanted")
    )
    return f"{done}, {wanted} wanted"


def _count(result: Result, scenario: str, what: str, shape: str) -> float:
    return result.figures[f"{scenario}, {what}: {shape}"].median


def _sense(result: Result) -> str:
    costs = " ".join(_costs(result, name) for name in _shown(result) if name != OURS)
    pays = " ".join(_harm(result, name) for name in _shown(result))
    return f"**Where durability costs.** {costs}\n\n**Where it pays.** {pays}"


def _costs(result: Result, other: str) -> str:
    found = result.figures
    pace = _times(found[f"per second: {other}"], found[f"per second: {OURS}"])
    reserved = _times(found[f"p50 until reserved: {OURS}"], found[f"p50 until reserved: {other}"])
    complete = _times(found[f"p50 until complete: {OURS}"], found[f"p50 until complete: {other}"])
    cpu = _used(result, OURS) / _used(result, other)
    spent = ""
    if f"transitions: {other}" in found:
        theirs, ours = (rounded(found[f"transitions: {name}"].median) for name in (other, OURS))
        spent = f" It costs Temporal {theirs} state transitions, ours {ours}."
    label = LABELS[other][0].upper() + LABELS[other][1:]
    return (
        f"{label} sells {pace} times as many a second as we do; the wait for the reservation is "
        f"{reserved} times as long here as there, that from paying to complete {complete} times, "
        f"and a purchase here takes {rounded(cpu)} times its CPU, session, address, tax, webhooks "
        f"and the second mail included.{spent}"
    )


def _times(over: Figure, under: Figure) -> str:
    return rounded(over.median / under.median)


def _harm(result: Result, shape: str) -> str:
    told = []
    for scenario, said in (
        (KILLED, "after the kills"),
        (TWICE, "after repeated requests"),
        (CROWD, "after the crowd"),
    ):
        wrong = [
            f"{rounded(count)} {label}"
            for what, label in COUNTS.items()
            if (count := _count(result, scenario, what, shape))
        ]
        done, wanted = (_count(result, scenario, what, shape) for what in ("complete", "wanted"))
        if done < wanted:
            wrong.append(f"{rounded(wanted - done)} of {rounded(wanted)} sales not made")
        if wrong:
            told.append(f"{said} {', '.join(wrong)}")
    label = LABELS[shape][0].upper() + LABELS[shape][1:]
    return f"{label}: {'; '.join(told) or 'nothing was wrong in any of the three'}."


def plot(result: Result, folder: Path) -> list[Path]:
    """CPU by process as stacked bars."""
    bars = {
        LABELS[name]: {
            process: figure.median if (figure := _cpu(result, process, name)) else 0.0
            for process in PROCESSES
        }
        for name in _shown(result)
    }
    return [
        stacked(
            folder / "performance-others.svg",
            bars,
            title="CPU for one purchase, without stand-ins of outside parties",
            unit="milliseconds of CPU",
        )
    ]


def _cpu(result: Result, process: str, shape: str) -> Figure | None:
    return result.figures.get(f"cpu of {process}: {shape}")
