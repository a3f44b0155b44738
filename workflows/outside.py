"""How a workflow speaks to a service that may be slow, down or forgetful."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from workflows.errors import StepFailure, failure_of
    from workflows.messages import OutsideRequest
    from workflows.policies import PROMPT_STEP

Request = TypeVar("Request", bound=OutsideRequest)
Answer = TypeVar("Answer")


async def ask(
    step: Callable[[Any, Request], Awaitable[Answer]],
    request: Request,
    *,
    patient: ActivityConfig,
    prompt: ActivityConfig | None = PROMPT_STEP,
) -> Answer:
    """Do one thing in the world, once: promptly if it can be, patiently if it must be.

    The attempt number, and with it the idempotency key, changes only when the old key can no longer
    tell us anything: its stored answer is a server error, or 23 hours have passed. The step looks
    at the world before it acts under a later attempt.

    Raises ``ActivityError`` when the service refuses for good.
    """
    policy = prompt or patient
    while True:
        try:
            return await workflow.execute_activity_method(step, request, **policy)
        except ActivityError as error:
            failure = failure_of(error)
            if failure == StepFailure.PAYMENT_REFUSED or is_cancelled_exception(error):
                raise
            if failure == StepFailure.ANSWER_STORED or policy is patient:
                request = request.model_copy(update={"attempt": request.attempt + 1})
            policy = patient
