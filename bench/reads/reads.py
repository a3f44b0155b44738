"""Reading the market: what a page of it costs, next to the same find straight from the driver."""

import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from statistics import median
from typing import Any, Final

from beanie.odm.utils.projection import get_projection
from pymongo import timeout
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from bench.figures import Figure
from bench.lines import Heard
from bench.measures import Measure, Plan
from bench.reads.plans import Planned, planned
from bench.reads.questions import Question, questions
from bench.reads.reads_page import plot, section
from bench.reads.shop import CACHE, Market, running_market
from bench.results import Result, this_machine
from bench.rounds import interleaved
from services.tickets.documents import Listed
from services.tickets.store import SEARCH_SECONDS, Sought

NAME: Final = "reads"
LISTINGS: Final = "1000000"
SHORT_LISTINGS: Final = "20000"
SHORT_ROUNDS: Final = 2
CALLS: Final = 10
"""In one round, of each."""
SLICE_SECONDS: Final = 0.15
"""After which no other call of the round is begun: what is slow is slow at the first."""
OVER: Final = HTTPStatus.SERVICE_UNAVAILABLE
MS: Final = 1_000

Ask = Callable[[], Awaitable[Callable[[], "Answer"]]]
"""What comes back tells the answer when it is asked to: reading it takes time that is not meant."""


@dataclass(frozen=True)
class Answer:
    """Which tickets, in order; None if the search took longer than it may."""

    ids: list[str] | None


@dataclass(frozen=True)
class Round:
    """Some calls of one question, one after the other."""

    ms: float
    """Their median."""
    answer: Answer
    """The last one."""


@dataclass(frozen=True)
class Asked:
    """A question, and what came of it."""

    question: Question
    api: Sequence[Round]
    driver: Sequence[Round]
    plan: Planned

    @property
    def over(self) -> int:
        """In how many rounds the API said that it took too long."""
        return sum(each.answer.ids is None for each in self.api)

    @property
    def differs(self) -> bool:
        """Whether API and driver found other tickets, where both found any."""
        found = {
            tuple(each.answer.ids)
            for each in (*self.api, *self.driver)
            if each.answer.ids is not None
        }
        return len(found) > 1


async def run(plan: Plan) -> Result:
    """Every question, the API and the driver in turns."""
    rounds = min(plan.rounds, SHORT_ROUNDS) if plan.short else plan.rounds
    default = SHORT_LISTINGS if plan.short else LISTINGS
    count = int(os.environ.get("BENCH_LISTINGS", default))
    began = time.monotonic()
    async with running_market(plan.folder, count, say=plan.say) as market:
        collection = market.tickets["tickets"]
        asked = await questions(collection)
        size = await market.tickets.command("collStats", "tickets")
        plan.say(f"{len(asked)} questions after {time.monotonic() - began:.0f} s")
        found = [await _asked(market, each, rounds) for each in asked]
        plan.say(f"all answered after {time.monotonic() - began:.0f} s")
    return Result(
        name=NAME,
        machine=this_machine(),
        rounds=rounds,
        figures=figures(found),
        notes={**notes(found), **_sizes(count, size)},
        broken=broken(found),
    )


def _sizes(count: int, size: Mapping[str, Any]) -> dict[str, str]:
    gb = 2**30
    return {
        "listings": f"{count:,}",
        "cache": f"{CACHE:g}",
        "documents": f"{size['size'] / gb:.2g}",
        "indexes": f"{size['totalIndexSize'] / gb:.2g}",
        "may take": f"{SEARCH_SECONDS:g}",
    }


async def _asked(market: Market, question: Question, rounds: int) -> Asked:
    collection = market.tickets["tickets"]
    shapes: dict[str, Ask] = {
        "api": partial(_by_api, market, question),
        "driver": partial(_by_driver, collection, question, await question.sought()),
    }
    for ask in shapes.values():
        await ask()  # what it needs is in memory from here on
    found = await interleaved(
        {name: partial(_round, ask) for name, ask in shapes.items()}, rounds, say=lambda _: None
    )
    return Asked(question, found["api"], found["driver"], await planned(collection, question))


async def _round(ask: Ask) -> Round:
    began, times = time.perf_counter(), []
    while True:
        before = time.perf_counter()
        told = await ask()
        after = time.perf_counter()
        times.append((after - before) * MS)
        if len(times) == CALLS or after - began > SLICE_SECONDS:
            return Round(median(times), told())


async def _by_api(market: Market, question: Question) -> Callable[[], Answer]:
    return partial(_read, await market.door.get(question.path))


def _read(heard: Heard) -> Answer:
    """Raises ``RuntimeError`` for an answer that is neither a page nor that it took too long."""
    if heard.status == OVER:
        return Answer(None)
    if heard.status != HTTPStatus.OK:
        raise RuntimeError(f"the API answered {heard.status}: {heard.body.decode()}")
    return Answer([each["id"] for each in json.loads(heard.body)["items"]])


async def _by_driver(
    collection: AsyncCollection[dict[str, Any]], question: Question, sought: Sought
) -> Callable[[], Answer]:
    found = collection.find(sought.query, get_projection(Listed), hint=sought.index)
    try:
        with timeout(SEARCH_SECONDS):
            documents = await found.sort(question.sort.order).limit(question.limit).to_list()
    except PyMongoError as error:
        if not error.timeout:
            raise
        return partial(Answer, None)
    return lambda: Answer([each["_id"] for each in documents[: question.limit - 1]])


def figures(found: Sequence[Asked]) -> dict[str, Figure]:
    """Milliseconds of each question, by the API and by the driver: the median of each round."""
    return {
        f"{each.question.name} | {by}": Figure(unit="ms", values=[one.ms for one in rounds])
        for each in found
        for by, rounds in (("api", each.api), ("driver", each.driver))
    }


def notes(found: Sequence[Asked]) -> dict[str, str]:
    """Of each question its plan, and whether it took too long."""
    return {
        **{f"{each.question.name} | plan": each.plan.model_dump_json() for each in found},
        **{f"{each.question.name} | over": str(each.over) for each in found if each.over},
    }


def broken(found: Sequence[Asked]) -> list[str]:
    """What must not be: a collection that is read whole, or another answer than the driver's."""
    return [
        *(
            f"{each.question.name}: no index is used, all of the collection is read"
            for each in found
            if each.plan.scans
        ),
        *(
            f"{each.question.name}: the API and the driver found other tickets"
            for each in found
            if each.differs
        ),
    ]


READS: Final = Measure(
    about="Reading a large market, next to the driver alone (BENCH_LISTINGS=1000000)",
    run=run,
    section=section,
    plot=plot,
)
