"""What is behind the order routes: read from the stores, act through Temporal."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from api.orders.schemas import BillingDraft, OrderDraft, OrderPage, OrderView
from api.orders.turnstile import SharedLooks, Turnstile
from services import logs
from services.auth.documents import User
from services.clock import now
from services.ids import new_id
from services.orders.documents import OPEN, BillingRecord, Order, OrderStatus
from services.orders.holds import HoldStore
from services.orders.requests import RequestStore
from services.orders.store import OrderStore
from services.payments.store import PaymentStore
from services.tickets.documents import Ticket, TicketStatus
from services.tickets.store import TicketNotFoundError, TicketStore
from temporal.calls import TooLateError
from temporal.purchases import (
    PurchaseAbandonedError,
    Purchases,
    TakenBackError,
    TicketUnavailableError,
)

ORDERS: Final = UUID("6f6b3c4e-8f0f-4a53-9f6d-0d8f3a7d6a10")
"""Namespace of the order ids that are minted from an ``Idempotency-Key``."""

FRESH_STARTS: Final = 5
"""How often one click may begin anew after starts that have been given up meanwhile."""


class OrderNotFoundError(LookupError):
    """There is no such order, or it is somebody else's."""


class OwnTicketError(RuntimeError):
    """Nobody buys from themselves."""


class KeyReusedError(ValueError):
    """This ``Idempotency-Key`` came with another request before."""


class TooManyHoldsError(RuntimeError):
    """The buyer holds as many tickets without having paid as one person may."""


class NotCompleteError(RuntimeError):
    """Only a complete order can be refunded, and only once."""


class BrokenOrderCursorError(ValueError):
    """This cursor was not made for a list of orders."""


