"""Puts together what open pages listen to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

from fastapi import Depends, Header, Request

from api.live.hub import Hub
from api.live.seats import Seats
from api.settings import ApiSettings
from services.changes import following
from services.orders.store import OrderStore
from services.tickets.store import TicketStore

RETRY_MS: Final = 2_000
"""How long a browser waits before it comes back after a break."""
LOOKS_AT_ONCE: Final = 16
"""Pages of this process that read their order at the same time; each needs two connections. One
change may be for hundreds of pages, and those who follow the changes share the pool with them."""
NOT_STORED: Final = {"Cache-Control": "no-store"}


class Live:
    """Two cursors, however many pages are open."""

    def __init__(self, settings: ApiSettings, orders: OrderStore, tickets: TicketStore) -> None:
        self.orders = Hub()
        self.tickets = Hub()
        self.looks = asyncio.Semaphore(LOOKS_AT_ONCE)
        self.order_seats = Seats(each=settings.live_orders_per_user, total=settings.live_pages)
        self.ticket_seats = Seats(
            each=settings.live_listings_per_address, total=settings.live_pages
        )
        self._orders = orders
        self._tickets = tickets

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follows the changes inside the block; at its end nothing is left running."""
        async with (
            following("orders", self._orders.changes, self.orders),
            following("tickets", self._tickets.changes, self.tickets),
        ):
            try:
                yield
            finally:
                self.close()

    def close(self) -> None:
        """End every stream; browsers come back, to another process. Repeating is safe."""
        self.orders.close()
        self.tickets.close()


async def _live(request: Request) -> Live:
    live: Live = request.app.state.live
    return live


LiveDesk = Annotated[Live, Depends(_live)]
LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        description="Sent by browsers when they come back: the last `id` that they saw.",
    ),
]
