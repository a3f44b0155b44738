"""However many pages are open, MongoDB is asked once."""

import asyncio
from contextlib import AsyncExitStack

from fastapi import FastAPI
from pymongo.read_concern import ReadConcern

from services.database import MongoSettings
from services.orders.store import OrderStore
from services.tickets.documents import Listing
from services.tickets.store import TicketStore
from tests.api.live.conftest import serving
from tests.api.market import until
from tests.order_builders import LATER, NOON, PRICE

ORDER_PAGES = 400
LISTING_PAGES = 100


async def change_streams(app: FastAPI, prefix: str) -> list[str]:
    """The collections of this API that somebody follows, once for each open cursor."""
    admin = app.state.databases.auth.client.get_database("admin", read_concern=ReadConcern("local"))
    operations = await admin.aggregate([{"$currentOp": {"idleCursors": True}}])
    found = []
    async for operation in operations:
        opened_by = operation.get("cursor", {}).get("originatingCommand", {})
        if "$changeStream" in str(opened_by.get("pipeline")) and operation["ns"].startswith(prefix):
            found.append(operation["ns"].removeprefix(prefix))
    return sorted(found)


async def two_cursors(app: FastAPI, prefix: str) -> bool:
    """Whether there are just these two, and none of a process that was here before."""
    return await change_streams(app, prefix) == ["orders.orders", "tickets.tickets"]


async def test_five_hundred_pages_share_two_cursors(mongo_settings: MongoSettings) -> None:
    prefix = mongo_settings.database_prefix
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        served = await enter(serving(mongo_settings, live_orders_per_user=ORDER_PAGES))

        await until(lambda: two_cursors(served.app, prefix))
        order = await served.order()
        pages = [await enter(served.watching(order)) for _ in range(ORDER_PAGES)]
        listings = [await enter(served.market()) for _ in range(LISTING_PAGES)]
        assert {page.response.status_code for page in pages + listings} == {200}
        await until(lambda: two_cursors(served.app, prefix))

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
        await until(lambda: two_cursors(another.app, mongo.database_prefix))
