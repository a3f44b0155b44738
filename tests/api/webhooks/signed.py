"""Events as Stripe signs and sends them."""

import json
import time
from uuid import uuid4

import httpx
import stripe

from devstack.simulators.stripe.webhooks import signature
from tests.api.market import WEBHOOK_SECRET, Json, Market, Person

AUTHORIZED = "payment_intent.amount_capturable_updated"


def an_event(kind: str = AUTHORIZED, **changes: object) -> Json:
    """An event as Stripe writes it."""
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": kind,
        "livemode": False,
        "created": int(time.time()),
        "data": {"object": {"id": f"pi_{uuid4().hex}", "object": "payment_intent"}},
        **changes,
    }


async def deliver(
    market: Market, event: object, *, secret: str = WEBHOOK_SECRET, age: int = 0
) -> httpx.Response:
    """Sign as Stripe does and send."""
    payload = event if isinstance(event, bytes) else json.dumps(event).encode()
    header = signature(payload, secret, int(time.time()) - age)
    return await post(market, payload, {"Stripe-Signature": header})


async def post(market: Market, payload: bytes, headers: dict[str, str]) -> httpx.Response:
    return await market.browser().post(
        "/api/webhooks/stripe",
        content=payload,
        headers={"Content-Type": "application/json", **headers},
    )


async def a_payable_order(seller: Person, buyer: Person) -> Json:
    return await buyer.bills(await buyer.buys(await seller.lists()))


async def a_sale(market: Market, seller: Person, buyer: Person) -> Json:
    order = await a_payable_order(seller, buyer)
    await market.pay(order)
    await buyer.when_it_is(order, "complete")
    return order


def an_event_like(event: stripe.Event) -> Json:
    """An event of Stripe's as it goes over the wire."""
    return an_event(event.type, id=event.id, data={"object": {"id": event.data.object["id"]}})


async def money_for(market: Market, order_id: str, environment: str) -> stripe.PaymentIntent:
    """A PaymentIntent that names an order, with money held."""
    return await market.stripe.v1.payment_intents.create_async(
        {
            "amount": 5000,
            "currency": "cad",
            "capture_method": "manual",
            "allowed_payment_method_types": ["card"],
            "metadata": {"order_id": order_id, "environment": environment},
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )
