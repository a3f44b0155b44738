"""What a refund asks of the world."""

from abc import ABC, abstractmethod
from datetime import datetime

from temporalio import activity

from workflows.messages import Message, OutsideRequest
from workflows.refund.messages import RefundStatus


class BeginRefund(Message):
    """Turn a complete order into one that is being refunded."""

    order_id: str
    at: datetime


class RefundDue(Message):
    """What to give back, in minor units. Amount 0: nothing, the order is not complete."""

    amount: int = 0
    payment_intent_id: str = ""


class NoteRefund(Message):
    """How the refund stands, for the buyer to see."""

    order_id: str
    status: RefundStatus
    failure: str | None = None
    at: datetime


class RefundOrderSteps(ABC):
    """The order service, seen from a refund. Every step is safe to repeat."""

    @activity.defn
    @abstractmethod
    async def begin_refund(self, request: BeginRefund) -> RefundDue:
        """Compare-and-set ``complete`` to ``refunding``."""

    @activity.defn
    @abstractmethod
    async def note_refund(self, request: NoteRefund) -> None:
        """Show the state; ``succeeded`` makes the order ``refunded`` and frees its ticket."""


class RefundPayment(OutsideRequest):
    """Give back all that was captured."""

    order_id: str
    payment_intent_id: str
    amount: int


class LookAtRefund(OutsideRequest):
    """How does this refund stand?"""

    refund_id: str


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
        """Refund once per order: looks for an earlier refund before a later attempt."""

    @activity.defn
    @abstractmethod
    async def look_at_refund(self, request: LookAtRefund) -> RefundSeen:
        """Read it, and change nothing."""
