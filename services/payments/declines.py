"""What a bank's refusal means to the person with the card."""

from typing import Final

SENTENCES: Final = {
    "insufficient_funds": "The card has insufficient funds. Please use another card.",
    "expired_card": "The card has expired. Please use another card.",
    "incorrect_cvc": "The security code is wrong. Please check it and try again.",
    "incorrect_number": "The card number is wrong. Please check it and try again.",
    "processing_error": "The bank could not process the card. Please try again in a moment.",
    "authentication_required": "The bank asks you to confirm the payment. Please try again.",
    "payment_intent_authentication_failure": (
        "The bank could not confirm that it was you. Please try again or use another card."
    ),
    "card_velocity_exceeded": "The card is over its limit. Please use another card.",
}
"""By Stripe's ``decline_code`` or ``code`` (docs.stripe.com/declines/codes).

Codes that hint at loss, theft or fraud are left out on purpose: Stripe asks that the person is told
no more than that the card was declined.
"""

DECLINED: Final = "The card was declined. Please use another card or ask your bank."


def sentence_for(code: str) -> str:
    """What to show for a code; one general sentence for those that are not to be told apart."""
    return SENTENCES.get(code, DECLINED)
