"""What refunds at Stripe mean to an order, whether we made them or somebody in the dashboard."""

import stripe
import structlog
from stripe import Refund

from api.webhooks.handler import Handler
from services.clock import now
from services.orders.documents import Order, OrderStatus
from services.orders.store import OrderStore
from services.payments.stripe import REFUND_LOST, id_of, refund_of_all, said
from temporal.calls import TooLateError
from temporal.purchases import Purchases

log = structlog.get_logger("api.webhooks")

MOST = 100
"""Refunds of one payment that are looked at: all that Stripe lists at once."""


class RefundNews:
    """Looks at all refunds of a payment, and decides by the order that it paid for."""

    def __init__(
        self, client: stripe.StripeClient, *, orders: OrderStore, purchases: Purchases
    ) -> None:
        self._stripe = client
        self._orders = orders
        self._purchases = purchases

    def handlers(self) -> dict[str, Handler]:
        """By the type of the event."""
        return {
            "refund.created": self._refund_moved,
            "refund.updated": self._refund_moved,
            "refund.failed": self._refund_moved,
            "charge.refunded": self._charge_refunded,
        }

    async def _refund_moved(self, refund_id: str) -> str:
        refund = await self._stripe.v1.refunds.retrieve_async(refund_id)
        return await self._money_moved(id_of(refund.payment_intent))

    async def _charge_refunded(self, charge_id: str) -> str:
        charge = await self._stripe.v1.charges.retrieve_async(charge_id)
        return await self._money_moved(id_of(charge.payment_intent))

    async def _money_moved(self, payment_intent_id: str | None) -> str:
        """Who made a refund is of no account; nor is metadata, which the dashboard leaves out."""
        order = await self._orders.of_payment(payment_intent_id) if payment_intent_id else None
        if order is None or payment_intent_id is None:
            return "not ours"
        found = await self._stripe.v1.refunds.list_async(
            {"payment_intent": payment_intent_id, "limit": MOST}
        )
        match order.status:
            case OrderStatus.COMPLETE:
                return await self._of_a_sale(order, found.data)
            case OrderStatus.REFUNDING:
                return await self._under_way(order, found.data)
            case OrderStatus.REFUNDED:
                return await self._of_what_was_refunded(order, found.data)
            case _:
                return "nothing to do"

    async def _of_a_sale(self, order: Order, refunds: list[Refund]) -> str:
        """Somebody refunded it at Stripe: all of it ends the sale, a part is only noted."""
        if whole := _of_all(order, refunds):
            return await self._adopt(order, whole)
        for refund in refunds:
            await self._orders.note_partial_refund(
                order.id, refund_id=refund.id, lost=refund.status in REFUND_LOST, at=now()
            )
        return "refunded in part" if refunds else "nothing to do"

    async def _under_way(self, order: Order, refunds: list[Refund]) -> str:
        if order.refund is None or order.refund.status == "requested":
            # Its workflow has the answer of Stripe itself at this moment.
            return "known"
        try:
            await self._purchases.refund_settled(order.id)
        except TooLateError:
            # Its workflow has ended, as those of older code did when a refund failed.
            whole = _of_all(order, refunds)
            return await self._adopt(order, whole) if whole else "refund is over"
        return "refund moved"

    async def _of_what_was_refunded(self, order: Order, refunds: list[Refund]) -> str:
        """A bank may send the money back days later; then somebody may refund it once more."""
        stands = order.refund.status if order.refund else None
        whole, lost = _of_all(order, refunds), _lost(order, refunds)
        if whole and stands == "failed":
            return await self._adopt(order, whole)
        if whole or lost is None or stands != "succeeded":
            return "known"
        log.warning("refund_lost", order_id=order.id, refund_id=lost.id)
        await self._orders.lose_refund(
            order.id, refund_id=lost.id, failure=said(lost, "failure_reason"), at=now()
        )
        return "refund lost"

    async def _adopt(self, order: Order, refund: Refund) -> str:
        try:
            await self._purchases.refund(order.id, order.ticket_id, adopt=refund.id)
        except TooLateError:
            return "refund is over"
        return "refund adopted"


def _of_all(order: Order, refunds: list[Refund]) -> Refund | None:
    return refund_of_all(refunds, order.total.amount) if order.total else None


def _lost(order: Order, refunds: list[Refund]) -> Refund | None:
    """The refund that came to nothing: the order's own, or the newest."""
    lost = [refund for refund in refunds if refund.status in REFUND_LOST]
    own = [refund for refund in lost if order.refund and refund.id == order.refund.id]
    return next(iter(own + lost), None)
