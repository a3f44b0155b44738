"""Confirming a PaymentIntent: which card, in which state, under which conditions."""

from typing import Final

from devstack.simulators.stripe import payment_methods
from devstack.simulators.stripe.attempts import UNAUTHENTICATED, attempt, decline
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import ApiError, invalid, unexpected_state
from devstack.simulators.stripe.intent_fields import CAPTURE_METHODS, allowed_types, shown
from devstack.simulators.stripe.parameters import Parameters
from devstack.simulators.stripe.work import Work

CONFIRMABLE: Final = ("requires_payment_method", "requires_confirmation", "requires_action")


def confirm_now(work: Work, intent: Document, params: Parameters) -> None:
    """Try the card that the request, or the intent, names."""
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(_refusal(intent["status"]), shown(work, intent))
    _require_return_url(intent, params)
    types = allowed_types(work, params)
    if types:
        intent["payment_method_types"] = types
    capture_method = params.choice("capture_method", CAPTURE_METHODS)
    if capture_method is not None:
        intent["capture_method"] = capture_method
    method = method_from(work, params)
    if method is None and intent["payment_method"] is not None:
        method = work.need("payment_method", intent["payment_method"])
    if method is None:
        raise unexpected_state(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can"
            " either update the PaymentIntent with a payment method and then confirm it again, or"
            " confirm it again directly with a payment method or ConfirmationToken.",
            shown(work, intent),
        )
    # Stripe.js shows the bank's page itself and does not need the way back.
    way_back = None if params.flag("use_stripe_sdk") else params.text("return_url")
    intent |= {"_return_url": way_back, "_authenticating": False}
    _refuse_absent_person(work, intent, method, params)
    attempt(work, intent, method)


def method_from(work: Work, params: Parameters) -> Document | None:
    """The payment method that a request brings along, if any."""
    method_id = params.text("payment_method")
    if method_id is not None:
        return payment_methods.resolve(work, method_id)
    data = params.mapping("payment_method_data")
    return payment_methods.from_data(work, data) if data else None


def _refusal(status: str) -> str:
    if status == "succeeded":
        return (
            "You cannot confirm this PaymentIntent because it has already succeeded after being"
            " previously confirmed."
        )
    return (
        f"You cannot confirm this PaymentIntent because it has a status of {status}. Only a"
        " PaymentIntent with one of the following statuses may be confirmed: "
        + ", ".join(CONFIRMABLE)
        + "."
    )


def _require_return_url(intent: Document, params: Parameters) -> None:
    """Payment methods of the Dashboard may redirect, so Stripe wants to know where back to."""
    automatic = intent["automatic_payment_methods"]
    if automatic and automatic["allow_redirects"] != "never" and not params.text("return_url"):
        raise invalid(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard."
            " Because some of these payment methods might redirect your customer off of your page,"
            " you must provide a `return_url`. If you don't want to accept redirect-based payment"
            " methods, set `automatic_payment_methods[enabled]` to `true` and"
            " `automatic_payment_methods[allow_redirects]` to `never`.",
            "return_url",
        )


def _refuse_absent_person(
    work: Work, intent: Document, method: Document, params: Parameters
) -> None:
    """Nobody is there to pass a challenge: off session, or an error was asked for instead."""
    if not payment_methods.card_of(method).challenge:
        return
    if params.text("off_session") not in {None, "false"}:
        decline(work, intent, method, UNAUTHENTICATED)
    if params.flag("error_on_requires_action"):
        raise ApiError(
            "This payment required an authentication action to complete, but"
            " `error_on_requires_action` was set. When you're ready, you can upgrade your"
            " integration to handle actions.",
            status=402,
            code="authentication_required",
            payment_intent=shown(work, intent),
        )
