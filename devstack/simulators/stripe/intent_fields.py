"""What a PaymentIntent is made of: its parameters, its first state, and what a browser may see."""

from typing import Final

from devstack.simulators.stripe.documents import Document, visible
from devstack.simulators.stripe.errors import invalid, missing_parameter
from devstack.simulators.stripe.events import PAGING
from devstack.simulators.stripe.ids import new_id, random_text
from devstack.simulators.stripe.parameters import Parameters, names
from devstack.simulators.stripe.work import Work

COMMON: Final = names(
    "amount_details expand excluded_payment_method_types hooks payment_details payment_method"
    " payment_method_data payment_method_options receipt_email setup_future_usage shipping"
    " allowed_payment_method_types capture_method"
)
EDITABLE: Final = names(
    "amount application_fee_amount currency customer customer_account description metadata"
    " payment_method_configuration payment_method_types statement_descriptor"
    " statement_descriptor_suffix transfer_data transfer_group"
)
ATTEMPT: Final = names(
    "confirmation_token error_on_requires_action mandate mandate_data off_session radar_options"
    " return_url use_stripe_sdk client_secret"
)
CREATE: Final = (
    COMMON
    | EDITABLE
    | (ATTEMPT - {"client_secret"})
    | {"automatic_payment_methods", "confirm", "confirmation_method", "on_behalf_of"}
)
UPDATE: Final = COMMON | EDITABLE
# Stripe.js sends some more about the page that it runs on.
CONFIRM: Final = COMMON | ATTEMPT | {"payment_method_types", "key", "expected_payment_method_type"}
CONFIRM_SECRET_ONLY: Final = names(
    "allowed_payment_method_types amount_details capture_method error_on_requires_action"
    " excluded_payment_method_types hooks mandate off_session payment_details"
    " payment_method_options payment_method_types"
)
"""How the payment is taken is the server's to say."""
RETRIEVE: Final = frozenset({"client_secret", "expand", "key", "is_stripe_sdk"})
CAPTURE: Final = names(
    "amount_details amount_to_capture application_fee_amount expand final_capture metadata"
    " payment_details statement_descriptor statement_descriptor_suffix transfer_data"
)
CANCEL: Final = frozenset({"cancellation_reason", "expand"})
LIST: Final = PAGING | {"customer", "customer_account"}

SMALLEST_AMOUNT: Final = 50
LARGEST_AMOUNT: Final = 99_999_999
CURRENCIES: Final = names(
    "aud brl cad chf czk dkk eur gbp hkd huf inr jpy mxn myr nok nzd pln ron sek sgd thb usd"
)
TYPES_RENAMED_IN: Final = "2026-09-30"
CAPTURE_METHODS: Final = ("automatic", "automatic_async", "manual")
PUBLIC: Final = names(
    "id object amount amount_details automatic_payment_methods canceled_at cancellation_reason"
    " capture_method client_secret confirmation_method created currency description"
    " last_payment_error livemode next_action payment_method payment_method_configuration_details"
    " payment_method_types processing receipt_email setup_future_usage shipping source status"
)
TEXTS: Final = (
    "customer",
    "description",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)


def shown(work: Work, intent: Document) -> Document:
    """The PaymentIntent as the caller may see it: a browser sees less."""
    if not work.publishable:
        return visible(intent)
    return {key: value for key, value in intent.items() if key in PUBLIC}


def amount(params: Parameters) -> int | None:
    """The amount in minor units, within Stripe's limits."""
    wanted = params.positive("amount")
    if wanted is None:
        return None
    currency = params.text("currency") or "usd"
    if wanted < SMALLEST_AMOUNT:
        raise invalid(f"Amount must be at least $0.50 {currency}", "amount", "amount_too_small")
    if wanted > LARGEST_AMOUNT:
        message = "Amount must be no more than $999,999.99"
        raise invalid(message, "amount", "amount_too_large")
    return wanted


def currency(params: Parameters) -> str | None:
    """The currency in Stripe's lower case."""
    wanted = params.text("currency")
    if wanted is not None and wanted.lower() not in CURRENCIES:
        listed = ", ".join(sorted(CURRENCIES))
        message = f"Invalid currency: {wanted.lower()}. Stripe currently supports: {listed}"
        raise invalid(message, "currency")
    return None if wanted is None else wanted.lower()


def required_money(params: Parameters) -> tuple[int, str]:
    """Amount and currency of a new PaymentIntent."""
    money = amount(params), currency(params)
    if money[0] is None:
        raise missing_parameter("amount")
    if money[1] is None:
        raise missing_parameter("currency")
    return money[0], money[1]


def allowed_types(work: Work, params: Parameters) -> list[str]:
    """The payment method types that were asked for, by the name that the API version has for them.

    Since Endive ``payment_method_types`` is only answered: ``allowed_payment_method_types`` asks.
    """
    version = work.api_version or work.settings.api_version
    if "payment_method_types" in params and version >= TYPES_RENAMED_IN:
        raise invalid(
            "The `payment_method_types` parameter is no longer supported in this API version. Use"
            " `allowed_payment_method_types` or dynamic payment methods.",
            "payment_method_types",
            "payment_method_types_no_longer_supported",
        )
    return params.texts("allowed_payment_method_types") or params.texts("payment_method_types")


def new_intent(work: Work, params: Parameters) -> Document:
    """A PaymentIntent before any card was seen."""
    cents, in_currency = required_money(params)
    intent_id, types = new_id("pi"), allowed_types(work, params)
    empty = (
        "application",
        "application_fee_amount",
        "canceled_at",
        "cancellation_reason",
        "last_payment_error",
        "latest_charge",
        "next_action",
        "on_behalf_of",
        "payment_method",
        "payment_method_configuration_details",
        "processing",
        "review",
        "source",
        "transfer_data",
        "customer_account",
        "excluded_payment_method_types",
    )
    return {
        "id": intent_id,
        "object": "payment_intent",
        **dict.fromkeys(empty),
        **{name: params.text(name) for name in TEXTS},
        "allowed_payment_method_types": types or None,
        "amount": cents,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": _automatic(params, types),
        "capture_method": params.choice("capture_method", CAPTURE_METHODS) or "automatic_async",
        "client_secret": f"{intent_id}_secret_{random_text(25)}",
        "confirmation_method": params.choice("confirmation_method", ("automatic", "manual"))
        or "automatic",
        "created": work.now(),
        "currency": in_currency,
        "livemode": False,
        "metadata": params.metadata(),
        "payment_method_options": {"card": _card_options(params)},
        "payment_method_types": types or ["card"],
        "shipping": params.mapping("shipping") or None,
        "status": "requires_payment_method",
        "_return_url": None,
        "_authenticating": False,
    }


def _automatic(params: Parameters, types: list[str]) -> Document | None:
    """Which payment methods the Dashboard would offer; on unless types were named."""
    sent = params.mapping("automatic_payment_methods")
    if not sent and types:
        return None
    if sent and sent.get("enabled") != "true":
        return None
    return {"allow_redirects": sent.get("allow_redirects", "always"), "enabled": True}


def _card_options(params: Parameters) -> Document:
    sent = params.mapping("payment_method_options").get("card", {})
    usual = {
        "installments": None,
        "mandate_options": None,
        "network": None,
        "request_three_d_secure": "automatic",
    }
    return {**usual, **sent}
