"""What enters and leaves a reconciliation."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from workflows.mail_steps import MailReason
from workflows.messages import Message


class Span(Message):
    """The time that a run looks back on."""

    began_at: datetime
    since: datetime
    """What is done with is looked at again if it changed since then."""


class Source(StrEnum):
    """Where candidates come from, in the order in which a run goes through them."""

    FINDINGS = "findings"
    """What is on the board."""
    PAYMENTS = "payments"
    """PaymentIntents at Stripe, created in the span, each with its order."""
    UNFINISHED = "unfinished"
    """Orders of any age that are open or being refunded."""
    CHANGED = "changed"
    """Orders that ended in the span."""
    RESERVED = "reserved"
    """Reserved tickets of any age."""
    SOLD = "sold"
    """Tickets sold in the span."""
    EVENTS = "events"
    """Webhook events that had no effect."""
    LETTERS = "letters"
    """Letters about accounts that were asked for while Temporal was away."""


class Place(Message):
    """How far a run has come: the last record that it has looked at of this source."""

    source: Source
    after: str = ""


class Suspect(Message):
    """What to look at: an order with what led to it, or something without an order."""

    order_id: str | None = None
    ticket_id: str | None = None
    payment_intent_id: str | None = None
    event_id: str | None = None
    letter_id: str | None = None


class Remedy(StrEnum):
    """What puts something right. Each may be repeated, and does nothing where nothing is wrong."""

    TELL_AUTHORIZED = "tell_authorized"
    """Signal the purchase that Stripe holds the money."""
    TELL_DECLINED = "tell_declined"
    """Signal the purchase that the bank said no."""
    TELL_REFUND = "tell_refund"
    """Signal the refund that Stripe has the final word."""
    SETTLE_ORPHAN = "settle_orphan"
    """Void or give back money that no order is entitled to."""
    RESUME_REFUND = "resume_refund"
    """Start the refund of an order that is ``refunding`` again."""
    DECIDE = "decide"
    """Close the till of an order whose purchase is lost; then sell or release its ticket."""
    RELEASE = "release"
    """Put a ticket back on the market whose order is over."""
    SEND_MAIL = "send_mail"
    """Send the mail about an order that has not gone out."""
    SEND_LETTER = "send_letter"
    """Send the letter that was asked for."""


class Cure(Message):
    """What is wrong with one thing, and what to do about it."""

    key: str
    """What is wrong: the id of the finding that it would be, if it would be one."""
    detail: str = ""
    """A sentence for a person."""
    remedy: Remedy
    suspect: Suspect
    """Where to look whether it has helped."""
    order_id: str = ""
    ticket_id: str = ""
    payment_intent_id: str = ""
    authorized_at: datetime | None = None
    attempt_id: str = ""
    code: str = ""
    mail: MailReason | None = None
    letter_id: str = ""


class Progress(Message):
    """What a run knows so far; the next page needs nothing else."""

    span: Span
    place: Place | None
    """None: everything has been looked at."""
    orders_checked: int = 0
    healed: int = 0


class StartReconciliation(Message):
    """Look at everything, or at one order."""

    order_id: str | None = None
    pages: int = Field(default=200, ge=1)
    """After so many the workflow goes on under a new run, with a short history."""
    progress: Progress | None = None
    """How far the run before this one came."""


class Reconciled(Message):
    """What a reconciliation came to."""

    orders_checked: int
    healed: int
    found: int
    """What is on the board because of it."""
