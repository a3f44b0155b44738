"""What enters and leaves the handling of an orphan payment."""

from enum import StrEnum

from workflows.messages import Message


class OrphanPayment(Message):
    """A PaymentIntent whose purchase is closed, or never was."""

    order_id: str
    payment_intent_id: str


class OrphanSettlement(StrEnum):
    """What became of the money."""

    WANTED = "wanted"
    """The order is complete with exactly this payment: nothing to do."""
    VOIDED = "voided"
    REFUNDED = "refunded"
    NOTHING_HELD = "nothing_held"
