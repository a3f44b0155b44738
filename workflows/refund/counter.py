"""Where a refund asks Stripe: for the money to go back, and how that stands."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception
from temporalio.workflow import ActivityConfig

from workflows.outside import ask

with workflow.unsafe.imports_passed_through():
    from workflows.errors import failure_of
    from workflows.policies import PROMPT_STEP, STRIPE_PATIENT
    from workflows.refund.messages import RefundStatus
    from workflows.refund.steps import (
        LookAtRefund,
        RefundDue,
        RefundPayment,
        RefundPaymentSteps,
        RefundSeen,
    )


async def give_back(order_id: str, due: RefundDue) -> RefundSeen:
    """Refund it, for as long as that takes; what Stripe refuses is a refund that failed."""
    try:
        return await ask(
            RefundPaymentSteps.refund_payment,
            RefundPayment(
                order_id=order_id,
                payment_intent_id=due.payment_intent_id,
                amount=due.amount,
                turn=due.turn,
            ),
            prompt=_called("refund at Stripe", PROMPT_STEP),
            patient=_called("refund at Stripe, until it answers", STRIPE_PATIENT),
        )
    except ActivityError as error:
        return _failed(error)


async def look(due: RefundDue, refund_id: str) -> RefundSeen:
    """How it stands, for as long as it takes; what Stripe does not know has failed."""
    try:
        return await ask(
            RefundPaymentSteps.look_at_refund,
            _question(due, refund_id),
            prompt=_called("look at the refund", PROMPT_STEP),
            patient=_called("look at the refund, until Stripe answers", STRIPE_PATIENT),
        )
    except ActivityError as error:
        return _failed(error, refund_id)


async def glance(due: RefundDue, refund_id: str) -> RefundSeen | None:
    """The same in one short try; None without an answer."""
    try:
        return await workflow.execute_activity_method(
            RefundPaymentSteps.look_at_refund,
            _question(due, refund_id),
            **_called("look again at the refund", PROMPT_STEP),
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        return None


def _question(due: RefundDue, refund_id: str) -> LookAtRefund:
    return LookAtRefund(
        refund_id=refund_id, payment_intent_id=due.payment_intent_id, amount=due.amount
    )


def _failed(error: ActivityError, refund_id: str = "") -> RefundSeen:
    if is_cancelled_exception(error):
        raise error
    cause = error.cause
    code = cause.details[0] if isinstance(cause, ApplicationError) and cause.details else None
    failure = code if isinstance(code, str) else failure_of(error)
    return RefundSeen(refund_id=refund_id, status=RefundStatus.FAILED, failure=failure)


def _called(summary: str, policy: ActivityConfig) -> ActivityConfig:
    """The policy, with words that the Temporal UI shows beside the step."""
    return {**policy, "summary": summary}
