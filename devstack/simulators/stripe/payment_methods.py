"""Payment methods: documented test cards, by number or by their ``pm_card_…`` ids."""

from typing import Final

from devstack.simulators.stripe.cards import BY_NUMBER, BY_TOKEN, Card
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import ApiError, invalid, missing_parameter, no_such
from devstack.simulators.stripe.ids import new_id, random_text
from devstack.simulators.stripe.parameters import Parameters
from devstack.simulators.stripe.work import Work

CREATE: Final = frozenset(
    {"allow_redisplay", "billing_details", "card", "expand", "metadata", "type", "radar_options"}
    # Stripe.js sends these beside what the API documents.
    | {
        "payment_user_agent",
        "referrer",
        "client_attribution_metadata",
        "key",
        "guid",
        "muid",
        "sid",
    }
)
LAST_MONTH: Final = 12
SECONDS_PER_YEAR: Final = 31_556_952


def create(work: Work, params: Parameters) -> Document:
    """Make a card from a test number, as Stripe.js does."""
    if params.required_text("type") != "card":
        raise invalid("Invalid type: the simulator knows only card", "type")
    if "card" not in params:
        raise missing_parameter("card")
    details = params.mapping("billing_details")
    return from_number(work, params.mapping("card"), details, params.metadata())


def retrieve(work: Work, _params: Parameters, method_id: str) -> Document:
    """One payment method."""
    return resolve(work, method_id)


def resolve(work: Work, method_id: str) -> Document:
    """The payment method behind an id; each use of a ``pm_card_…`` id makes a new one."""
    if method_id in BY_TOKEN:
        year = 1970 + work.now() // SECONDS_PER_YEAR
        return _insert(work, BY_TOKEN[method_id], (LAST_MONTH, year + 1))
    method = work.store.get("payment_method", method_id)
    if method is None:
        raise no_such("PaymentMethod", method_id, "payment_method")
    return method


def from_data(work: Work, data: Document) -> Document:
    """Make one from ``payment_method_data``."""
    if data.get("type") != "card":
        raise invalid("Invalid type: the simulator knows only card", "payment_method_data[type]")
    return from_number(work, data.get("card", {}), data.get("billing_details", {}), {})


def from_number(work: Work, card: Document, billing: Document, metadata: Document) -> Document:
    """Make one from a documented test number; any other number is refused unread."""
    token = str(card.get("token", "")).replace("tok_", "pm_card_", 1)
    if token in BY_TOKEN:
        return resolve(work, token)
    number = "".join(str(card.get("number", "")).split())
    if number not in BY_NUMBER:
        raise _card_error("incorrect_number", "Your card number is incorrect.", "number")
    month, year = str(card.get("exp_month", "")), str(card.get("exp_year", ""))
    if not month.isdecimal() or not 1 <= int(month) <= LAST_MONTH:
        message = "Your card's expiration month is invalid."
        raise _card_error("invalid_expiry_month", message, "exp_month")
    this_year = 1970 + work.now() // SECONDS_PER_YEAR
    full_year = int(year) + (2000 if len(year) == 2 else 0) if year.isdecimal() else 0  # noqa: PLR2004 - "34"
    if full_year < this_year:
        message = "Your card's expiration year is invalid."
        raise _card_error("invalid_expiry_year", message, "exp_year")
    return _insert(work, BY_NUMBER[number], (int(month), full_year), billing, metadata)


def card_of(method: Document) -> Card:
    """How the card behaves."""
    return BY_NUMBER[method["_number"]]


def _card_error(code: str, message: str, param: str) -> ApiError:
    return ApiError(message, status=402, code=code, param=param, executed=False)


def billing_details(given: Document) -> Document:
    """Name and address with every field that Stripe shows."""
    fields = ("city", "country", "line1", "line2", "postal_code", "state")
    address = given.get("address") or {}
    return {
        "address": {name: address.get(name) or None for name in fields},
        **{name: given.get(name) or None for name in ("email", "name", "phone", "tax_id")},
    }


def _insert(
    work: Work,
    card: Card,
    expiry: tuple[int, int],
    billing: Document | None = None,
    metadata: Document | None = None,
) -> Document:
    method: Document = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(billing or {}),
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "unchecked",
            },
            "country": card.country,
            "display_brand": card.brand.replace("amex", "american_express"),
            "exp_month": expiry[0],
            "exp_year": expiry[1],
            "fingerprint": random_text(16),
            "funding": card.funding,
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": work.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": metadata or {},
        "type": "card",
        "_number": card.number,
    }
    work.store.insert(method)
    return method
