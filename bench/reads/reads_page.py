"""The section and the plot of reads: it says what the figures say, whatever they are."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from bench.engine.plots import COLOURS, INK, drawn, plain_numbers
from bench.figures import ratio, rounded
from bench.reads.plans import Planned
from bench.reads.questions import FIRST, LAST
from bench.results import Result

GOAL: Final = 3.0
"""Times what the driver takes."""
API: Final = " | api"


class Read(NamedTuple):
    """One question of the result."""

    filters: str
    sort: str
    page: str
    api: float
    driver: float
    ratio: float
    over: bool
    plan: Planned


def section(result: Result) -> str:
    """What was asked, a row for each filter and page, and what is to be said of all."""
    reads, notes = reads_of(result), result.notes
    return "\n".join(
        [
            "## Reading a large market, next to the driver alone",
            "",
            f"A market of {notes['listings']} listings ({notes['documents']} GB of documents, "
            f"{notes['indexes']} GB of indexes, MongoDB's cache {notes['cache']} GB), put into the "
            f"database as they are. {len(reads)} questions: each filter in each of the six orders, "
            "of some of them also a page in the middle and the last one. `GET /api/tickets` "
            "over HTTP and the same find by PyMongo alone, in turns, one call at a time. A row is "
            "one filter and page in all orders: medians in milliseconds, from the fastest order to "
            "the slowest; the ratio of the order in which it is highest.",
            "",
            "| filter | page | API | driver | ratio | documents looked at | indexes |",
            "|---|---|---|---|---|---|---|",
            *(_row(each) for each in _grouped(reads)),
            "",
            _goal(reads),
            "",
            _over(reads, notes["may take"]),
            "",
            _pages(reads),
            "",
        ]
    )


def reads_of(result: Result) -> list[Read]:
    """The questions, in the order in which they were asked."""
    return [_read(result, name.removesuffix(API)) for name in result.figures if name.endswith(API)]


def _read(result: Result, name: str) -> Read:
    filters, sort, page = name.split(" | ")
    api, driver = (result.figures[f"{name} | {by}"] for by in ("api", "driver"))
    return Read(
        filters,
        sort,
        page,
        api.median,
        driver.median,
        ratio(api, driver).median,
        f"{name} | over" in result.notes,
        Planned.model_validate_json(result.notes[f"{name} | plan"]),
    )


def _grouped(reads: Iterable[Read]) -> list[list[Read]]:
    groups: dict[tuple[str, str], list[Read]] = {}
    for each in reads:
        groups.setdefault((each.filters, each.page), []).append(each)
    return list(groups.values())


def _row(group: Sequence[Read]) -> str:
    known = [each.plan.documents for each in group if each.plan.documents is not None]
    looked = _range(map(float, known)) if known else "not counted"
    if known and len(known) < len(group):
        looked += ", some not counted"
    answered = [each for each in group if not each.over]
    refused = len(group) - len(answered)
    api = _range(each.api for each in answered) if answered else ""
    if refused:
        api = f"{api}{'; ' if api else ''}**503** in {refused} of {len(group)} orders"
    indexes = sorted({index for each in group for index in each.plan.indexes})
    highest = rounded(max(each.ratio for each in answered)) if answered else ""
    cells = (
        group[0].filters,
        group[0].page,
        api,
        _range(each.driver for each in group),
        highest,
        looked,
        ", ".join(f"`{index}`" for index in indexes),
    )
    return f"| {' | '.join(cells)} |"


def _range(values: Iterable[float]) -> str:
    ordered = sorted(values)
    low, high = rounded(ordered[0]), rounded(ordered[-1])
    return low if low == high else f"{low} to {high}"


def _goal(reads: Sequence[Read]) -> str:
    answered = [each for each in reads if not each.over]
    if not answered:
        return "No question was answered in time, so there is nothing to compare."
    within = sum(each.ratio <= GOAL for each in answered)
    worst = max(answered, key=lambda each: each.ratio)
    every = within == len(answered)
    return (
        f"Goal: at most {GOAL:g} times what the driver takes. "
        f"{'All' if every else within} of the {len(answered)} that were answered keep it "
        f"({'met' if every else '**not met**'}); the median is "
        f"{rounded(median(each.ratio for each in answered))}, the highest "
        f"{rounded(worst.ratio)} ({worst.filters}, by {worst.sort}, {worst.page} page: "
        f"{rounded(worst.api)} ms against {rounded(worst.driver)})."
    )


def _over(reads: Sequence[Read], seconds: str) -> str:
    over = [each for each in reads if each.over]
    if not over:
        return f"None took longer than the {seconds} s that a search may take."
    whose = ", ".join(dict.fromkeys(each.filters for each in over))
    return (
        f"**{len(over)} of {len(reads)} took longer than the {seconds} s that a search may take "
        f"and were answered with 503**: {whose}."
    )


def _pages(reads: Sequence[Read]) -> str:
    firsts = {(each.filters, each.sort): each for each in reads if each.page == FIRST}
    ratios = [
        each.api / first.api
        for each in reads
        if each.page == LAST
        and not each.over
        and not (first := firsts[each.filters, each.sort]).over
    ]
    if not ratios:
        return "No filter has a last page behind its first one."
    low, middle, high = (rounded(of(ratios)) for of in (min, median, max))
    return (
        f"The last page takes {middle} times what the first one of the same filter and order does "
        f"(median of {len(ratios)}; {low} to {high})."
    )


def plot(result: Result, folder: Path) -> list[Path]:
    """Each question a point: the driver across, the API upwards."""
    path = folder / "performance-reads.svg"
    reads = reads_of(result)
    with drawn(path, height=4.2) as axes:
        for over, colour in ((False, COLOURS[0]), (True, COLOURS[6])):
            some = [each for each in reads if each.over is over]
            if some:
                label = "answered with 503" if over else "answered"
                x, y = [each.driver for each in some], [each.api for each in some]
                axes.scatter(x, y, s=14, color=colour, label=label)
        ends = [min(each.driver for each in reads), max(each.driver for each in reads)]
        for times, style in ((1.0, ":"), (GOAL, "--")):
            label = "as the driver" if times == 1 else f"{times:g} times the driver"
            line = [end * times for end in ends]
            axes.plot(ends, line, color=INK, linewidth=0.8, linestyle=style, label=label)
        axes.set_xscale("log")
        axes.set_yscale("log")
        plain_numbers(axes.xaxis)
        plain_numbers(axes.yaxis)
        axes.set(title="A page of the market", xlabel="driver, ms", ylabel="API, ms")
        axes.legend(frameon=False)
    return [path]
