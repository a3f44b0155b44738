"""What enters and leaves a refund."""

from datetime import datetime
from enum import StrEnum

from workflows.messages import Message


class StartRefund(Message):
    """Refund this order in full."""

    order_id: str
    ticket_id: str
    actor: str | None = None
    """The operator who asks for it, if it is not the buyer."""
    why: str | None = None
    """What that operator says."""
    adopt: str | None = None
    """The id of a refund that was made at Stripe without us: follow it and make none."""


class RefundStatus(StrEnum):
    """How a refund stands; a person can see each of them."""

    REQUESTED = "requested"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SETTLED = "settled"
    """A person said that the money went back by other means than Stripe."""


class BeginOutcome(StrEnum):
    """The answer to the click on "Refund"."""

    BEGUN = "begun"
    REFUSED = "refused"
    DISPUTED = "disputed"
    """The buyer's bank has been asked for the money: it must not go back twice."""


class Begun(Message):
    """The answer of the ``begin`` update."""

    outcome: BeginOutcome


class RefundState(Message):
    """The answer of the ``state`` query; None: the order has not been claimed, or could not be."""

    status: RefundStatus | None
    failure: str | None = None
    """Stripe's reason code, or our own word for why there is no refund."""
    attempt: int = 1
    """How often it has been tried for this order, a person's tries included."""
    waits_for_person: bool = False


class RefundOutcome(Message):
    """How a refund ended; None: the order could not be refunded."""

    order_id: str
    status: RefundStatus | None
    ended_at: datetime
