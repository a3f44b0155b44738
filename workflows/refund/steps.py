"""What a refund asks of the world."""

from abc import ABC, abstractmethod
from datetime import datetime

from temporalio import activity

from workflows.messages import Message, OutsideRequest
from workflows.refund.messages import RefundStatus


class BeginRefund(Message):
    """Turn a complete order, or one whose refund failed, into one that is being refunded."""

    order_id: str
    at: datetime
    actor: str | None = None
    why: str | None = None
    adopt: str | None = None
    """A refund that exists already. No dispute is in its way: the money has gone back."""


class RefundDue(Message):
    """What to give back, in minor units. Amount 0: nothing, the order is not complete."""

    amount: int = 0
    payment_intent_id: str = ""
    turn: int = 1
    """How many times this order has been claimed for a refund, this one included."""
    disputed: bool = False
    """Nothing is due because of an open or lost dispute."""


class NoteRefund(Message):
    """How the refund stands, for the buyer to see."""

    order_id: str
    status: RefundStatus
    failure: str | None = None
    refund_id: str = ""
    """At Stripe; empty when there is none."""
    turn: int = 1
    at: datetime
    actor: str | None = None
    why: str | None = None


class RefundOrderSteps(ABC):
    """The order service, seen from a refund. Every step is safe to repeat."""

    @activity.defn
    @abstractmethod
    async def begin_refund(self, request: BeginRefund) -> RefundDue:
        """Compare-and-set to ``refunding``, from ``complete`` or after a refund that failed."""

    @activity.defn
    @abstractmethod
    async def note_refund(self, request: NoteRefund) -> None:
        """Show the state; ``succeeded`` and ``settled`` make the order ``refunded``."""


class RefundPayment(OutsideRequest):
    """Give back all that was captured."""

    order_id: str
    payment_intent_id: str
    amount: int
    turn: int = 1
    """A later turn has keys of its own, and looks for an earlier refund first."""


class LookAtRefund(OutsideRequest):
    """How does this refund stand? If it came to nothing: has another given the money back?"""

    refund_id: str
    payment_intent_id: str = ""
    amount: int = 0


class RefundSeen(Message):
    """What Stripe says."""

    refund_id: str
    status: RefundStatus
    failure: str | None = None
    """Stripe's reason code when it failed."""


class RefundPaymentSteps(ABC):
    """Stripe, seen from a refund."""

    @activity.defn
    @abstractmethod
    async def refund_payment(self, request: RefundPayment) -> RefundSeen:
        """Refund once per turn: looks for an earlier refund before a later attempt or turn."""

    @activity.defn
    @abstractmethod
    async def look_at_refund(self, request: LookAtRefund) -> RefundSeen:
        """Read it, and change nothing."""
