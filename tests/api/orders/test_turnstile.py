"""Who starts, who waits, and what those who wait are told."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from typing_extensions import override

from api.orders.turnstile import SharedLooks, Turnstile
from services.clock import now
from services.money import Money
from services.tickets.documents import Ticket
from services.tickets.store import TicketStore
from temporal.calls import NobodyAnsweredError
from temporal.purchases import TakenBackError, TicketUnavailableError


def a_ticket() -> Ticket:
    at, price = now(), Money(amount=5000)
    ticket: Ticket = Ticket.model_construct(
        id="ticket", seller_id="seller", title="x", title_key="x", price=price, created_at=at
    )
    return ticket


class Stage:
    """One ticket, starts that take as long as the test wants, and who was let through."""

    def __init__(self, at_once: int = 1) -> None:
        self.turnstile = Turnstile(at_once=at_once)
        self.taken = False
        self.through: list[str] = []
        self.go_on = asyncio.Event()

    async def look(self) -> Ticket:
        if self.taken:
            raise TicketUnavailableError
        return a_ticket()

    async def start(self, order_id: str, ending: Callable[[], Awaitable[None]]) -> None:
        async with self.turnstile.turn("ticket", order_id, self.look):
            self.through.append(order_id)
            await self.go_on.wait()
            await ending()

    async def win(self) -> None:
        self.taken = True

    async def lose(self) -> None:
        raise TicketUnavailableError

    async def hear_nothing(self) -> None:
        raise TakenBackError


async def settled(*crowd: Awaitable[None], stage: Stage) -> list[BaseException | None]:
    """How it ended for each, the starts having been held up until everybody was there."""
    waiting = asyncio.gather(*crowd, return_exceptions=True)
    await asyncio.sleep(0.01)
    stage.go_on.set()
    return await waiting


async def test_those_who_wait_are_refused_once_one_has_it_and_have_started_nothing() -> None:
    stage = Stage()
    ends = await settled(*(stage.start(str(n), stage.win) for n in range(20)), stage=stage)
    assert stage.through == ["0"]
    assert ends[0] is None
    assert {type(each) for each in ends[1:]} == {TicketUnavailableError}


async def test_a_start_that_came_to_nothing_is_followed_by_the_next() -> None:
    stage = Stage()
    ends = await settled(
        stage.start("a", stage.lose),
        stage.start("b", stage.win),
        stage.start("c", stage.win),
        stage=stage,
    )
    assert stage.through == ["a", "b"]
    assert [type(each) for each in ends] == [
        TicketUnavailableError,
        type(None),
        TicketUnavailableError,
    ]


async def test_nobody_waits_for_a_second_silence() -> None:
    stage = Stage()
    ends = await settled(*(stage.start(str(n), stage.hear_nothing) for n in range(5)), stage=stage)
    assert stage.through == ["0"]
    assert type(ends[0]) is TakenBackError
    assert {type(each) for each in ends[1:]} == {NobodyAnsweredError}
    await stage.start("later", stage.win)
    assert stage.through == ["0", "later"]


async def test_a_repeat_of_what_is_under_way_joins_it() -> None:
    stage = Stage()
    ends = await settled(*(stage.start("same", stage.win) for _ in range(10)), stage=stage)
    assert ends == [None] * 10
    assert stage.through == ["same"] * 10


async def test_whoever_goes_away_makes_room() -> None:
    stage = Stage()
    gone = asyncio.create_task(stage.start("gone", stage.win))
    await asyncio.sleep(0)
    next_one = asyncio.create_task(stage.start("next", stage.win))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    stage.go_on.set()
    await next_one
    assert stage.through == ["gone", "next"]


async def test_other_tickets_are_not_waited_for() -> None:
    stage, other = Stage(), Stage()
    other.turnstile = stage.turnstile
    held_up = asyncio.create_task(stage.start("a", stage.win))
    await asyncio.sleep(0)
    async with stage.turnstile.turn("another ticket", "b", other.look):
        assert not held_up.done()
    stage.go_on.set()
    await held_up


async def test_as_many_start_at_once_as_may() -> None:
    stage = Stage(at_once=3)
    await settled(*(stage.start(str(n), stage.win) for n in range(20)), stage=stage)
    assert stage.through == ["0", "1", "2"]


class SlowStore(TicketStore):
    """Takes its time; what a read tells is how the ticket was when it began."""

    def __init__(self) -> None:
        self.version = 1
        self.reads = 0

    @override
    async def get(self, ticket_id: str) -> Ticket | None:
        self.reads += 1
        seen: Ticket = a_ticket().model_copy(update={"version": self.version})
        await asyncio.sleep(0.01)
        return seen


async def test_a_crowd_shares_its_looks() -> None:
    store = SlowStore()
    looks = SharedLooks(store)
    await asyncio.gather(*(looks.at("ticket") for _ in range(100)))
    assert store.reads == 1


async def test_nobody_is_told_what_was_read_before_they_asked() -> None:
    store = SlowStore()
    looks = SharedLooks(store)
    early = asyncio.create_task(looks.at("ticket"))
    await asyncio.sleep(0.005)
    store.version = 2
    late = await asyncio.gather(*(looks.at("ticket") for _ in range(10)))
    first = await early
    assert first is not None
    assert first.version == 1
    assert [each.version for each in late if each] == [2] * 10
    assert store.reads == 2


async def test_who_goes_away_takes_nobodys_look_along() -> None:
    store = SlowStore()
    looks = SharedLooks(store)
    gone, stays = (asyncio.create_task(looks.at("ticket")) for _ in range(2))
    await asyncio.sleep(0.001)
    gone.cancel()
    assert await stays is not None
    assert store.reads == 1
