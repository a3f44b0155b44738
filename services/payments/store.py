"""Every query of the payments database. Repeating any write is safe."""

from collections.abc import Collection, Iterable
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from services.payments.documents import Card, InboxEvent, InboxStatus, Orphan, Payment


class PaymentStore:
    """Payments, the webhook inbox, and orphan payments."""

    async def get(self, order_id: str) -> Payment | None:
        """The payment of an order, or None before there is one."""
        return await Payment.get(order_id)

    async def of_orders(self, order_ids: Iterable[str]) -> dict[str, Payment]:
        """The payments of several orders, by order id."""
        found = await Payment.find({"_id": {"$in": list(order_ids)}}).to_list()
        return {payment.id: payment for payment in found}

    async def open(self, payment: Payment) -> None:
        """Record the PaymentIntent of an order; an order never gets a second one."""
        try:
            await payment.insert()
        except DuplicateKeyError:
            kept = await Payment.get(payment.id)
            if kept is None or kept.payment_intent_id != payment.payment_intent_id:
                raise

    async def set_amount(self, order_id: str, amount: int) -> None:
        """What the PaymentIntent asks for now, in minor units."""
        await Payment.get_pymongo_collection().update_one(
            {"_id": order_id}, {"$set": {"amount": amount}}
        )

    async def show_card(self, order_id: str, card: Card) -> None:
        """What the buyer paid with."""
        await Payment.get_pymongo_collection().update_one(
            {"_id": order_id}, {"$set": {"card": card.model_dump()}}
        )

    async def forget_cards(self, order_ids: Collection[str]) -> None:
        """Show no longer what these orders were paid with. Repeating is safe."""
        await Payment.get_pymongo_collection().update_many(
            {"_id": {"$in": list(order_ids)}}, {"$set": {"card": None}}
        )

    async def receive(self, event: InboxEvent) -> InboxEvent:
        """Put an event into the inbox; the answer is what lies there, this one or an earlier."""
        try:
            await event.insert()
        except DuplicateKeyError:
            return await InboxEvent.get(event.id) or event
        return event

    async def mark_handled(self, event_id: str, *, outcome: str, at: datetime) -> None:
        """The event has had its effect."""
        await InboxEvent.get_pymongo_collection().update_one(
            {"_id": event_id},
            {"$set": {"status": InboxStatus.HANDLED, "outcome": outcome, "handled_at": at}},
        )

    async def events_about(self, object_ids: Collection[str]) -> list[InboxEvent]:
        """What the inbox holds about these objects at Stripe."""
        return await InboxEvent.find({"object_id": {"$in": list(object_ids)}}).to_list()

    async def orphan(self, payment_intent_id: str) -> Orphan | None:
        """What was done with the money of a PaymentIntent that no purchase waited for."""
        return await Orphan.get(payment_intent_id)

    async def record_orphan(self, orphan: Orphan) -> None:
        """Write down what was done; the first record of a PaymentIntent stays."""
        await Orphan.get_pymongo_collection().update_one(
            {"_id": orphan.id},
            {"$setOnInsert": orphan.model_dump(exclude={"id"})},
            upsert=True,
        )
