"""How a workflow writes to people: without ever being held up by it."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows.mail_steps import MailReason, MailSteps, SendMail
    from workflows.policies import MAIL_PATIENT, PROMPT_STEP


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
