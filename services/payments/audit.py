"""What checks ask of the payments database, in pages. Nothing here writes."""

from collections.abc import Collection
from datetime import datetime

from services.pages import after, unhurried
from services.payments.documents import InboxEvent, InboxStatus, Payment


class PaymentAudit:
    """Events and payments that somebody should look at."""

    @unhurried
    async def unhandled(self, *, before: datetime, place: str, limit: int) -> list[InboxEvent]:
        """Events that came before then and have not had their effect, oldest first."""
        wanted = {
            "status": InboxStatus.RECEIVED,
            "received_at": {"$lt": before},
            **after("received_at", place),
        }
        return await InboxEvent.find(wanted).sort("received_at", "_id").limit(limit).to_list()

    @unhurried
    async def events(self, event_ids: Collection[str]) -> dict[str, InboxEvent]:
        """Those of these events that have not had their effect yet."""
        wanted = {"_id": {"$in": list(event_ids)}, "status": InboxStatus.RECEIVED}
        return {event.id: event async for event in InboxEvent.find(wanted)}

    @unhurried
    async def of_intents(self, payment_intent_ids: Collection[str]) -> dict[str, Payment]:
        """The payments that were opened with these PaymentIntents, by PaymentIntent."""
        wanted = {"payment_intent_id": {"$in": list(payment_intent_ids)}}
        return {each.payment_intent_id: each async for each in Payment.find(wanted)}
