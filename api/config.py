"""What the browser must know before anybody signs in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from api.dependencies import Settings
from services.money import Currency
from services.payments.stripe import StripeSettings

router = APIRouter(prefix="/api/config", tags=["operation"])


class StripeConfig(BaseModel):
    """How a browser pays."""

    publishable_key: str = Field(examples=["pk_test_123"])
    script_url: str = Field(examples=["https://js.stripe.com/v3/"])


class ConfigView(BaseModel):
    """Public settings; nothing here is a secret."""

    stripe: StripeConfig
    sign_in_providers: list[str]
    currency: Currency
    reservation_window: int = Field(description="Seconds that a buyer has to pay.", examples=[900])
    hold_extension: int = Field(
        description="Seconds left at least after the billing address is given; 0 for none.",
        examples=[120],
    )


async def _stripe(request: Request) -> StripeSettings:
    settings: StripeSettings = request.app.state.stripe_settings
    return settings


async def _providers(request: Request) -> list[str]:
    names: list[str] = request.app.state.sign_in_providers
    return names


@router.get("", operation_id="getConfig", summary="Public settings")
async def config(
    settings: Settings,
    stripe: Annotated[StripeSettings, Depends(_stripe)],
    providers: Annotated[list[str], Depends(_providers)],
) -> ConfigView:
    """The same for everybody."""
    return ConfigView(
        stripe=StripeConfig(publishable_key=stripe.publishable_key, script_url=stripe.js_url),
        sign_in_providers=providers,
        currency="CAD",
        reservation_window=settings.reservation_window,
        hold_extension=settings.hold_extension,
    )
