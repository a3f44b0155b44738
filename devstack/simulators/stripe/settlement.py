"""How a PaymentIntent ends: confirmed, captured, cancelled, or its hold runs out."""

from typing import Final

from devstack.simulators.stripe import charges
from devstack.simulators.stripe.confirmation import confirm_now
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import ApiError, unexpected_state
from devstack.simulators.stripe.events import emit
from devstack.simulators.stripe.intent_fields import shown
from devstack.simulators.stripe.parameters import Parameters
from devstack.simulators.stripe.payment_intents import find
from devstack.simulators.stripe.work import Work

REASONS: Final = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")
OVER: Final = ("succeeded", "canceled")
CANCELABLE: Final = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
)


def confirm(work: Work, params: Parameters, intent_id: str) -> Document:
    """Try a card; from a server, or from a browser that knows the client secret."""
    intent = find(work, params, intent_id)
    confirm_now(work, intent, params)
    return shown(work, intent)


def capture(work: Work, params: Parameters, intent_id: str) -> Document:
    """Take the money that is held, or a part of it."""
    wanted = params.positive("amount_to_capture")
    intent = work.need("payment_intent", intent_id, "intent")
    if intent["status"] != "requires_capture":
        raise unexpected_state(_capture_refusal(intent["status"]), shown(work, intent))
    amount = intent["amount_capturable"] if wanted is None else wanted
    if amount > intent["amount_capturable"]:
        raise ApiError(
            "The requested capture amount is greater than the amount you can capture for this"
            " charge.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    charges.capture(work, work.need("charge", intent["latest_charge"]), amount)
    intent |= {
        "amount_capturable": 0,
        "amount_received": amount,
        "metadata": params.metadata(intent["metadata"]),
        "status": "succeeded",
    }
    work.store.update(intent)
    emit(work, "payment_intent.succeeded", intent)
    return shown(work, intent)


def cancel(work: Work, params: Parameters, intent_id: str) -> Document:
    """End it without money; a hold is given back."""
    reason = params.choice("cancellation_reason", REASONS)
    intent = work.need("payment_intent", intent_id, "intent")
    if intent["status"] in OVER:
        raise unexpected_state(
            "You cannot cancel this PaymentIntent because it has a status of"
            f" {intent['status']}. Only a PaymentIntent with one of the following statuses may be"
            f" canceled: {', '.join(CANCELABLE)}.",
            shown(work, intent),
        )
    if intent["status"] == "requires_capture":
        charges.void(work, work.need("charge", intent["latest_charge"]))
    _close(work, intent, reason)
    return shown(work, intent)


def expire_authorization(work: Work, charge_id: str) -> bool:
    """The bank lets the hold go by itself; whether there was still one."""
    charge = work.need("charge", charge_id)
    intent = work.need("payment_intent", charge["payment_intent"])
    if intent["status"] != "requires_capture" or intent["latest_charge"] != charge_id:
        return False
    charges.void(work, charge)
    emit(work, "charge.expired", charge)
    _close(work, intent, "expired")
    return True


def _close(work: Work, intent: Document, reason: str | None) -> None:
    intent |= {
        "amount_capturable": 0,
        "canceled_at": work.now(),
        "cancellation_reason": reason,
        "next_action": None,
        "status": "canceled",
        "_authenticating": False,
    }
    work.store.update(intent)
    emit(work, "payment_intent.canceled", intent)


def _capture_refusal(status: str) -> str:
    if status == "succeeded":
        return "This PaymentIntent could not be captured because it has already been captured."
    return (
        f"This PaymentIntent could not be captured because it has a status of {status}. Only a"
        " PaymentIntent with one of the following statuses may be captured: requires_capture."
    )
