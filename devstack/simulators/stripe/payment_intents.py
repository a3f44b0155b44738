"""PaymentIntents: make one, read it, change it."""

from typing import Final

from devstack.simulators.stripe.auth import secret_key_required
from devstack.simulators.stripe.confirmation import confirm_now, method_from
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import invalid, unexpected_state
from devstack.simulators.stripe.events import emit
from devstack.simulators.stripe.intent_fields import (
    CAPTURE_METHODS,
    TEXTS,
    allowed_types,
    amount,
    currency,
    new_intent,
    shown,
)
from devstack.simulators.stripe.parameters import Parameters
from devstack.simulators.stripe.work import Work

BEFORE_PAYMENT: Final = ("requires_payment_method", "requires_confirmation", "requires_action")
MONEY: Final = ("amount", "currency", "payment_method", "payment_method_data", "capture_method")


def create(work: Work, params: Parameters) -> Document:
    """Open a payment; with ``confirm`` also try the card at once."""
    confirming = params.flag("confirm") or False
    if not confirming and params.text("return_url"):
        message = "`return_url` may only be passed when `confirm` is set to true."
        raise invalid(message, "return_url")
    intent = new_intent(work, params)
    method = method_from(work, params)
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    work.store.insert(intent)
    emit(work, "payment_intent.created", intent)
    if confirming:
        confirm_now(work, intent, params)
    return shown(work, intent)


def retrieve(work: Work, params: Parameters, intent_id: str) -> Document:
    """One PaymentIntent; a browser has to show its client secret."""
    return shown(work, find(work, params, intent_id))


def find(work: Work, params: Parameters, intent_id: str) -> Document:
    """The PaymentIntent, if the caller may touch it."""
    secret = params.text("client_secret")
    if work.publishable and secret is None:
        raise secret_key_required()
    intent = work.need("payment_intent", intent_id, "intent")
    if secret is not None and secret != intent["client_secret"]:
        message = (
            "The client_secret provided does not match the client_secret associated with the"
            " PaymentIntent."
        )
        raise invalid(message, "client_secret")
    return intent


def update(work: Work, params: Parameters, intent_id: str) -> Document:
    """Change it; what concerns money only until a card was charged or held."""
    changes = _changes(work, params)
    intent = work.need("payment_intent", intent_id, "intent")
    for name in MONEY:
        if name in params and intent["status"] not in BEFORE_PAYMENT:
            allowed = ", ".join(BEFORE_PAYMENT)
            raise unexpected_state(
                f"This PaymentIntent's {name} could not be updated because it has a status of"
                f" {intent['status']}. You may only update the {name} of a PaymentIntent with one"
                f" of the following statuses: {allowed}.",
                shown(work, intent),
            )
    intent |= changes | {"metadata": params.metadata(intent["metadata"])}
    method = method_from(work, params)
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    elif "payment_method" in params:
        intent |= {"payment_method": None, "status": "requires_payment_method"}
    elif "amount" in changes and intent["status"] == "requires_action":
        # What the person was about to approve is no longer what would be charged.
        intent["status"] = "requires_confirmation"
    if intent["status"] != "requires_action":
        intent |= {"next_action": None, "_authenticating": False}
    work.store.update(intent)
    return shown(work, intent)


def _changes(work: Work, params: Parameters) -> Document:
    changes: Document = {name: params.text(name) for name in TEXTS if name in params}
    new_values = {
        "amount": amount(params),
        "currency": currency(params),
        "capture_method": params.choice("capture_method", CAPTURE_METHODS),
        "payment_method_types": allowed_types(work, params) or None,
        "shipping": params.mapping("shipping") or None,
    }
    changes |= {name: value for name, value in new_values.items() if value is not None}
    return changes
