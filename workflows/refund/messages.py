"""What enters and leaves a refund."""

from datetime import datetime
from enum import StrEnum

from workflows.messages import Message


class StartRefund(Message):
    """Refund this order in full."""

    order_id: str
    ticket_id: str


class RefundStatus(StrEnum):
    """How a refund stands; a person can see each of them."""

    REQUESTED = "requested"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class BeginOutcome(StrEnum):
    """The answer to the click on "Refund"."""

    BEGUN = "begun"
    REFUSED = "refused"


class Begun(Message):
    """The answer of the ``begin`` update."""

    outcome: BeginOutcome


class RefundOutcome(Message):
    """How a refund ended; None: the order could not be refunded."""

    order_id: str
    status: RefundStatus | None
    ended_at: datetime
