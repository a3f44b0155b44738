"""One change may be for hundreds of pages: they read their orders a few at a time."""

import asyncio

from api.live.hub import Listener
from api.live.live import LOOKS_AT_ONCE
from api.orders.desk import OrderNotFoundError
from api.orders.events import OrderWatch
from api.orders.schemas import OrderView

PAGES = 10 * LOOKS_AT_ONCE


async def most_at_once(looks: asyncio.Semaphore) -> int:
    """How many of the pages read at the same time."""
    reading = most = 0

    async def look() -> OrderView:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        await asyncio.sleep(0)
        reading -= 1
        raise OrderNotFoundError  # which ends the page's stream

    async def signed_in() -> bool:
        return True

    async def opened() -> None:
        page = OrderWatch(look, signed_in, Listener(1), looks=looks, seen=None, recheck_seconds=60)
        assert [event async for event in page.events()] == []

    await asyncio.gather(*(opened() for _ in range(PAGES)))
    return most


async def test_a_few_pages_read_at_once_and_all_of_them_do() -> None:
    assert await most_at_once(asyncio.Semaphore(LOOKS_AT_ONCE)) == LOOKS_AT_ONCE


async def test_it_is_their_room_that_holds_them_back() -> None:
    """The negative control: with more room all read at once."""
    assert await most_at_once(asyncio.Semaphore(PAGES)) == PAGES
