"""How a workflow writes to people: without ever being held up by it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from workflows.mail_steps import MailReason, MailSteps, SendMail
    from workflows.messages import Message
    from workflows.policies import DATABASE_STEP, MAIL_PATIENT, PROMPT_STEP, called

Request = TypeVar("Request", bound=Message)


async def send_mail(order_id: str, reason: MailReason) -> None:
    """Write to the people concerned, promptly or within 23 hours, and go on in any case.

    Mail that is given up leaves a trace where people on duty see it.
    """
    mail = SendMail(order_id=order_id, reason=reason)
    summary = f"Mail: {reason.replace('_', ' ')}"
    if not await deliver(MailSteps.send_mail, mail, patient=MAIL_PATIENT, summary=summary):
        await workflow.execute_local_activity_method(
            MailSteps.report_unsent,
            mail,
            **called(DATABASE_STEP, "Tell people on duty of unsent mail"),
        )


async def deliver(
    step: Callable[[Any, Request], Awaitable[None]],
    request: Request,
    *,
    patient: ActivityConfig,
    summary: str | None = None,
) -> bool:
    """Post something promptly, or else patiently; False when that was to no avail."""
    for policy in (PROMPT_STEP, patient):
        try:
            await workflow.execute_activity_method(step, request, **called(policy, summary))
        except ActivityError as error:
            workflow.logger.warning(
                "mail not sent", extra={**request.model_dump(mode="json"), "why": str(error.cause)}
            )
        else:
            return True
    return False
