"""How Stripe, or its stand-in, is reached. The same official client either way."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import NamedTuple

import stripe
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from services.settings import HttpAddress, Settings


class StripeSettings(Settings):
    """Keys and addresses of Stripe; variables are prefixed ``STRIPE_``."""

    model_config = SettingsConfigDict(env_prefix="STRIPE_")

    secret_key: SecretStr
    """Of the account; the API and the workers need the same."""
    publishable_key: str = ""
    """Told to browsers."""
    webhook_secret: SecretStr = SecretStr("")
    """Checks the signature of what comes to /api/webhooks/stripe."""
    api_base: HttpAddress = "https://api.stripe.com"
    """Where the SDK finds Stripe; the simulator is elsewhere."""
    js_url: HttpAddress = "https://js.stripe.com/v3/"
    """Script that browsers are told to load."""

    @property
    def live(self) -> bool:
        """Whether real money moves."""
        return self.secret_key.get_secret_value().startswith(("sk_live_", "rk_live_"))


@asynccontextmanager
async def open_stripe(
    settings: StripeSettings, *, seconds: float = 20
) -> AsyncIterator[stripe.StripeClient]:
    """A client that gives one request ``seconds`` and never repeats it by itself.

    Retries belong to the workflow's policies, where an operator can see them.
    """
    http = stripe.HTTPXClient(timeout=seconds)
    try:
        yield stripe.StripeClient(
            settings.secret_key.get_secret_value(),
            base_addresses={"api": settings.api_base},
            http_client=http,
            max_network_retries=0,
        )
    finally:
        await http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it unannotated


def metadata_of(thing: stripe.PaymentIntent | stripe.Refund, name: str) -> str | None:
    """One entry that we put on a Stripe object when it was made, or None if it is not ours."""
    return said(thing.metadata, name)


def said(thing: stripe.StripeObject | None, name: str) -> str | None:
    """A text that Stripe may leave out: the SDK raises ``AttributeError`` for what is not there."""
    return getattr(thing, name, None)


class Decline(NamedTuple):
    """One refusal: the attempt that it ended, and the bank's reason code."""

    attempt_id: str
    code: str


def decline_of(intent: stripe.PaymentIntent) -> Decline | None:
    """The last refusal of a PaymentIntent, however we hear of it.

    A failed 3-D Secure check makes no charge; the payment method then tells one try from another.
    """
    error = intent.last_payment_error
    if error is None:
        return None
    attempt = said(error, "charge") or said(error.payment_method, "id")
    code = said(error, "decline_code") or said(error, "code") or "card_declined"
    return Decline(attempt, code) if attempt else None


REFUND_LOST = ("failed", "canceled")
"""States of a refund whose money stays with us."""


def refund_of_all(refunds: Iterable[stripe.Refund], amount: int) -> stripe.Refund | None:
    """The refund to follow if these together give back ``amount``, in minor units, or None.

    The money may have gone back in parts; one that the bank still works on decides the whole.
    """
    good = [refund for refund in refunds if refund.status not in REFUND_LOST]
    if not good or sum(refund.amount for refund in good) < amount:
        return None
    return next((refund for refund in good if refund.status != "succeeded"), good[0])


def id_of(reference: stripe.StripeObject | str | None) -> str | None:
    """The id of what Stripe refers to, by its id or in full."""
    return reference if isinstance(reference, str) else said(reference, "id")


def moment(seconds: int) -> datetime:
    """Stripe's time, whole seconds since 1970, as aware UTC."""
    return datetime.fromtimestamp(seconds, UTC)
