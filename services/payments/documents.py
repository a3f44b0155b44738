"""What the payments database holds."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel

from services.records import Record


class Card(BaseModel):
    """What may be shown of a card."""

    brand: str
    last4: str


class Payment(Record):
    """The one PaymentIntent of an order; the id is the order's. Amounts in minor units."""

    payment_intent_id: str
    client_secret: str
    amount: int
    currency: str
    card: Card | None = None
    created_at: datetime

    class Settings:
        """Collection and indexes."""

        name = "payments"
        indexes: ClassVar = [
            IndexModel(
                [("payment_intent_id", ASCENDING)], name="one_payment_per_intent", unique=True
            ),
        ]


class InboxStatus(StrEnum):
    """Whether an event has had its effect."""

    RECEIVED = "received"
    HANDLED = "handled"


class InboxEvent(Record):
    """A webhook event, by Stripe's event id: kept so that a repeat has no second effect."""

    type: str
    object_id: str
    status: InboxStatus = InboxStatus.RECEIVED
    outcome: str | None = None
    received_at: datetime
    handled_at: datetime | None = None

    class Settings:
        """Collection and indexes. Stripe repeats for 3 days; a month is kept for people."""

        name = "inbox"
        indexes: ClassVar = [
            IndexModel(
                [("received_at", ASCENDING)],
                name="forget_events",
                expireAfterSeconds=30 * 24 * 3600,
            ),
            IndexModel([("status", ASCENDING), ("received_at", ASCENDING)], name="unhandled"),
            IndexModel([("object_id", ASCENDING)], name="events_about_an_object"),
        ]


class Orphan(Record):
    """Money that came for a closed purchase and what was done with it; the id is the intent's."""

    order_id: str
    settlement: str
    amount: int
    currency: str
    settled_at: datetime

    class Settings:
        """Collection."""

        name = "orphans"


DOCUMENTS: list[type[Record]] = [Payment, InboxEvent, Orphan]
