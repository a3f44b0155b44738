"""An operator steers through Temporal; the buyer sees what happened, never who or why."""

import json
from datetime import datetime, timedelta

from temporalio.client import Client, WorkflowHandle

from services.orders.store import OrderStore
from tests.api.market import BILLING, Json, Market, Person
from workflows.messages import Steering
from workflows.purchase.address import purchase_workflow_id
from workflows.purchase.messages import (
    CancelPurchase,
    CancelReason,
    ExtendPurchase,
    PurchaseOutcome,
)
from workflows.purchase.workflow import PurchaseWorkflow

BY = Steering(actor="operator-of-the-day", why="seldom-heard-reason").model_dump()


def purchase(market: Market, order: Json) -> WorkflowHandle[PurchaseWorkflow, PurchaseOutcome]:
    """As ``temporal workflow`` addresses it."""
    client: Client = market.app.state.temporal
    return client.get_workflow_handle_for(PurchaseWorkflow.run, purchase_workflow_id(order["id"]))


async def test_the_buyer_sees_what_an_operator_did_but_not_who_or_why(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    more = timedelta(minutes=10)
    await purchase(market, order).execute_update(
        PurchaseWorkflow.extend, ExtendPurchase(by=more, **BY)
    )
    await purchase(market, order).execute_update(
        PurchaseWorkflow.cancel, CancelPurchase(reason=CancelReason.OPERATOR, **BY)
    )
    seen = await buyer.when_it_is(order, "cancelled")
    kept = await OrderStore().get(order["id"])

    assert kept is not None
    assert [(entry.actor, entry.why) for entry in kept.timeline[1:]] == [tuple(BY.values())] * 2
    assert [entry["what"] for entry in seen["timeline"]] == [
        "reserved",
        "hold extended",
        "cancelled: operator",
    ]
    assert all(entry.keys() == {"at", "what"} for entry in seen["timeline"])
    assert not any(secret in json.dumps(seen) for secret in BY.values())
    moved = datetime.fromisoformat(seen["expires_at"]) - datetime.fromisoformat(order["expires_at"])
    assert moved == more


async def test_what_temporal_shows_of_a_purchase_for_good_is_ids_and_an_amount(
    market: Market, seller: Person, buyer: Person
) -> None:
    ticket = await seller.lists(title="A title that is nobody's business")
    order = await buyer.buys(ticket, billing=BILLING)
    described = await purchase(market, order).describe()
    summary, details = await described.static_summary(), await described.static_details()

    assert summary == f"160.00 CAD, ticket {ticket['id']}"
    assert details == (
        f"Order `{order['id']}`: ticket `{ticket['id']}` (version {ticket['version']}) "
        f"for buyer `{buyer.id}`."
    )
