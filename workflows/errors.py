"""Failures that a workflow decides on: the ``type`` of an ``ApplicationError``."""

from enum import StrEnum
from typing import Final

from temporalio.exceptions import ActivityError, ApplicationError


class StepFailure(StrEnum):
    """Final answers of a step. Everything else is an outage and is tried again."""

    PAYMENT_REFUSED = "PaymentRefused"
    """Stripe will never do this: the hold is gone, the amount differs, the charge is refunded."""

    ANSWER_STORED = "AnswerStored"
    """Stripe repeats a stored server error for this idempotency key: look, then use a new key."""


NOT_WORTH_REPEATING: Final = [str(failure) for failure in StepFailure]


def failure_of(error: ActivityError) -> str | None:
    """The step's own name for its failure, or None for an outage or a time-out."""
    cause = error.cause
    return cause.type if isinstance(cause, ApplicationError) else None