class OrderDesk:
    """Takes orders and tells how they stand."""

    def __init__(
        self,
        orders: OrderStore,
        payments: PaymentStore,
        tickets: TicketStore,
        purchases: Purchases,
        *,
        requests: RequestStore,
        holds: HoldStore,
        window: timedelta,
        extension: timedelta,
        open_holds: int,
        turnstile: Turnstile | None = None,
    ) -> None:
        self._orders = orders
        self._payments = payments
        self._tickets = SharedLooks(tickets)
        self._turnstile = turnstile or Turnstile()
        self._purchases = purchases
        self._requests = requests
        self._holds = holds
        self._window = window
        self._extension = extension
        self._open_holds = open_holds

    async def buy(self, buyer: User, draft: OrderDraft, key: str | None) -> OrderView:
        """Reserve the ticket; the same key again gives the same order.

        A start that no worker took in time, or that was taken back, is spent: the same key then
        begins anew, under the next id that it mints.
        """
        if key is None:
            return await self._start(new_id(), buyer, draft)
        request_id = _minted(buyer, key, 0)
        fingerprint = hashlib.sha256(draft.model_dump_json().encode()).hexdigest()
        remembered = await self._requests.remember(request_id, fingerprint, now())
        if remembered is None:
            raise KeyReusedError
        spent = remembered.spent
        ids = [_minted(buyer, key, start) for start in range(len(spent) + FRESH_STARTS)]
        left = [order_id for order_id in ids if order_id not in spent]
        if remembered.is_new:
            # In a crowd nearly everybody has a new key and comes too late: no more is read for it.
            await self._look(buyer, draft, held_by=ids)
        order = await self._orders.any_of(left)
        if order is not None:
            return await self._view(order)
        for order_id in left:
            try:
                return await self._start(order_id, buyer, draft, held_by=ids)
            except PurchaseAbandonedError:
                await self._requests.spend(request_id, order_id)
            except TakenBackError:
                await self._requests.spend(request_id, order_id)
                raise
        raise PurchaseAbandonedError

    async def page(self, buyer: User, limit: int, cursor: str | None) -> OrderPage:
        """The buyer's orders, newest first."""
        before = _read_cursor(cursor) if cursor else None
        found = await self._orders.of_buyer(buyer.ids, limit=limit + 1, before=before)
        shown = found[:limit]
        payments = await self._payments.of_orders(order.id for order in shown)
        last = shown[-1] if len(found) > limit else None
        return OrderPage(
            items=[OrderView.of(order, payments.get(order.id)) for order in shown],
            next_cursor=_cursor_after(last) if last else None,
        )

    async def get(self, buyer: User, order_id: str) -> OrderView:
        """One order of this buyer."""
        order, payment = await asyncio.gather(
            self._own(buyer, order_id), self._payments.get(order_id)
        )
        return OrderView.of(order, payment)

    async def bill(self, buyer: User, order_id: str, draft: BillingDraft) -> OrderView:
        """Make the order payable at this address."""
        order = await self._own(buyer, order_id)
        if order.status not in OPEN:
            raise TooLateError
        await self._purchases.bill(order_id, await self._keep(order_id, draft))
        return await self.get(buyer, order_id)

    async def cancel(self, buyer: User, order_id: str) -> OrderView:
        """End the purchase."""
        order = await self._own(buyer, order_id)
        if order.status not in OPEN:
            raise TooLateError
        await self._purchases.cancel(order_id)
        return await self.get(buyer, order_id)

    async def refund(self, buyer: User, order_id: str) -> OrderView:
        """Begin to give the money back."""
        order = await self._own(buyer, order_id)
        if order.status is not OrderStatus.COMPLETE:
            raise NotCompleteError
        try:
            await self._purchases.refund(order_id, order.ticket_id)
        except TooLateError as error:
            raise NotCompleteError from error
        return await self.get(buyer, order_id)

    async def _start(
        self, order_id: str, buyer: User, draft: OrderDraft, held_by: Collection[str] = ()
    ) -> OrderView:
        """A ticket that one of the orders ``held_by`` has is the buyer's already."""

        async def look() -> Ticket:
            return await self._look(buyer, draft, held_by)

        async with (
            self._turnstile.turn(draft.ticket_id, order_id, look) as ticket,
            self._place(buyer.id, order_id),
        ):
            await self._purchases.start(
                order_id=order_id,
                ticket_id=ticket.id,
                ticket_version=ticket.version,
                buyer_id=buyer.id,
                billing_id=await self._keep(order_id, draft.billing) if draft.billing else None,
                window=self._window,
                extension=self._extension,
                summary=_summary(ticket),
            )
        return await self.get(buyer, order_id)

    async def _look(self, buyer: User, draft: OrderDraft, held_by: Collection[str]) -> Ticket:
        """The ticket; raises when the buyer, with one of these orders or anew, cannot have it."""
        ticket = await self._tickets.at(draft.ticket_id)
        if ticket is None or ticket.is_gone:
            raise TicketNotFoundError
        if ticket.seller_id in buyer.ids:
            raise OwnTicketError
        if ticket.status is not TicketStatus.AVAILABLE and ticket.held_by not in held_by:
            raise TicketUnavailableError
        return ticket

    @asynccontextmanager
    async def _place(self, buyer_id: str, order_id: str) -> AsyncIterator[None]:
        """One of the places that the buyer has for tickets not paid yet.

        The order keeps it until it is paid or over. It is given back at once when the start is
        known to hold nothing; after any other failure the order may still be opened.
        """
        if not await self._holds.claim(buyer_id, order_id, places=self._open_holds, at=now()):
            raise TooManyHoldsError
        try:
            yield
        except (TicketUnavailableError, PurchaseAbandonedError, TakenBackError):
            await self._holds.let_go(buyer_id, order_id)
            raise

    async def _keep(self, order_id: str, draft: BillingDraft) -> str:
        """Store an address where the workflow's steps find it; only its id enters history."""
        record = BillingRecord(
            id=new_id(), order_id=order_id, billing=draft.billing(), created_at=now()
        )
        await self._orders.keep_billing(record)
        return record.id

    async def _own(self, buyer: User, order_id: str) -> Order:
        order = await self._orders.get(order_id)
        if order is None or order.buyer_id not in buyer.ids:
            raise OrderNotFoundError
        logs.about(order_id=order.id)
        return order

    async def _view(self, order: Order) -> OrderView:
        return OrderView.of(order, await self._payments.get(order.id))


def _minted(buyer: User, key: str, start: int) -> str:
    """The order id of the so-many-eth start under this key."""
    return str(uuid5(ORDERS, f"{buyer.id}:{start}:{key}"))


def _summary(ticket: Ticket) -> str:
    amount = ticket.price.amount
    return f"{amount // 100:,}.{amount % 100:02d} {ticket.price.currency}, ticket {ticket.id}"


def _cursor_after(order: Order) -> str:
    """Without a plus sign, so that it can be pasted into an address as it is."""
    return f"{order.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}~{order.id}"


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    moment, _, order_id = cursor.partition("~")
    try:
        created_at = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise BrokenOrderCursorError from error
    if not order_id:
        raise BrokenOrderCursorError
    return created_at, order_id
