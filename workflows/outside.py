"""How a workflow speaks to a service that may be slow, down or forgetful."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType, ActivityConfig

from workflows.patience import Patience

with workflow.unsafe.imports_passed_through():
    from workflows.errors import StepFailure, failure_of
    from workflows.messages import OutsideRequest
    from workflows.policies import PROMPT_STEP, called

Request = TypeVar("Request", bound=OutsideRequest)
Answer = TypeVar("Answer")


async def ask(
    step: Callable[[Any, Request], Awaitable[Answer]],
    request: Request,
    *,
    patient: ActivityConfig,
    prompt: ActivityConfig | None = PROMPT_STEP,
    summary: str | None = None,
    patience: Patience | None = None,
) -> Answer:
    """Do one thing in the world, once: promptly if it can be, patiently if it must be.

    The attempt number, and with it the idempotency key, changes only when the old key can no longer
    tell us anything: its stored answer is a server error, or 23 hours have passed. The step looks
    at the world before it acts under a later attempt. Somebody who cuts a pause short, through
    ``patience``, gets a prompt try under the same key, and a key does not live longer for it.

    Raises ``ActivityError`` when the service refuses for good.
    """
    waiting = patience or Patience()
    promptly, key_ends = prompt is not None, workflow.now() + _life_of_key(patient)
    while True:
        left = key_ends - workflow.now()
        policy = prompt if prompt and promptly else _within(left, patient)
        try:
            answer = await _try(step, request, policy, summary, None if promptly else patience)
        except ActivityError as error:
            hurried = waiting.hurried and not promptly
            failure = failure_of(error)
            cancelled = is_cancelled_exception(error) and not hurried
            if failure == StepFailure.PAYMENT_REFUSED or cancelled:
                waiting.end()
                raise
            given_up = not (promptly or hurried) or workflow.now() >= key_ends
            if failure == StepFailure.ANSWER_STORED or given_up:
                request = request.model_copy(update={"attempt": request.attempt + 1})
                key_ends = workflow.now() + _life_of_key(patient)
            promptly = hurried and prompt is not None
            waiting.begin()
        else:
            waiting.end()
            return answer


async def _try(
    step: Callable[[Any, Request], Awaitable[Answer]],
    request: Request,
    policy: ActivityConfig,
    summary: str | None,
    patience: Patience | None,
) -> Answer:
    policy = called(policy, summary)
    if patience is None:
        return await workflow.execute_activity_method(step, request, **policy)
    policy["cancellation_type"] = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
    return await patience.outlast(workflow.start_activity_method(step, request, **policy))


def _within(left: timedelta, patient: ActivityConfig) -> ActivityConfig:
    shorter = patient.copy()
    shorter["schedule_to_close_timeout"] = left
    return shorter


def _life_of_key(patient: ActivityConfig) -> timedelta:
    life = patient["schedule_to_close_timeout"]
    assert life is not None  # noqa: S101 - patience without an end would outlive the key
    return life
