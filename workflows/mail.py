"""The mails of an order, as a workflow sees them."""

from abc import ABC, abstractmethod
from enum import StrEnum

from temporalio import activity, workflow
from temporalio.exceptions import ActivityError

from workflows.messages import Message
from workflows.policies import MAIL_PATIENT, PROMPT_STEP


class MailReason(StrEnum):
    """Why people hear from us. Each reason decides who is written to."""

    CONFIRMED = "confirmed"
    EXPIRED = "expired"
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


async def send_mail(order_id: str, reason: MailReason) -> None:
    """Write to the people concerned, promptly or within 23 hours, and go on in any case."""
    request = SendMail(order_id=order_id, reason=reason)
    for policy in (PROMPT_STEP, MAIL_PATIENT):
        try:
            await workflow.execute_activity_method(MailSteps.send_mail, request, **policy)
        except ActivityError as error:
            workflow.logger.warning(
                "mail not sent", extra={"order_id": order_id, "why": str(error.cause)}
            )
        else:
            return
