"""Who is inside, who waits, and who is turned away."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pymongo.errors import AutoReconnect

from api.orders.entrance import CrowdedError, Entrance
from services.limits.limiter import Limits
from services.limits.rules import LimitSettings, Rule
from tests.api.market import Json, Market, Person, sorry
from tests.limits import generous


class Hall:
    """An entrance, who is behind it, and a way to have them go."""

    def __init__(self, places: int = 2, patience: float = 60) -> None:
        self.entrance = Entrance(places=places, patience=patience, outages=(AutoReconnect,))
        self.came: list[str] = []
        self.leave = {name: asyncio.Event() for name in "abcdef"}

    async def visit(
        self, name: str, ending: Exception | None = None, *, early: bool = False
    ) -> str:
        async with self.entrance.place() as place:
            self.came.append(name)
            if early:
                place.leave()
            await self.leave[name].wait()
            if ending is not None:
                raise ending
        return name

    def enter(self, name: str, ending: Exception | None = None) -> asyncio.Task[str]:
        return asyncio.create_task(self.visit(name, ending))

    async def crowd(self, names: str) -> list[asyncio.Task[str]]:
        people = [self.enter(name) for name in names]
        await settle()
        return people

    async def has_places(self, count: int) -> bool:
        """Whether so many get in now, and no more."""
        before = len(self.came)
        people = [self.enter("f") for _ in range(count + 1)]
        await settle()
        got_in = len(self.came) - before
        self.leave["f"].set()
        await asyncio.gather(*people)
        return got_in == count


async def settle() -> None:
    """Let everybody go as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_as_many_are_inside_as_there_are_places_and_the_others_come_in_their_order() -> None:
    hall = Hall()
    people = await hall.crowd("abcde")
    assert hall.came == ["a", "b"]
    hall.leave["b"].set()
    await settle()
    assert hall.came == ["a", "b", "c"]
    for name in "acde":
        hall.leave[name].set()
    assert [await person for person in people] == [*"abcde"]
    assert hall.came == [*"abcde"]
    assert await hall.has_places(2)


async def test_who_left_early_has_made_room_once() -> None:
    hall = Hall()
    early = asyncio.create_task(hall.visit("a", early=True))
    people = await hall.crowd("bcd")
    assert hall.came == ["a", "b", "c"]
    hall.leave["a"].set()
    await early
    await settle()
    assert hall.came == ["a", "b", "c"]
    for name in "bcd":
        hall.leave[name].set()
    await asyncio.gather(*people)
    assert await hall.has_places(2)


async def test_who_goes_away_while_waiting_takes_nobodys_turn() -> None:
    hall = Hall(places=1)
    first, second, third = await hall.crowd("abc")
    second.cancel()
    hall.leave["a"].set()
    await settle()
    assert hall.came == ["a", "c"]
    hall.leave["c"].set()
    assert [await first, await third] == ["a", "c"]
    assert await hall.has_places(1)


async def test_who_goes_away_at_the_moment_of_their_turn_passes_it_on() -> None:
    hall = Hall(places=1)
    async with hall.entrance.place() as place:
        called, next_one = await hall.crowd("bc")
        place.leave()
        called.cancel()  # it has not moved yet
        await settle()
    assert called.cancelled()
    assert hall.came == ["c"]
    hall.leave["c"].set()
    await next_one
    assert await hall.has_places(1)


async def test_who_has_waited_too_long_is_told_so_and_takes_no_place() -> None:
    hall = Hall(places=1, patience=0.01)
    [inside] = await hall.crowd("a")
    with pytest.raises(CrowdedError):
        await hall.visit("b")
    hall.leave["a"].set()
    await inside
    assert hall.came == ["a"]
    [later] = await hall.crowd("c")
    assert hall.came == ["a", "c"]
    hall.leave["c"].set()
    await later


async def test_an_outage_that_somebody_meets_inside_is_told_to_all_who_wait() -> None:
    hall = Hall(places=1)
    unlucky = hall.enter("a", AutoReconnect())
    waiting = await hall.crowd("bc")
    hall.leave["a"].set()
    told = await asyncio.gather(unlucky, *waiting, return_exceptions=True)
    assert [type(each) for each in told] == [AutoReconnect, CrowdedError, CrowdedError]
    assert hall.came == ["a"]
    assert await hall.has_places(1)


async def test_what_concerns_only_one_of_them_turns_nobody_away() -> None:
    hall = Hall(places=1)
    unlucky = hall.enter("a", ValueError())
    [waiting] = await hall.crowd("b")
    for name in "ab":
        hall.leave[name].set()
    with pytest.raises(ValueError):  # noqa: PT011 - its own, unchanged
        await unlucky
    assert await waiting == "b"


async def test_an_outage_that_somebody_meets_who_left_early_turns_nobody_away() -> None:
    hall = Hall(places=1)
    unlucky = asyncio.create_task(hall.visit("a", AutoReconnect(), early=True))
    await settle()
    inside, waiting = await hall.crowd("bc")
    hall.leave["a"].set()
    with pytest.raises(AutoReconnect):
        await unlucky
    for name in "bc":
        hall.leave[name].set()
    assert [await inside, await waiting] == ["b", "c"]


class Watched(Limits):
    """Limits that know how many are being counted, at the same time and in all."""

    def __init__(self, market: Market, settings: LimitSettings) -> None:
        super().__init__(market.databases.auth, settings)
        self.inside = self.most = self.all = 0

    async def hit(self, rule: Rule, *key: str) -> None:
        self.all += rule is Rule.RESERVE
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await super().hit(rule, *key)
        finally:
            self.inside -= 1


@contextmanager
def watched(market: Market, places: int) -> Iterator[Watched]:
    """So many places inside the block, and somebody who counts."""
    state = market.app.state
    usual = state.entrance, state.limits
    state.entrance = Entrance(places=places, outages=(AutoReconnect,))
    state.limits = Watched(market, generous())
    try:
        yield state.limits
    finally:
        state.entrance, state.limits = usual


@pytest.fixture
async def gone(seller: Person) -> Json:
    """A ticket that is not to be had."""
    ticket = await seller.lists()
    await seller.http.delete(f"/api/tickets/{ticket['id']}")
    return ticket


@pytest.mark.parametrize(("places", "most"), [(3, 3), (1_000, 40)])
async def test_a_crowd_is_answered_though_only_so_many_ask_mongodb_at_once(
    market: Market, buyer: Person, gone: Json, places: int, most: int
) -> None:
    with watched(market, places) as limits:
        answers = await asyncio.gather(*(buyer.asks_for(gone) for _ in range(40)))

    assert {answer.status_code for answer in answers} == {404}
    assert limits.all == 40
    assert (limits.most <= 3) == (most == 3)


async def test_in_an_outage_a_crowd_is_told_without_asking_each_for_themselves(
    market: Market, buyer: Person, gone: Json
) -> None:
    with watched(market, 2) as limits:
        async with market.cables.mongodb.pulled():
            answers = await asyncio.gather(*(buyer.asks_for(gone) for _ in range(20)))

    for answer in answers:
        sorry(answer)
    assert limits.all == 2
