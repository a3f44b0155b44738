"""A served API with somebody signed in; orders change as a worker would change them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from api.settings import ApiSettings
from devstack.simulators.stripe.server import running_app
from services.database import MongoSettings, open_databases
from services.orders.documents import Order, OrderStatus
from tests.api.conftest import PASSWORD, Browser, an_app
from tests.api.streams import Stream, watching
from tests.conftest import empty
from tests.order_builders import an_order

NEVER = 3_600.0
"""In tests that are not about checking again, what is told comes from MongoDB alone."""


@dataclass
class Served:
    """The API behind a real socket, and somebody who buys."""

    app: FastAPI
    url: str
    buyer: Browser
    buyer_id: str

    async def order(self, status: OrderStatus = OrderStatus.CREATED) -> Order:
        """An order of the buyer, in this state."""
        order = an_order(status, buyer_id=self.buyer_id)
        await order.insert()
        return order

    async def seen(self, order: Order) -> object:
        """The order as ``GET`` shows it."""
        return (await self.buyer.get(f"/api/orders/{order.id}")).json()

    @asynccontextmanager
    async def watching(
        self, order: Order, person: Browser | None = None, *, last_id: str | None = None
    ) -> AsyncIterator[Stream]:
        """The order's stream, opened by its buyer or by somebody else."""
        address = f"{self.url}/api/orders/{order.id}/events"
        async with watching(address, person or self.buyer, last_id=last_id) as stream:
            yield stream

    @asynccontextmanager
    async def market(self, *, last_id: str | None = None) -> AsyncIterator[Stream]:
        """The market's stream, opened by somebody whom nobody knows."""
        async with watching(f"{self.url}/api/tickets/events", last_id=last_id) as stream:
            yield stream


@asynccontextmanager
async def serving(mongo: MongoSettings, **changes: object) -> AsyncIterator[Served]:
    """An API with other settings, at first without orders and tickets."""
    settings = {"public_url": "http://testserver", "live_recheck_seconds": NEVER, **changes}
    app = an_app(mongo, ApiSettings.model_validate(settings))
    async with open_databases(mongo) as databases:
        await empty(databases)  # before anybody listens, to whom it would be news
    async with (
        running_app(app) as url,
        Browser(base_url=url) as buyer,
    ):
        # Until then a page is told to read again, as whatever happened was not seen.
        await asyncio.gather(app.state.live.orders.fed.wait(), app.state.live.tickets.fed.wait())
        buyer_id = await registered(buyer)
        yield Served(app, url, buyer, buyer_id)


async def registered(person: httpx.AsyncClient, name: str = "buyer") -> str:
    """Somebody new, signed in."""
    draft = {"email": f"{name}@example.com", "password": PASSWORD}
    answer = await person.post("/api/users/register", json=draft)
    assert answer.status_code == 201, answer.text
    user_id: str = answer.json()["id"]
    return user_id


@pytest.fixture
async def served(mongo_settings: MongoSettings) -> AsyncIterator[Served]:
    """An API as usual, except that it never checks again by itself."""
    async with serving(mongo_settings) as api:
        yield api
