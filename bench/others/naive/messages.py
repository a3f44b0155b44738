"""What is said to a naive purchase and its steps."""

from datetime import timedelta
from typing import Final

from workflows.messages import Message

QUEUE: Final = "naive"


class Purchase(Message):
    """Who wants which ticket."""

    order_id: str
    ticket_id: str
    buyer: str
    window: timedelta
    """How long the ticket is held."""


class Charge(Message):
    """What an order is paid with."""

    order_id: str
    card: str


def naive_id(order_id: str) -> str:
    """The id of its workflow."""
    return f"naive-{order_id}"
