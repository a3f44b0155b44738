"""What enters and leaves a refund."""

from datetime import datetime
from enum import StrEnum

from workflows.messages import Message


class StartRefund(Message):
    """Refund this order in full."""

    order_id: str
    ticket_id: str
    actor: str | None = None
    why: str | None = None
    adopt: str | None = None
    """A refund made outside, to take over instead of making one."""


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
    DISPUTED = "disputed"


class Begun(Message):
    """The answer of the ``begin`` update."""

    outcome: BeginOutcome


class RefundState(Message):
    """The answer of the ``state`` query."""

    status: RefundStatus
    failure: str | None = None
    attempt: int = 1
    waits_for_person: bool = False


class RefundOutcome(Message):
    """How a refund ended; None: the order could not be refunded."""

    order_id: str
    status: RefundStatus | None
    ended_at: datetime
