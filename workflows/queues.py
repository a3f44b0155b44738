"""The task queues: what waits in one never holds up another."""

from enum import StrEnum
from typing import Final


class TaskQueue(StrEnum):
    """Names of the task queues. A worker process polls one or more of them."""

    PURCHASES = "purchases"
    """Workflows, their database steps, and one prompt try of each call to the outside."""

    PAYMENTS = "payments"
    """Calls to Stripe that did not succeed at the first try."""

    MAIL = "mail"
    """Mails that did not go out at the first try."""

    OPERATIONS = "operations"
    """Checks of everything, which must not hold up a purchase."""


OF_WORKFLOWS: Final = frozenset({TaskQueue.PURCHASES, TaskQueue.OPERATIONS})
"""Queues in which workflows wait; steps wait in every queue."""
