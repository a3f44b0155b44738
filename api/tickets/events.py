"""The market as it happens."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

from api.limits import ClientAddress
from api.live.hub import Listener
from api.live.live import NOT_STORED, RETRY_MS, LastEventId, LiveDesk
from api.problems import TooManyRequests, problems
from services.changes import Change

router = APIRouter(prefix="/api/tickets", tags=["tickets"])

LONGEST_WAIT_SECONDS: Final = 3_600
REST_SECONDS: Final = 0.25
"""Between two lots of news, so that a busy market costs each page four lots a second at most."""
HERE: Final = "here"
"""The only id there is: a browser that sends it was here before and may have missed something."""


class TicketStanding(StrEnum):
    """A ticket's status, or that it is off the market."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    SOLD = "sold"
    GONE = "gone"


class TicketChange(BaseModel):
    """How a ticket stands now."""

    id: str
    status: TicketStanding
    version: int | None = Field(description="Counts the seller's edits; null if it is gone.")

    @classmethod
    def of(cls, change: Change) -> "TicketChange":
        """The same, as everybody sees it."""
        shown = change.document
        if shown is None or (
            shown.get("withdrawn") and shown["status"] == TicketStanding.AVAILABLE
        ):
            return cls(id=change.id, status=TicketStanding.GONE, version=None)
        return cls(id=change.id, status=shown["status"], version=shown["version"])


async def _listen(
    address: ClientAddress, live: LiveDesk, response: Response
) -> AsyncIterator[Listener]:
    """Whatever is refused is refused here, before a stream begins."""
    with live.ticket_seats.seat(address), live.tickets.listening() as listener:
        response.headers.update(NOT_STORED)
        yield listener


@router.get(
    "/events",
    operation_id="watchTickets",
    summary="Watch the market",
    response_class=EventSourceResponse,
    responses={
        200: {"model": TicketChange, "description": "Server-Sent Events; `data` of `ticket`."},
        **problems(TooManyRequests),
    },
)
async def events(
    listener: Annotated[Listener, Depends(_listen)], last_event_id: LastEventId = None
) -> AsyncIterable[ServerSentEvent]:
    """Server-Sent Events: `ticket` when a ticket appears, changes, is reserved, sold or deleted.

    Several changes of one ticket may come as one: the last. `resync` means that changes may have
    been missed, after a break or because there were too many: read the listing again.
    """
    yield ServerSentEvent(id=HERE, retry=RETRY_MS)
    if last_event_id is not None:
        yield ServerSentEvent(event="resync", data={})
    while not listener.over:
        news = await listener.news(within=LONGEST_WAIT_SECONDS)
        if news.read_again:
            yield ServerSentEvent(event="resync", data={})
        for change in news.changes:
            yield ServerSentEvent(event="ticket", data=TicketChange.of(change))
        await asyncio.sleep(REST_SECONDS)
