"""The same blows to each shape, and what they leave behind."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

from bench.others.aftermath import Aftermath
from bench.others.parts import NAMES
from bench.others.shape import Order, Shape, Wish

SEED: Final = 20
KILLED: Final = "killed"
TWICE: Final = "twice"
CROWD: Final = "crowd"
SCENARIOS: Final = (KILLED, TWICE, CROWD)


@dataclass(frozen=True)
class Extent:
    """How hard it is struck."""

    under_way: int
    kills: int
    """Of the API, and as many of the worker."""
    twice: int
    """People whose every request comes twice."""
    crowd: int
    """People who want the same ticket."""
    rest_seconds: float
    """How long a shape has at most to come to rest."""


@dataclass(frozen=True)
class Left:
    """What one scenario left behind in one shape."""

    complete: int
    wanted: int
    """Purchases that would be complete had nothing happened."""
    counts: Aftermath


class Progress:
    """How many requests have been answered; blows come at numbers, not at times.

    So a quick shape and a slow one are struck in the same places of the same purchases.
    """

    def __init__(self) -> None:
        self._answered = 0
        self._changed = asyncio.Condition()

    async def add(self, answers: int = 1) -> None:
        """So many more."""
        async with self._changed:
            self._answered += answers
            self._changed.notify_all()

    async def reaches(self, number: int) -> None:
        """Returns when there are so many."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._answered >= number)


def moments(extent: Extent) -> list[tuple[int, str]]:
    """After which answer which part is killed; the same for every shape."""
    chance = random.Random(SEED)
    answers = 2 * extent.under_way
    blows = [(chance.randrange(answers), part) for part in NAMES for _ in range(extent.kills)]
    return sorted(blows)


async def struck(shape: Shape, extent: Extent) -> dict[str, list[Wish]]:
    """Everything that happens to a shape; who wanted what, by scenario."""
    killed = await shape.wishes(extent.under_way)
    twice = await shape.wishes(extent.twice)
    crowd = await shape.wishes(extent.crowd)
    crowd = [replace(each, ticket_id=crowd[0].ticket_id) for each in crowd]
    await _all(_Buyer(shape, Progress()).buys_twice, twice)
    await _all(_Buyer(shape, Progress()).buys, crowd)
    await _under_way(shape, extent, killed)
    return {KILLED: killed, TWICE: twice, CROWD: crowd}


async def _under_way(shape: Shape, extent: Extent, wishes: Sequence[Wish]) -> None:
    progress = Progress()

    async def strike(number: int, part: str) -> None:
        await progress.reaches(number)
        await shape.strike(part)

    async with asyncio.TaskGroup() as everything:
        for number, part in moments(extent):
            everything.create_task(strike(number, part))
        everything.create_task(_all(_Buyer(shape, progress).buys, wishes))


class _Buyer:
    """Clicks, and pays what could be reserved."""

    def __init__(self, shape: Shape, progress: Progress) -> None:
        self._shape = shape
        self._progress = progress

    async def buys(self, wish: Wish) -> None:
        order = await self._shape.click(wish)
        await self._progress.add()
        if order is not None:
            await self._shape.pay(order)
        await self._progress.add()

    async def buys_twice(self, wish: Wish) -> None:
        """Every click is a double click; whichever order came of it is paid."""
        clicked = [await self._shape.click(wish), await self._shape.click(wish)]
        order: Order | None = clicked[1] or clicked[0]
        if order is not None:
            await self._shape.pay(order)
            await self._shape.pay(order)


async def _all(one: Callable[[Wish], Awaitable[None]], wishes: Sequence[Wish]) -> None:
    await asyncio.gather(*(one(each) for each in wishes))


async def left(shape: Shape, wished: dict[str, list[Wish]]) -> dict[str, Left]:
    """Counted as it is now."""
    evidence = await shape.evidence([each for some in wished.values() for each in some])
    found = {}
    for scenario, wishes in wished.items():
        tickets = {each.ticket_id for each in wishes}
        about = evidence.about(tickets, strays=scenario == KILLED)
        found[scenario] = Left(about.complete, len(tickets), about.aftermath())
    return found


async def at_rest(
    shapes: Sequence[Shape], wished: dict[str, dict[str, list[Wish]]], seconds: float
) -> dict[str, dict[str, Left]]:
    """What is left in each by shape and scenario, once nothing can change or time is up."""
    deadline = monotonic() + seconds
    while True:
        found = {shape.name: await left(shape, wished[shape.name]) for shape in shapes}
        if monotonic() > deadline or await _over(shapes, found):
            return found
        await asyncio.sleep(1)


async def _over(shapes: Sequence[Shape], found: dict[str, dict[str, Left]]) -> bool:
    everything = [each.counts for some in found.values() for each in some.values()]
    if any(each.stuck or each.mails_lost for each in everything):
        return False
    return not any([await each.busy() for each in shapes])
