"""What the operations database holds. No personal data: ids, amounts, states and sentences."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.records import Record


class Invariant(StrEnum):
    """What must always be true of orders, tickets and money together."""

    ONE_ORDER_PER_TICKET = "I1"
    """At most one active order per ticket."""
    CAPTURED_MEANS_SOLD = "I2"
    """What was captured is for a ticket that is sold or being refunded."""
    MONEY_MATCHES_SALES = "I3"
    """Captures minus refunds equal what was sold."""
    NOTHING_HELD_TOO_LONG = "I4"
    """Nothing is reserved past its deadline and grace."""
    EVERY_EVENT_HANDLED = "I5"
    """Every row of the webhook inbox has had its effect."""
    EVERY_HOLD_HAS_A_WORKFLOW = "I6"
    """Every uncaptured authorisation has an open workflow."""


class Trouble(StrEnum):
    """What else needs a person although no invariant is broken."""

    REFUND_FAILED = "refund_failed"
    ORPHAN_PAYMENT = "orphan_payment"
    MAIL_GIVEN_UP = "mail_given_up"
    DISPUTE = "dispute"


class Finding(Record):
    """One thing that is not as it should be; its id is ``{kind}:{subject}``, so it is found once.

    ``kind`` is an ``Invariant`` or a ``Trouble``; ``subject`` is what it is about: an order, a
    ticket, a PaymentIntent or an event.
    """

    kind: str
    subject: str
    detail: str
    """A sentence for a person."""
    order_id: str | None = None
    ticket_id: str | None = None
    payment_intent_id: str | None = None
    found_at: datetime
    seen_at: datetime
    """When a check found it last."""
    times_seen: int = 1
    closed_at: datetime | None = None
    closed_because: str | None = None
    """``healed`` (we put it right), ``gone`` (a later check did not find it) or ``dismissed``."""
    closed_by: str | None = None
    """The operator who dismissed it."""
    why: str | None = None
    """What that operator said."""

    class Settings:
        """Collection and indexes. What is closed is kept for half a year."""

        name = "findings"
        indexes: ClassVar = [
            IndexModel(
                [("closed_at", ASCENDING), ("found_at", ASCENDING), ("_id", ASCENDING)],
                name="board_by_age",
            ),
            IndexModel([("order_id", ASCENDING)], name="findings_of_an_order"),
            IndexModel(
                [("closed_at", ASCENDING)],
                name="forget_findings",
                expireAfterSeconds=180 * 24 * 3600,
                partialFilterExpression={"closed_at": {"$type": "date"}},
            ),
        ]


class CheckRun(Record):
    """One reconciliation; the id is its workflow run's."""

    began_at: datetime
    ended_at: datetime | None = None
    orders_checked: int = 0
    healed: int = 0
    found: int = 0

    class Settings:
        """Collection and indexes. A month of runs is kept."""

        name = "check_runs"
        indexes: ClassVar = [
            IndexModel(
                [("began_at", DESCENDING)], name="forget_runs", expireAfterSeconds=30 * 24 * 3600
            ),
        ]


DOCUMENTS: list[type[Record]] = [Finding, CheckRun]
