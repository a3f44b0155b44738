"""Time limits and retries of every step, in one place.

A call to the outside is first tried once, promptly, on the workflow's own task queue, where
Temporal hands it to the same worker without a further trip. What does not succeed then waits in a
queue of its own, with its own rate limit, so that a slow Stripe or Resend never holds up a
reservation.
"""

from datetime import timedelta
from typing import Final, TypeVar

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig, LocalActivityConfig

from workflows.errors import NOT_WORTH_REPEATING
from workflows.queues import TaskQueue

Policy = TypeVar("Policy", ActivityConfig, LocalActivityConfig)


def called(policy: Policy, summary: str | None) -> Policy:
    """The policy for one call, with the line that Temporal's pages show beside it."""
    policy = policy.copy()
    policy["summary"] = summary
    return policy


DATABASE_STEP: Final = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=5),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=10)
    ),
)
"""A compare-and-set in MongoDB: milliseconds, safe to repeat, repeated until it is done."""

RESERVE_STEP: Final = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=3),
    schedule_to_close_timeout=timedelta(seconds=20),
    retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=100)),
)
"""A reservation nobody waits for any more is not worth having."""

STRIPE_GLANCE: Final = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=2),
    schedule_to_close_timeout=timedelta(seconds=2),
    retry_policy=RetryPolicy(maximum_attempts=1),
)
"""One short try inside the workflow task: reading a PaymentIntent, or opening one."""

PROMPT_STEP: Final = ActivityConfig(
    schedule_to_close_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(maximum_attempts=1),
)
"""The first try of a call to the outside, on the workflow's own queue."""

_PATIENT_RETRIES: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(minutes=1),
    non_retryable_error_types=NOT_WORTH_REPEATING,
)

STRIPE_PATIENT: Final = ActivityConfig(
    task_queue=TaskQueue.PAYMENTS,
    start_to_close_timeout=timedelta(seconds=30),
    schedule_to_close_timeout=timedelta(hours=23),
    retry_policy=_PATIENT_RETRIES,
)
"""Stripe keeps an idempotency key for 24 h: give up within 23, then look before acting again."""

MAIL_PATIENT: Final = ActivityConfig(
    task_queue=TaskQueue.MAIL,
    start_to_close_timeout=timedelta(seconds=30),
    schedule_to_close_timeout=timedelta(hours=23),
    retry_policy=_PATIENT_RETRIES,
)
"""Resend keeps an idempotency key for 24 h; a mail that cannot be sent by then is given up."""

LETTER_PATIENT: Final = ActivityConfig(
    task_queue=TaskQueue.MAIL,
    start_to_close_timeout=timedelta(seconds=30),
    schedule_to_close_timeout=timedelta(hours=1),
    retry_policy=_PATIENT_RETRIES,
)
"""A letter that somebody waits for in front of a screen; after an hour they have asked again."""

CLOSURE_PAUSES: Final = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5))
"""Pauses between looks at what a closed account still has under way; the last one repeats."""

POLL_AFTER: Final = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=5))
"""Pauses before each look at Stripe once there is something to pay; they make a lost webhook cost
time, not an order."""

CHECK_STEP: Final = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=10),
    heartbeat_timeout=timedelta(minutes=1),
    schedule_to_close_timeout=timedelta(minutes=30),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)
    ),
)
"""One look of a reconciliation, on its own queue. What cannot be looked at fails the run, and the
next one begins anew."""

LOOK_AGAIN_AFTER: Final = (timedelta(seconds=1), timedelta(seconds=4), timedelta(seconds=15))
"""Pauses before each look whether remedies have helped; what has not by then is reported."""
