"""What enters and leaves a purchase."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import Field

from workflows.messages import Message, Steering

LONGEST_EXTENSION: Final = timedelta(hours=1)
"""How far ahead an operator can move a deadline, from the moment of asking."""


class PurchaseStatus(StrEnum):
    """How a purchase stands; the last four are final."""

    CREATED = "created"
    AWAITING_PAYMENT = "awaiting_payment"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    UNAVAILABLE = "unavailable"
    ABANDONED = "abandoned"


OVER: Final = frozenset(
    {
        PurchaseStatus.COMPLETE,
        PurchaseStatus.CANCELLED,
        PurchaseStatus.UNAVAILABLE,
        PurchaseStatus.ABANDONED,
    }
)


class CancelReason(StrEnum):
    """Why an order was cancelled."""

    EXPIRED = "expired"
    BUYER = "buyer"
    OPERATOR = "operator"
    PAYMENT_FAILED = "payment_failed"


class StartPurchase(Message):
    """Begin a purchase."""

    order_id: str
    ticket_id: str
    ticket_version: int
    """The version that the buyer saw; a ticket edited since is not reserved."""
    buyer_id: str
    window: timedelta = timedelta(minutes=15)
    """How long the ticket is held, from the reservation on."""
    extension: timedelta = timedelta(minutes=2)
    """What a hold is extended to, once, when the address comes late. Zero: never."""
    stale_after: timedelta = timedelta(seconds=30)
    """A start that waited longer than this for a worker has no buyer waiting any more."""
    billing_id: str | None = None
    """The stored billing address, when it came with the order."""


class ReserveOutcome(StrEnum):
    """The answer to the click on "Purchase"."""

    RESERVED = "reserved"
    UNAVAILABLE = "unavailable"
    ABANDONED = "abandoned"


class Reservation(Message):
    """The answer of the ``reserve`` update."""

    outcome: ReserveOutcome
    expires_at: datetime | None = None


class BillOrder(Message):
    """Use this stored billing address."""

    billing_id: str


class BillOutcome(StrEnum):
    """The answer to a billing address."""

    BILLED = "billed"
    TOO_LATE = "too_late"
    UNSETTLED = "unsettled"
    """Stripe did not answer promptly; the purchase goes on trying by itself."""
    REFUSED = "refused"
    """Stripe will not take this order."""


class Billed(Message):
    """The answer of the ``bill`` update."""

    outcome: BillOutcome


class CancelPurchase(Message):
    """Ask for the end of a purchase. An operator says who they are and why."""

    reason: CancelReason = CancelReason.BUYER
    actor: str | None = Field(default=None, max_length=64)
    why: str | None = Field(default=None, max_length=200)


class CancelOutcome(StrEnum):
    """The answer to a cancellation."""

    CANCELLED = "cancelled"
    TOO_LATE = "too_late"


class Cancelled(Message):
    """The answer of the ``cancel`` update."""

    outcome: CancelOutcome


class ExtendPurchase(Steering):
    """Give the buyer more time."""

    by: timedelta
    """Added to the deadline as it stands."""


class Extended(Message):
    """The answer of the ``extend`` update."""

    expires_at: datetime
    """The new deadline, in UTC."""


class PaymentAuthorized(Message):
    """Stripe holds the money. Early, late and repeated deliveries are fine."""

    payment_intent_id: str
    authorized_at: datetime


class PaymentDeclined(Message):
    """The bank said no to one attempt; the buyer may try again until the deadline."""

    attempt_id: str
    """The failed charge, so that one refusal heard twice counts once."""
    code: str


class WaitingFor(StrEnum):
    """What has to happen before a purchase goes on."""

    ADDRESS = "address"
    PAYMENT = "payment"
    STRIPE = "stripe"
    """To answer again: it is asked at growing intervals."""
    NOTHING = "nothing"
    """It is at work, or over."""


class PurchaseState(Message):
    """The answer of the ``state`` query."""

    status: PurchaseStatus
    deadline: datetime
    amount: int
    """What the buyer is asked to pay, in minor units; 0 before there is an address."""
    payment_intent_id: str | None = None
    authorized_at: datetime | None = None
    last_decline: str | None = None
    """The bank's code for its last refusal."""
    cancel_reason: CancelReason | None = None
    waiting_for: WaitingFor = WaitingFor.NOTHING


class PurchaseOutcome(Message):
    """How a purchase ended."""

    order_id: str
    status: PurchaseStatus
    cancel_reason: CancelReason | None = None
