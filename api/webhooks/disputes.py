"""What disputes mean to an order: its buyer's bank wants the money back."""

from typing import Final

import stripe
import structlog

from api.webhooks.handler import Handler
from services.clock import now
from services.money import Money
from services.orders.documents import HARMLESS_DISPUTES, Dispute, Order
from services.orders.store import OrderStore
from services.payments.stripe import id_of, moment

log = structlog.get_logger("api.webhooks")

NEWS: Final = ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")


class DisputeNews:
    """Shows in the order what Stripe says of its dispute now, whatever the event said."""

    def __init__(self, client: stripe.StripeClient, *, orders: OrderStore) -> None:
        self._stripe = client
        self._orders = orders

    def handlers(self) -> dict[str, Handler]:
        """By the type of the event."""
        return {f"charge.dispute.{news}": self._moved for news in NEWS}

    async def _moved(self, dispute_id: str) -> str:
        dispute = await self._stripe.v1.disputes.retrieve_async(dispute_id)
        payment_intent_id = id_of(dispute.payment_intent)
        order = await self._orders.of_payment(payment_intent_id) if payment_intent_id else None
        if order is None or payment_intent_id is None:
            return "not ours"
        shown = await self._show(order, dispute, payment_intent_id)
        log.warning("payment_disputed", order_id=order.id, dispute_id=shown.id, status=shown.status)
        return f"dispute {shown.status}"

    async def _show(
        self, order: Order, heard_of: stripe.Dispute, payment_intent_id: str
    ) -> Dispute:
        """Write what Stripe says until it says what was written.

        Of two events that are handled at once the slower one may have looked first. So each looks
        again after it wrote, and whoever wrote last wrote what is so.
        """
        shown: Dispute | None = None
        while True:
            found = await self._stripe.v1.disputes.list_async(
                {"payment_intent": payment_intent_id, "limit": 100}
            )
            now_so = _seen(_that_counts(found.data or [heard_of]))
            if shown and (shown.id, shown.status) == (now_so.id, now_so.status):
                return shown
            shown = now_so
            await self._orders.note_dispute(order.id, shown, at=now())


def _that_counts(disputes: list[stripe.Dispute]) -> stripe.Dispute:
    """The one that is in the way of a refund, else the newest."""
    bad = [dispute for dispute in disputes if dispute.status not in HARMLESS_DISPUTES]
    return (bad or disputes)[0]


def _seen(dispute: stripe.Dispute) -> Dispute:
    return Dispute(
        id=dispute.id,
        status=dispute.status,
        reason=dispute.reason,
        amount=Money(amount=dispute.amount, currency=dispute.currency.upper()),
        opened_at=moment(dispute.created),
    )
