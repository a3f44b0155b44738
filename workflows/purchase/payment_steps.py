"""What a purchase asks of Stripe. The workflow sees these declarations, never their code."""

from abc import ABC, abstractmethod
from datetime import datetime
from enum import StrEnum

from temporalio import activity

from workflows.messages import Message, OutsideRequest


class OpenPayment(OutsideRequest):
    """Make the order's PaymentIntent, of exactly this amount: one per order."""

    order_id: str
    amount: int
    currency: str
    opened_after: datetime
    """No PaymentIntent of this order is older than that: where a look begins."""


class ChangePayment(OutsideRequest):
    """Ask another amount of an open PaymentIntent."""

    order_id: str
    payment_intent_id: str
    amount: int
    revision: int
    """Which change this is, from 1: part of the idempotency key."""


class OpenedPayment(Message):
    """The PaymentIntent and the amount that it now asks."""

    payment_intent_id: str
    amount: int


class LookAtPayment(Message):
    """How does this PaymentIntent stand?"""

    payment_intent_id: str


class PaymentStanding(StrEnum):
    """What a PaymentIntent means to a purchase."""

    UNPAID = "unpaid"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    CANCELED = "canceled"


class PaymentSeen(Message):
    """What Stripe says."""

    standing: PaymentStanding
    authorized_at: datetime | None = None
    declined_attempt_id: str | None = None
    declined_code: str | None = None


class CapturePayment(OutsideRequest):
    """Take the money that is held."""

    order_id: str
    payment_intent_id: str
    amount: int


class ClosePayment(OutsideRequest):
    """Make sure that nobody can pay any more."""

    order_id: str
    payment_intent_id: str
    keep_if_authorized_by: datetime | None
    """Money held by then is kept for capture. None: void whatever is held."""


class ReturnPayment(OutsideRequest):
    """Give captured money back because the ticket cannot be given."""

    order_id: str
    payment_intent_id: str


class PaymentSteps(ABC):
    """The payment service and Stripe, seen from a purchase.

    Every step may be repeated: its effect on Stripe carries the key
    ``te:{env}:{order}:{operation}:{n}``. Each raises ``PaymentRefused`` for a refusal that will not
    change and ``AnswerStored`` when its key only repeats a server error.
    """

    @activity.defn
    @abstractmethod
    async def open_payment(self, request: OpenPayment) -> OpenedPayment:
        """Create the order's PaymentIntent and store its client secret."""

    @activity.defn
    @abstractmethod
    async def change_payment(self, request: ChangePayment) -> OpenedPayment:
        """Change its amount; already paid or over: unchanged, and the amount that stands."""

    @activity.defn
    @abstractmethod
    async def look_at_payment(self, request: LookAtPayment) -> PaymentSeen:
        """Read it, and change nothing."""

    @activity.defn
    @abstractmethod
    async def capture_payment(self, request: CapturePayment) -> None:
        """Capture exactly this amount; captured already is fine."""

    @activity.defn
    @abstractmethod
    async def close_payment(self, request: ClosePayment) -> PaymentSeen:
        """Cancel it, unless its money is to be kept; the answer is never ``unpaid``."""

    @activity.defn
    @abstractmethod
    async def return_payment(self, request: ReturnPayment) -> None:
        """Refund all of it; refunded already is fine."""
