"""An order as it happens."""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.dependencies import OrderReader, Settings, StillSignedIn
from api.live.hub import Listener
from api.live.live import NOT_STORED, RETRY_MS, LastEventId, LiveDesk
from api.orders.desk import OrderNotFoundError
from api.orders.routes import Desk, OrderId
from api.orders.schemas import OrderView
from api.problems import InsufficientScope, NotFound, NotSignedIn, TooManyRequests, problems
from api.translation import OUTAGES
from services.orders.documents import OrderStatus

router = APIRouter(prefix="/api/orders", tags=["orders"])

SETTLED: Final = (OrderStatus.COMPLETE, OrderStatus.CANCELLED, OrderStatus.REFUNDED)
"""Nothing more happens by itself: only the buyer can still ask for the money of a complete one."""
OUTAGE_PAUSE_SECONDS: Final = 1.0


class OrderWatch:
    """One page that looks at one order."""

    def __init__(
        self,
        look: Callable[[], Awaitable[OrderView]],
        is_signed_in: Callable[[], Awaitable[bool]],
        listener: Listener,
        *,
        looks: asyncio.Semaphore,
        seen: str | None,
        recheck_seconds: float,
    ) -> None:
        self._look = look
        self._is_signed_in = is_signed_in
        self._listener = listener
        self._looks = looks
        self._seen = seen
        self._recheck_seconds = recheck_seconds

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """The order whenever it differs from what the page has; ends with the order."""
        while not self._listener.over:
            pause = self._recheck_seconds
            try:
                async with self._looks:
                    if not await self._is_signed_in():
                        return
                    order = await self._look()
            except OrderNotFoundError:
                return
            except OUTAGES:
                # The page keeps its stream: a browser that is refused does not come back.
                pause = OUTAGE_PAUSE_SECONDS
            else:
                for event in self._told(order):
                    yield event
                if order.status in SETTLED:
                    return
            await self._listener.news(within=pause)

    def _told(self, order: OrderView) -> list[ServerSentEvent]:
        events = []
        event_id = _fingerprint(order)
        if event_id != self._seen:
            self._seen = event_id
            events.append(ServerSentEvent(event="order", id=event_id, data=order, retry=RETRY_MS))
        if order.status in SETTLED:
            events.append(ServerSentEvent(event="end", id=event_id, data={"status": order.status}))
        return events


async def _watch(
    *,
    order_id: OrderId,
    buyer: OrderReader,
    desk: Desk,
    live: LiveDesk,
    settings: Settings,
    still_signed_in: StillSignedIn,
    response: Response,
    last_event_id: LastEventId = None,
) -> AsyncIterator[OrderWatch]:
    """Whatever is refused is refused here, before a stream begins."""
    await desk.get(buyer, order_id)
    with live.order_seats.seat(buyer.id), live.orders.listening(order_id) as listener:
        response.headers.update(NOT_STORED)
        yield OrderWatch(
            partial(desk.get, buyer, order_id),
            still_signed_in,
            listener,
            looks=live.looks,
            seen=last_event_id,
            recheck_seconds=settings.live_recheck_seconds,
        )


@router.get(
    "/{order_id}/events",
    operation_id="watchOrder",
    summary="Watch an order",
    response_class=EventSourceResponse,
    responses={
        200: {"model": OrderView, "description": "Server-Sent Events; `data` of `order` events."},
        **problems(NotSignedIn, InsufficientScope, NotFound, TooManyRequests),
    },
)
async def events(
    watch: Annotated[OrderWatch, Depends(_watch)],
) -> AsyncIterable[ServerSentEvent]:
    """Server-Sent Events: `order`, with the same JSON as `GET /api/orders/{order_id}`.

    The first comes at once, then one per change. An `id` names what the order looked like: a
    browser that comes back with `Last-Event-ID` is told only if the order has changed meanwhile.
    `end` comes last, when the order is complete, cancelled or refunded: close the stream then, or
    the browser opens it again. A complete order whose refund was asked for is `refunding` and can
    be watched again. Without `end` the stream ends when the session does or the server restarts.
    """
    async for event in watch.events():
        yield event


def _fingerprint(order: OrderView) -> str:
    """The same for the same view, in every process; tells nothing about what is in it."""
    return hashlib.blake2b(order.model_dump_json().encode(), digest_size=16).hexdigest()
