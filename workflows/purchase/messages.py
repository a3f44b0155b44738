"""What enters and leaves a purchase."""

from datetime import datetime, timedelta
from enum import StrEnum

from workflows.messages import Message, Steering


class PurchaseStatus(StrEnum):
    """How a purchase stands; the last four are final."""

    CREATED = "created"
    AWAITING_PAYMENT = "awaiting_payment"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    UNAVAILABLE = "unavailable"
    ABANDONED = "abandoned"


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
    """Ask for the end of a purchase."""

    reason: CancelReason = CancelReason.BUYER
    actor: str | None = None
    why: str | None = None


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


class Extended(Message):
    """The answer of the ``extend`` update."""

    expires_at: datetime


class WaitingFor(StrEnum):
    """What has to happen next."""

    ADDRESS = "address"
    PAYMENT = "payment"
    STRIPE = "stripe"
    NOTHING = "nothing"


class PurchaseState(Message):
    """The answer of the ``state`` query."""

    status: PurchaseStatus
    deadline: datetime | None = None
    amount: int = 0
    payment_intent_id: str | None = None
    authorized_at: datetime | None = None
    last_decline: str | None = None
    cancel_reason: CancelReason | None = None
    waiting_for: WaitingFor = WaitingFor.NOTHING


class PaymentAuthorized(Message):
    """Stripe holds the money. Early, late and repeated deliveries are fine."""

    payment_intent_id: str
    authorized_at: datetime


class PaymentDeclined(Message):
    """The bank said no to one attempt; the buyer may try again until the deadline."""

    attempt_id: str
    """The failed charge, so that one refusal heard twice counts once."""
    code: str


class PurchaseOutcome(Message):
    """How a purchase ended."""

    order_id: str
    status: PurchaseStatus
    cancel_reason: CancelReason | None = None
