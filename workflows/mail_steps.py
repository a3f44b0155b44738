"""The mails of an order, as a workflow sees them."""

from abc import ABC, abstractmethod
from enum import StrEnum

from temporalio import activity

from workflows.messages import Message


class MailReason(StrEnum):
    """Why people hear from us. Each reason decides who is written to."""

    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    CALLED_OFF = "called_off"
    PAYMENT_FAILED = "payment_failed"
    REFUNDED = "refunded"


class SendMail(Message):
    """Write to everybody whom this concerns."""

    order_id: str
    reason: MailReason


class MailSteps(ABC):
    """The post office."""

    @activity.defn
    @abstractmethod
    async def send_mail(self, request: SendMail) -> None:
        """Send what has not been sent yet; a repeat within 24 hours sends nothing twice."""

    @activity.defn
    @abstractmethod
    async def report_unsent(self, request: SendMail) -> None:
        """Tell people on duty that nobody will try any more. Repeating is safe."""
