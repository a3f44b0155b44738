"""What happens when a card is tried: approved, declined, or asked for 3-D Secure first."""

from typing import Final, NoReturn

from devstack.simulators.stripe import charges
from devstack.simulators.stripe.cards import Decline
from devstack.simulators.stripe.documents import Document, visible
from devstack.simulators.stripe.errors import ApiError
from devstack.simulators.stripe.events import emit
from devstack.simulators.stripe.ids import new_id
from devstack.simulators.stripe.intent_fields import shown
from devstack.simulators.stripe.payment_methods import card_of
from devstack.simulators.stripe.work import Work

UNAUTHENTICATED: Final = Decline(
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    "authentication_required",
)


def attempt(work: Work, intent: Document, method: Document, *, authenticated: bool = False) -> None:
    """Charge the card; a decline is written down and then raised as 402."""
    card = card_of(method)
    intent |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    if card.challenge and not authenticated:
        ask_for_authentication(work, intent)
    elif card.decline is not None:
        decline(work, intent, method, card.decline)
    else:
        _approve(work, intent, method, authenticated=authenticated)


def decline(work: Work, intent: Document, method: Document, why: Decline) -> NoReturn:
    """Write the failed charge down, leave the intent waiting for another card, and say so."""
    charge = charges.refuse(work, intent, method, why)
    intent["latest_charge"] = charge["id"]
    details = {"charge": charge["id"], "decline_code": why.decline_code}
    error: Document = {"code": why.code, "message": why.message, "param": why.param, **details}
    fail(work, intent, method, {**error, "type": "card_error"})
    raise ApiError(
        why.message,
        status=402,
        code=why.code,
        param=why.param,
        **details,
        payment_intent=shown(work, intent),
        payment_method=visible(method),
    )


def fail(work: Work, intent: Document, method: Document, error: Document) -> None:
    """Back to the start: the card is let go, the reason is kept."""
    intent |= {
        "last_payment_error": {
            **{key: value for key, value in error.items() if value is not None},
            "payment_method": visible(method),
        },
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
        "_authenticating": False,
    }
    work.store.update(intent)
    emit(work, "payment_intent.payment_failed", intent)


def ask_for_authentication(work: Work, intent: Document) -> None:
    """Stop and send the person to the bank; our page plays the bank."""
    page = f"{work.base_url}/_sim/3ds/{intent['id']}"
    return_url = intent["_return_url"]
    if return_url:
        action: Document = {
            "redirect_to_url": {"return_url": return_url, "url": page},
            "type": "redirect_to_url",
        }
    else:
        sdk = {"source": new_id("src"), "stripe_js": page, "type": "three_d_secure_redirect"}
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}
    intent |= {"next_action": action, "status": "requires_action", "_authenticating": True}
    work.store.update(intent)
    emit(work, "payment_intent.requires_action", intent)


def authenticate(work: Work, intent_id: str, *, success: bool) -> Document:
    """The person passed, or failed, the bank's challenge; the intent as it is then."""
    intent = work.need("payment_intent", intent_id, "intent")
    if not intent["_authenticating"]:
        message = f"This PaymentIntent is not waiting for authentication: {intent['status']}"
        raise ApiError(message, code="payment_intent_unexpected_state")
    method = work.need("payment_method", intent["payment_method"])
    intent["_authenticating"] = False
    if success:
        try:
            attempt(work, intent, method, authenticated=True)
        except ApiError:
            # The page has no one to answer; the intent itself says that the card was declined.
            return work.need("payment_intent", intent_id)
        return intent
    error = {
        "code": "payment_intent_authentication_failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide"
        " payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent"
        " again.",
        "type": "invalid_request_error",
    }
    fail(work, intent, method, error)
    return intent


def _approve(work: Work, intent: Document, method: Document, *, authenticated: bool) -> None:
    charge = charges.approve(work, intent, method, authenticated=authenticated)
    manual = intent["capture_method"] == "manual"
    amount = intent["amount"]
    intent |= {
        "amount_capturable": amount if manual else 0,
        "amount_received": 0 if manual else amount,
        "latest_charge": charge["id"],
        "status": "requires_capture" if manual else "succeeded",
    }
    work.store.update(intent)
    emit(
        work,
        "payment_intent.amount_capturable_updated" if manual else "payment_intent.succeeded",
        intent,
    )
