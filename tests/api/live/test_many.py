"""However many pages are open, MongoDB is asked once."""

import asyncio
from contextlib import AsyncExitStack

from services.database import MongoSettings
from services.orders.store import OrderStore
from services.tickets.documents import Listing
from services.tickets.store import TicketStore
from tests.api.live.conftest import BOTH, change_streams, serving
from tests.order_builders import LATER, NOON, PRICE

ORDER_PAGES = 400
LISTING_PAGES = 100


async def test_five_hundred_pages_share_two_cursors(mongo_settings: MongoSettings) -> None:
    prefix = mongo_settings.database_prefix
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        served = await enter(serving(mongo_settings, live_orders_per_user=ORDER_PAGES))

        order = await served.order()
        pages = [await enter(served.watching(order)) for _ in range(ORDER_PAGES)]
        listings = [await enter(served.market()) for _ in range(LISTING_PAGES)]
        assert {page.response.status_code for page in pages + listings} == {200}
        assert await change_streams(served.app, prefix) == BOTH

        await asyncio.gather(*(page.read(1) for page in pages))
        await OrderStore().cancel(order.id, reason="buyer", at=LATER)
        told = await asyncio.gather(*(page.rest() for page in pages))
        assert {tuple(message.event for message in each) for each in told} == {("order", "end")}
        ticket = await TicketStore().create("seller", Listing(title="x", price=PRICE), NOON)
        seen = await asyncio.gather(*(listing.read(1) for listing in listings))
        assert {message.data["id"] for (message,) in seen} == {ticket.id}
    await gone(mongo_settings)


async def gone(mongo: MongoSettings) -> None:
    """The process that stopped left no cursor behind."""
    async with serving(mongo) as another:
        assert await change_streams(another.app, mongo.database_prefix) == BOTH
