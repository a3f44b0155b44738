"""Stripe's documented test cards and what each of them does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

RefundCourse = Literal["succeeds", "pending_then_succeeds", "succeeds_then_fails"]
DisputeCourse = Literal["fraudulent", "product_not_received", "inquiry"]


@dataclass(frozen=True)
class Decline:
    """Why the bank says no."""

    code: str
    message: str
    decline_code: str | None = None
    param: str | None = None


@dataclass(frozen=True)
class Card:
    """A card number and what happens when it is charged."""

    number: str
    tokens: tuple[str, ...] = ()
    """What follows ``pm_card_`` in the ids that stand for it."""
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: Decline | None = None
    challenge: bool = False
    """It always asks for 3-D Secure."""
    refund: RefundCourse = "succeeds"
    dispute: DisputeCourse | None = None
    """Its holder disputes whatever is charged, for this reason, or has the bank ask first."""


def _declined(decline_code: str, message: str = "Your card was declined.") -> Decline:
    return Decline("card_declined", message, decline_code)


GENERIC: Final = _declined("generic_decline")
NO_FUNDS: Final = _declined("insufficient_funds", "Your card has insufficient funds.")
TOO_OFTEN: Final = _declined(
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount"
    " limit.",
)
EXPIRED: Final = Decline("expired_card", "Your card has expired.", param="exp_month")
WRONG_CVC: Final = Decline("incorrect_cvc", "Your card's security code is incorrect.", param="cvc")
PROCESSING: Final = Decline(
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)

CARDS: Final = (
    Card("4242424242424242", ("visa", "us")),
    Card("4000056655665556", ("visa_debit",), funding="debit"),
    Card("5555555555554444", ("mastercard",), "mastercard"),
    Card("2223003122003222", (), "mastercard"),
    Card("5200828282828210", ("mastercard_debit",), "mastercard", "debit"),
    Card("5105105105105100", ("mastercard_prepaid",), "mastercard", "prepaid"),
    Card("378282246310005", ("amex", "amex_threeDSecureNotSupported"), "amex"),
    Card("371449635398431", (), "amex"),
    Card("6011111111111117", ("discover",), "discover"),
    Card("3056930009020004", ("diners",), "diners"),
    Card("3566002020360505", ("jcb",), "jcb"),
    Card("6200000000000005", ("unionpay",), "unionpay"),
    Card("4000001240000000", ("ca",), country="CA"),
    Card("4000000000000077", ("bypassPending",)),
    Card("4000000000003055", ("threeDSecureOptional",)),
    Card("4000000000000002", ("chargeDeclined", "visa_chargeDeclined"), decline=GENERIC),
    Card(
        "4000000000009995",
        ("chargeDeclinedInsufficientFunds", "visa_chargeDeclinedInsufficientFunds"),
        decline=NO_FUNDS,
    ),
    Card(
        "4000000000009987",
        ("chargeDeclinedLostCard", "visa_chargeDeclinedLostCard"),
        decline=_declined("lost_card"),
    ),
    Card(
        "4000000000009979",
        ("chargeDeclinedStolenCard", "visa_chargeDeclinedStolenCard"),
        decline=_declined("stolen_card"),
    ),
    Card("4000000000006975", ("visa_chargeDeclinedVelocityLimitExceeded",), decline=TOO_OFTEN),
    Card("4000000000000341", ("chargeCustomerFail",), decline=GENERIC),
    Card("4100000000000019", ("radarBlock",), decline=_declined("fraudulent")),
    Card("4000000000000069", ("chargeDeclinedExpiredCard",), decline=EXPIRED),
    Card("4000000000000127", ("chargeDeclinedIncorrectCvc",), decline=WRONG_CVC),
    Card("4000000000000119", ("chargeDeclinedProcessingError",), decline=PROCESSING),
    Card("4000000000003220", ("threeDSecure2Required",), challenge=True),
    Card("4000000000003063", ("threeDSecureRequired",), challenge=True),
    Card("4000002760003184", ("authenticationRequired",), challenge=True),
    Card("4000002500003155", ("authenticationRequiredOnSetup",), challenge=True),
    Card(
        "4000008400001629",
        ("threeDSecureRequiredChargeDeclined",),
        challenge=True,
        decline=GENERIC,
    ),
    Card(
        "4000008260003178",
        ("authenticationRequiredChargeDeclinedInsufficientFunds",),
        challenge=True,
        decline=NO_FUNDS,
    ),
    Card("4000000000007726", ("pendingRefund",), refund="pending_then_succeeds"),
    Card("4000000000005126", ("refundFail",), refund="succeeds_then_fails"),
    Card("4000000000000259", ("createDispute",), dispute="fraudulent"),
    Card(
        "4000000000002685",
        ("createDisputeProductNotReceived",),
        dispute="product_not_received",
    ),
    Card("4000000000001976", ("createDisputeInquiry",), dispute="inquiry"),
)

BY_NUMBER: Final[Mapping[str, Card]] = {card.number: card for card in CARDS}
BY_TOKEN: Final[Mapping[str, Card]] = {
    f"pm_card_{token}": card for card in CARDS for token in card.tokens
}
