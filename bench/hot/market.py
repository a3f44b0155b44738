"""The people, the tickets that are gone already, and who sends them."""

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from bench.engine import shopping
from bench.engine.stack import Stack
from bench.hot import crowd, raw
from bench.hot.errands import Buyer, Errand, How
from bench.hot.process import Done, send
from workflows.purchase.address import purchase_workflow_id

CROWD: Final = crowd.prepared.__module__
RAW: Final = raw.prepared.__module__
SETTLE_SECONDS: Final = 1.0
"""Temporal's search is a little behind."""


@dataclass(frozen=True)
class Extent:
    """How much is tried."""

    buyers: int
    hands: int
    """Of those who saturate, through the API and without it."""
    paces: tuple[int, ...]
    """Tries a second."""
    seconds: float
    """Of one pace, and of one saturation."""


@dataclass(frozen=True)
class Rush:
    """What came of one ticket that all wanted at the same instant."""

    done: Done
    workflows: int
    """That were started on it."""
    orders: int
    """That have it now."""


@dataclass
class Market:
    """Signed-in buyers, each from an address of their own, before one ticket at a time."""

    stack: Stack
    extent: Extent
    buyers: list[Buyer] = field(default_factory=list)
    left_open: int = 0
    """Orders that their winners leave unpaid."""

    async def open(self, rushes: int) -> None:
        """Sign everybody in, without a password; and have a ticket for each rush."""
        await self.stack.stock.lay_in(self.extent.buyers + rushes + 3)
        self.buyers = [
            Buyer(token=self.stack.stock.take().token, address=_address(number))
            for number in range(self.extent.buyers)
        ]

    async def held(self) -> str:
        """A ticket that is reserved, and stays so."""
        pair = self.stack.stock.take()
        answer = await self.stack.http.post(
            f"{self.stack.system.api}/api/orders",
            json={"ticket_id": pair.ticket_id},
            headers={"Cookie": f"session={pair.token}"},
        )
        answer.raise_for_status()
        self.left_open += 1
        return pair.ticket_id

    async def sold(self) -> str:
        """A ticket that is paid."""
        pair = self.stack.stock.take()
        order = await shopping.post_order(self.stack, pair)
        await shopping.confirm(self.stack, order)
        handle = self.stack.client.get_workflow_handle(purchase_workflow_id(order["id"]))
        await handle.result()
        return pair.ticket_id

    async def rush(self) -> Rush:
        """Everybody wants the next ticket at the same instant."""
        ticket_id = self.stack.stock.take().ticket_id
        done = await self._by_api(How.AT_ONCE, ticket_id)
        self.left_open += 1
        await asyncio.sleep(SETTLE_SECONDS)
        started = await self.stack.client.count_workflows(f"TicketId = '{ticket_id}'")
        orders = self.stack.databases.orders["orders"]
        mine = await orders.count_documents({"ticket_id": ticket_id, "active": True})
        return Rush(done, started.count, mine)

    async def at_pace(self, ticket_id: str, per_second: float) -> Done:
        """One after the other at their planned times."""
        return await self._by_api(How.PACED, ticket_id, per_second)

    async def at_the_door(self, ticket_id: str) -> Done:
        """As many tries through the API as fit."""
        return await self._by_api(How.SATURATING, ticket_id)

    async def with_keys(self, ticket_id: str) -> Done:
        """The same, each with a key of its own."""
        return await self._by_api(How.SATURATING, ticket_id, with_keys=True)

    async def by_hand(self, ticket_id: str) -> Done:
        """As many as fit of the compare-and-set alone."""
        errand = Errand(
            how=How.SATURATING,
            where=self.stack.system.mongodb,
            ticket_id=ticket_id,
            hands=self.extent.hands,
            seconds=self.extent.seconds,
        )
        return await send(RAW, errand, self.stack.pids)

    async def _by_api(
        self, how: How, ticket_id: str, per_second: float = 1, *, with_keys: bool = False
    ) -> Done:
        errand = Errand(
            how=how,
            where=self.stack.system.api,
            ticket_id=ticket_id,
            buyers=self.buyers,
            with_keys=with_keys,
            hands=self.extent.hands,
            per_second=per_second,
            seconds=self.extent.seconds,
        )
        return await send(CROWD, errand, self.stack.pids)


def refused(done: Done) -> list[float]:
    """How long those waited who were told that the ticket is gone, in milliseconds."""
    return done.outcome.waits(HTTPStatus.CONFLICT)


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
