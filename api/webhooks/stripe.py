"""Stripe's webhook: verify, store, look at Stripe, tell the workflow."""

from typing import Annotated

import stripe
from fastapi import APIRouter, Depends, Header, Request

from api.limits import limited
from api.problems import BadSignature, TooManyRequests, problems
from api.webhooks.events import StripeEvents
from services import security_log
from services.limits.rules import Rule
from services.security_log import Event

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])


async def _events(request: Request) -> StripeEvents:
    events: StripeEvents = request.app.state.stripe_events
    return events


async def _verified(
    request: Request,
    events: Annotated[StripeEvents, Depends(_events)],
    stripe_signature: Annotated[str, Header(description="As Stripe signs.")] = "",
) -> stripe.Event:
    """The event, if these very bytes were signed by Stripe within the last five minutes."""
    try:
        return events.read(await request.body(), stripe_signature)
    except (stripe.SignatureVerificationError, ValueError, KeyError, RecursionError) as error:
        security_log.record(Event.BAD_WEBHOOK_SIGNATURE, reason=type(error).__name__)
        raise BadSignature from error


@router.post(
    "/stripe",
    status_code=204,
    operation_id="receiveStripeEvent",
    summary="For Stripe only",
    dependencies=[Depends(limited(Rule.WEBHOOK))],
    responses=problems(BadSignature, TooManyRequests),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def receive(
    event: Annotated[stripe.Event, Depends(_verified)],
    events: Annotated[StripeEvents, Depends(_events)],
) -> None:
    """Answers once the event has had its effect; a repeat has none."""
    await events.handle(event)
