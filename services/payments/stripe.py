"""How Stripe, or its stand-in, is reached. The same official client either way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import stripe
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class StripeSettings(BaseSettings):
    """Keys and addresses of Stripe; variables are prefixed ``STRIPE_``."""

    model_config = SettingsConfigDict(env_prefix="STRIPE_", frozen=True)

    secret_key: SecretStr
    publishable_key: str = ""
    webhook_secret: SecretStr = SecretStr("")
    api_base: str = "https://api.stripe.com"
    js_url: str = "https://js.stripe.com/v3/"

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
