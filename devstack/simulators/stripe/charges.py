"""Charges: one for each attempt to charge a card, the failed ones too."""

from typing import Final

from devstack.simulators.stripe.cards import BY_NUMBER, Decline
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.events import PAGING, emit
from devstack.simulators.stripe.ids import new_id, random_text
from devstack.simulators.stripe.parameters import Parameters
from devstack.simulators.stripe.work import Work

LIST: Final = PAGING | {"customer", "payment_intent", "transfer_group"}
AUTHENTICATED: Final = {
    "authentication_flow": "challenge",
    "electronic_commerce_indicator": "05",
    "exemption_indicator": None,
    "result": "authenticated",
    "result_reason": None,
    "version": "2.2.0",
}


def retrieve(work: Work, _params: Parameters, charge_id: str) -> Document:
    """One charge."""
    return work.need("charge", charge_id)


def approve(work: Work, intent: Document, method: Document, *, authenticated: bool) -> Document:
    """The bank agrees: hold the amount, or take it at once."""
    manual = intent["capture_method"] == "manual"
    amount = intent["amount"]
    charge = _charge(work, intent, method) | {
        "amount_captured": 0 if manual else amount,
        "captured": not manual,
        "outcome": _outcome("authorized", None, "approved_by_network", "Payment complete."),
        "paid": True,
        "status": "succeeded",
    }
    details = charge["payment_method_details"]["card"]
    details["three_d_secure"] = dict(AUTHENTICATED) if authenticated else None
    if manual:
        details["capture_before"] = work.now() + work.settings.authorization_seconds
        work.later(work.settings.authorization_seconds, "expire_authorization", charge["id"])
    work.store.insert(charge)
    work.record("authorized", intent["id"], amount, charge["id"])
    if not manual:
        work.record("captured", intent["id"], amount, charge["id"])
        _dispute_soon(work, charge)
    emit(work, "charge.succeeded", charge)
    return charge


def refuse(work: Work, intent: Document, method: Document, decline: Decline) -> Document:
    """The bank, or Radar, says no."""
    reason = decline.decline_code or decline.code
    blocked = reason == "fraudulent"
    kind = "blocked" if blocked else "issuer_declined"
    network = "not_sent_to_network" if blocked else "declined_by_network"
    charge = _charge(work, intent, method) | {
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": _outcome(kind, reason, network, "The bank did not approve the payment."),
        "status": "failed",
    }
    work.store.insert(charge)
    emit(work, "charge.failed", charge)
    return charge


def capture(work: Work, charge: Document, amount: int) -> None:
    """Take ``amount`` of the hold; what is left of it is let go, which is no refund."""
    left = charge["amount"] - amount
    charge |= {"amount_captured": amount, "captured": True}
    work.store.update(charge)
    work.record("captured", charge["payment_intent"], amount, charge["id"])
    if left:
        work.record("voided", charge["payment_intent"], left, charge["id"])
    emit(work, "charge.captured", charge)
    _dispute_soon(work, charge)


def void(work: Work, charge: Document) -> None:
    """Let the whole hold go. Since API version 2025-03-31 that shows nowhere as a refund."""
    work.record("voided", charge["payment_intent"], charge["amount"], charge["id"])


def _dispute_soon(work: Work, charge: Document) -> None:
    """After what is being done now: then its holder may dispute it, if the card is of that kind."""
    method = work.need("payment_method", charge["payment_method"])
    if BY_NUMBER[method["_number"]].dispute is not None:
        work.later(0, "open_dispute", charge["id"])


def _outcome(kind: str, reason: str | None, network: str, message: str) -> Document:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": network,
        "reason": reason,
        "risk_level": "highest" if kind == "blocked" else "normal",
        "risk_score": 90 if kind == "blocked" else 20,
        "seller_message": message,
        "type": kind,
    }


def _charge(work: Work, intent: Document, method: Document) -> Document:
    copied = ("amount", "currency", "customer", "description", "receipt_email", "shipping")
    empty = (
        "application",
        "application_fee",
        "application_fee_amount",
        "balance_transaction",
        "failure_balance_transaction",
        "failure_code",
        "failure_message",
        "on_behalf_of",
        "receipt_number",
        "receipt_url",
        "review",
        "source",
        "source_transfer",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    )
    return {
        "id": new_id("ch"),
        "object": "charge",
        **dict.fromkeys(empty),
        **{name: intent[name] for name in copied},
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SIMULATOR",
        "captured": False,
        "created": work.now(),
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": _card(intent, method["card"]), "type": "card"},
        "radar_options": {},
        "refunded": False,
        "status": "pending",
    }


def _card(intent: Document, card: Document) -> Document:
    copied = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding")
    return {
        **{name: card[name] for name in copied},
        "amount_authorized": intent["amount"],
        "authorization_code": random_text(6).upper(),
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "overcapture": {
            "maximum_amount_capturable": intent["amount"],
            "status": "unavailable",
        },
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "wallet": None,
    }
