"""Moments and codes as operators read them in Temporal's pages."""

from datetime import UTC, datetime
from typing import Final

DECLINES: Final = {
    "authentication_required": "the bank asks for a confirmation",
    "card_declined": "no reason given",
    "card_velocity_exceeded": "over the card's limit",
    "generic_decline": "no reason given",
    "incorrect_cvc": "wrong security code",
    "payment_intent_authentication_failure": "not confirmed to the bank",
}
"""Stripe's codes that do not speak for themselves."""


def at(moment: datetime) -> str:
    """Time of day, to the second, in UTC."""
    return f"{moment.astimezone(UTC):%H:%M:%S} UTC"


def decline_in_words(code: str) -> str:
    """Why the bank refused: for operators, so also what a buyer is not told."""
    return DECLINES.get(code, code.replace("_", " "))
