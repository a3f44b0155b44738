"""The order steps of a purchase and of a refund, done by compare-and-set in the orders database."""

import asyncio
from datetime import datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from services.metrics import Funnel, Outcome
from services.orders.documents import PAID, Billing, Line, Order, TicketSnapshot, TimelineEntry
from services.orders.refunds import RefundsFrozenError
from services.orders.store import Opening, OrderStore
from services.orders.taxes import order_lines, total_of
from services.tickets.store import TicketStore
from workflows.purchase.messages import CancelReason
from workflows.purchase.steps import (
    AbandonOrder,
    BillingInForce,
    BillShown,
    CancelOrder,
    CompleteOrder,
    LookAtBill,
    LookAtDeadline,
    LookAtSale,
    NoteDecline,
    NoteExtension,
    NotePayment,
    NoteRetry,
    OpenOrder,
    OrderSteps,
    Price,
    PriceOrder,
)
from workflows.refund.messages import RefundStatus
from workflows.refund.steps import BeginRefund, NoteRefund, RefundDue, RefundOrderSteps


class OrderActivities(OrderSteps, RefundOrderSteps):
    """What a purchase and a refund ask of the order service."""

    def __init__(self, orders: OrderStore, tickets: TicketStore, funnel: Funnel) -> None:
        self._orders = orders
        self._tickets = tickets
        self._funnel = funnel

    @activity.defn
    async def open_order(self, request: OpenOrder) -> bool:
        """Write the order with the ticket as it is; False when the ticket has an active order.

        The ticket is held by this order, so that its title and price cannot change meanwhile.
        """
        ticket = await self._tickets.get(request.ticket_id)
        if ticket is None or ticket.held_by != request.order_id:
            return await self._orders.get(request.order_id) is not None
        opening = await self._orders.open(
            Order(
                id=request.order_id,
                buyer_id=request.buyer_id,
                seller_id=ticket.seller_id,
                ticket_id=ticket.id,
                ticket=TicketSnapshot(
                    id=ticket.id,
                    title=ticket.title,
                    price=ticket.price,
                    venue=ticket.venue,
                    starts_at=ticket.starts_at,
                    seat=ticket.seat,
                    description=ticket.description,
                ),
                expires_at=request.expires_at,
                created_at=request.at,
                timeline=[TimelineEntry(at=request.at, what="reserved")],
            )
        )
        if opening is Opening.NEW:
            self._funnel.count(Outcome.RESERVED)
        return bool(opening)

    @activity.defn
    async def abandon_order(self, request: AbandonOrder) -> bool:
        """Make sure that the order is never opened; False when it has been opened already."""
        return await self._orders.abandon(request.order_id)

    @activity.defn
    async def price_order(self, request: PriceOrder) -> Price:
        """Total for the stored address; pure, nothing is written."""
        _, lines = await self._bill(request.order_id, request.billing_id)
        total = total_of(lines)
        return Price(amount=total.amount, currency=total.currency)

    @activity.defn
    async def put_billing_in_force(self, request: BillingInForce) -> None:
        """Show lines, total and address, and let the buyer pay."""
        billing, lines = await self._bill(request.order_id, request.billing_id)
        await self._orders.put_billing_in_force(
            request.order_id,
            billing=billing,
            lines=lines,
            total=total_of(lines),
            billing_id=request.billing_id,
            payment_intent_id=request.payment_intent_id,
            at=request.at,
        )

    @activity.defn
    async def look_at_bill(self, request: LookAtBill) -> BillShown | None:
        """Read which bill is in force, or None; nothing is written."""
        order = await self._orders.get(request.order_id)
        if order is None or order.total is None or order.payment.payment_intent_id is None:
            return None
        return BillShown(
            payment_intent_id=order.payment.payment_intent_id, amount=order.total.amount
        )

    @activity.defn
    async def note_extension(self, request: NoteExtension) -> None:
        """Show the new deadline; each extension is told once."""
        await self._orders.extend(
            request.order_id,
            until=request.expires_at,
            about=request.about,
            at=request.at,
            actor=request.actor,
            why=request.why,
        )

    @activity.defn
    async def look_at_deadline(self, request: LookAtDeadline) -> datetime | None:
        """Read the deadline that the order shows, in UTC; nothing is written."""
        order = await self._orders.get(request.order_id)
        return order.expires_at if order else None

    @activity.defn
    async def look_at_sale(self, request: LookAtSale) -> bool:
        """Whether the order is complete, or has been and was refunded since."""
        order = await self._orders.get(request.order_id)
        return order is not None and order.status in PAID

    @activity.defn
    async def note_retry(self, request: NoteRetry) -> None:
        """Tell who had Stripe asked again, and why; each time is told once."""
        await self._orders.note_retry(
            request.order_id,
            about=request.about,
            actor=request.actor,
            why=request.why,
            at=request.at,
        )

    @activity.defn
    async def note_decline(self, request: NoteDecline) -> None:
        """Show why the bank refused."""
        await self._orders.note_decline(
            request.order_id, attempt_id=request.attempt_id, code=request.code, at=request.at
        )

    @activity.defn
    async def note_authorization(self, request: NotePayment) -> None:
        """Show that the bank holds the money."""
        await self._orders.note_authorization(request.order_id, at=request.at)

    @activity.defn
    async def complete_order(self, request: CompleteOrder) -> None:
        """The order is complete and paid."""
        if await self._orders.complete(request.order_id, at=request.at):
            self._funnel.count(Outcome.PAID)

    @activity.defn
    async def cancel_order(self, request: CancelOrder) -> None:
        """The order is cancelled and no longer claims the ticket."""
        cancelled = await self._orders.cancel(
            request.order_id,
            reason=request.reason,
            at=request.at,
            actor=request.actor,
            why=request.why,
        )
        if cancelled:
            await self._count_cancelled(request)

    @activity.defn
    async def begin_refund(self, request: BeginRefund) -> RefundDue:
        """Compare-and-set to ``refunding``; what is due if that is how it stands."""
        try:
            order = await self._orders.begin_refund(
                request.order_id,
                at=request.at,
                actor=request.actor,
                why=request.why,
                adopt=request.adopt,
            )
        except RefundsFrozenError:
            return RefundDue(disputed=True)
        if order is None or order.total is None:
            return RefundDue()
        return RefundDue(
            amount=order.total.amount,
            payment_intent_id=order.payment.payment_intent_id or "",
            turn=order.refund.turn if order.refund else 1,
        )

    @activity.defn
    async def note_refund(self, request: NoteRefund) -> None:
        """Show the state; ``succeeded`` and ``settled`` make the order ``refunded``."""
        order_id, at, refund_id = request.order_id, request.at, request.refund_id or None
        this_try = f"try {request.turn}" if request.turn > 1 else None
        match request.status:
            case RefundStatus.SUCCEEDED:
                if await self._orders.finish_refund(order_id, at=at, refund_id=refund_id):
                    self._funnel.count(Outcome.REFUNDED)
            case RefundStatus.SETTLED:
                settled = await self._orders.settle_refund(
                    order_id, at=at, about=this_try, actor=request.actor, why=request.why
                )
                if settled:
                    self._funnel.count(Outcome.REFUNDED)
            case status:
                await self._orders.note_refund(
                    order_id,
                    status=status,
                    failure=request.failure,
                    at=at,
                    refund_id=refund_id,
                    about=refund_id or this_try,
                )

    async def _count_cancelled(self, request: CancelOrder) -> None:
        if request.reason != CancelReason.EXPIRED:
            self._funnel.count(Outcome.CANCELLED)
            return
        order = await self._orders.get(request.order_id)
        if order is not None:
            self._funnel.expired((request.at - order.expires_at).total_seconds())

    async def _bill(self, order_id: str, billing_id: str) -> tuple[Billing, list[Line]]:
        order, billing = await asyncio.gather(
            self._orders.get(order_id), self._orders.billing(billing_id)
        )
        if order is None or billing is None:
            raise ApplicationError("order or address not written yet", type="NotThereYet")
        return billing, order_lines(order.ticket.price, billing.address)
