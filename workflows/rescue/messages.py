"""What enters and leaves a rescue."""

from enum import StrEnum

from workflows.mail_steps import MailReason
from workflows.messages import Message


class RescueTask(StrEnum):
    """What is left to do."""

    DECIDE = "decide"
    """The order is open and nobody goes on with it."""
    RELEASE = "release"
    """The order is over and still has its ticket."""
    MAIL = "mail"
    """Nobody was written to."""


class StartRescue(Message):
    """Do for this order what its purchase no longer can."""

    order_id: str
    ticket_id: str
    task: RescueTask
    mail: MailReason | None = None
    """The mail that is missing, when that is the task."""


class RescueOutcome(StrEnum):
    """What became of the order."""

    SOLD = "sold"
    """The money had been taken, the ticket was still held."""
    CANCELLED = "cancelled"
    NEVER_WAS = "never_was"
    """There was no order: only its ticket had to be let go."""
    RELEASED = "released"
    MAILED = "mailed"
