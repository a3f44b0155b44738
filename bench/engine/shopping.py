"""What people do: order with an address, pay, and see it through."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from bench.engine import calls
from bench.engine.stack import Stack
from bench.engine.stock import Pair
from tests.e2e.system import BILLING
from workflows.purchase.address import purchase_workflow_id

SECRET_KEY = "sk_test_devstack"  # noqa: S105 - the simulator takes any
Json = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """A workflow that has ended."""

    workflow_id: str


async def purchase(stack: Stack) -> Done:
    """Through the shop's own doors, to the end of its workflow, mail included."""
    order = await post_order(stack, stack.stock.take())
    await confirm(stack, order)
    workflow_id = purchase_workflow_id(order["id"])
    await stack.client.get_workflow_handle(workflow_id).result()
    return Done(workflow_id)


async def twin(stack: Stack) -> Done:
    """Straight at Temporal."""
    order_id = await calls.start_twin(stack.client)
    await calls.pay_twin(stack.client, order_id)
    await calls.twin(stack.client, order_id).result()
    return Done(calls.twin_id(order_id))


async def noop(stack: Stack) -> Done:
    """Straight at Temporal."""
    return Done(await calls.run_noop(stack.client))


async def post_order(stack: Stack, pair: Pair) -> Json:
    """``POST /api/orders`` with the address; raises unless the order can be paid."""
    answer = await stack.http.post(
        f"{stack.system.api}/api/orders",
        json={"ticket_id": pair.ticket_id, "billing": BILLING},
        headers={"Cookie": f"session={pair.token}"},
    )
    order: Json = answer.raise_for_status().json()
    while order["payment"]["client_secret"] is None:
        # Stripe did not answer within 2 s: the order becomes payable by itself.
        await asyncio.sleep(0.1)
        again = await stack.http.get(
            f"{stack.system.api}/api/orders/{order['id']}",
            headers={"Cookie": f"session={pair.token}"},
        )
        order = again.raise_for_status().json()
    return order


async def confirm(stack: Stack, order: Json) -> Json:
    """The buyer's browser pays at Stripe; the PaymentIntent, for which the bank now holds money."""
    intent_id = str(order["payment"]["client_secret"]).partition("_secret_")[0]
    answer = await stack.http.post(
        f"{stack.system.stripe_address}/v1/payment_intents/{intent_id}/confirm",
        data={"payment_method": "pm_card_visa"},
        headers={"Authorization": f"Bearer {SECRET_KEY}"},
    )
    intent: Json = answer.raise_for_status().json()
    if intent["status"] != "requires_capture":
        raise RuntimeError(f"the payment is {intent['status']}: {HTTPStatus(answer.status_code)}")
    return intent
