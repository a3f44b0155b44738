"""Failures that a workflow decides on: the ``type`` of an ``ApplicationError``."""

from enum import StrEnum
from typing import Final

from temporalio.exceptions import ActivityError, ApplicationError, FailureError


class StepFailure(StrEnum):
    """Final answers of a step. Everything else is an outage and is tried again."""

    PAYMENT_REFUSED = "PaymentRefused"
    """Stripe will never do this: the hold is gone, the amount differs, the charge is refunded."""

    ANSWER_STORED = "AnswerStored"
    """Stripe repeats a stored server error for this idempotency key: look, then use a new key."""


ACTION_REFUSED: Final = "ActionRefused"
"""``type`` of a validator's refusal; its message is one sentence for whoever asked."""

NOT_WORTH_REPEATING: Final = [str(failure) for failure in StepFailure]


def failure_of(error: FailureError) -> str | None:
    """The step's own name for its failure, or None for a time-out.

    A regular step's failure arrives wrapped in an ``ActivityError``, a local one's as it is.
    """
    cause = error.cause if isinstance(error, ActivityError) else error
    return cause.type if isinstance(cause, ApplicationError) else None
