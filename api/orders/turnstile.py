"""A crowd before one ticket: few of it start a purchase, the others learn how that went.

Only what happens inside this process is put in order, and only to spare MongoDB and Temporal work
that must come to nothing. Who gets the ticket is decided by the compare-and-set of a purchase,
whatever this lets through.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from services.tickets.documents import Ticket
from services.tickets.store import TicketStore
from temporal.calls import NobodyAnsweredError

AT_ONCE: Final = 1
"""Starts under way for one ticket in one process. More can only be refused by the first."""


@dataclass(frozen=True, eq=False)
class _Turn:
    order_id: str
    over: asyncio.Future[bool]
    """Whether somebody answered, once the start is over."""


class SharedLooks:
    """Reads tickets; those who ask for one while it is being read share the next read.

    Nobody is told what was read before they asked, so nothing is ever out of date.
    """

    def __init__(self, tickets: TicketStore) -> None:
        self._tickets = tickets
        self._next: dict[str, asyncio.Task[Ticket | None]] = {}
        self._pens: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def at(self, ticket_id: str) -> Ticket | None:
        """The ticket as it is now, or None."""
        look = self._next.get(ticket_id)
        if look is None:
            look = self._next[ticket_id] = asyncio.create_task(self._look(ticket_id))
        return await asyncio.shield(look)  # who goes away takes nobody's look along

    async def _look(self, ticket_id: str) -> Ticket | None:
        async with self._pens.setdefault(ticket_id, asyncio.Lock()):
            del self._next[ticket_id]
            return await self._tickets.get(ticket_id)


class Turnstile:
    """Lets buyers of one ticket start one after the other, as long as it is to be had."""

    def __init__(self, *, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._turns: dict[str, list[_Turn]] = {}

    @asynccontextmanager
    async def turn(
        self, ticket_id: str, order_id: str, look: Callable[[], Awaitable[Ticket]]
    ) -> AsyncIterator[Ticket]:
        """The ticket as last seen, when it is this order's turn to start.

        ``look`` raises when the order cannot have the ticket; it is asked again after each start
        that was waited for. A repeat of a start that is under way joins it. When nobody answers a
        start, nobody answers those who wait for it either: ``NobodyAnsweredError``.
        """
        ticket = await look()
        while ahead := self._ahead(ticket_id, order_id):
            over, _ = await asyncio.wait(ahead, return_when=asyncio.FIRST_COMPLETED)
            if not all(turn.result() for turn in over):
                raise NobodyAnsweredError
            ticket = await look()
        turn = _Turn(order_id, asyncio.get_running_loop().create_future())
        turns = self._turns.setdefault(ticket_id, [])
        turns.append(turn)
        answered = True
        try:
            yield ticket
        except NobodyAnsweredError:
            answered = False
            raise
        finally:
            turn.over.set_result(answered)
            turns.remove(turn)
            if not turns:
                del self._turns[ticket_id]

    def _ahead(self, ticket_id: str, order_id: str) -> list[asyncio.Future[bool]]:
        """The starts to wait for."""
        turns = self._turns.get(ticket_id, [])
        others = {turn.order_id for turn in turns}
        if order_id in others or len(others) < self._at_once:
            return []
        return [turn.over for turn in turns]
