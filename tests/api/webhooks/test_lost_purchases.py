"""The order's own payment moves, and its purchase is not there any more to hear of it."""

from tests.api.market import Json, Market, Person, intent_of, until
from tests.api.webhooks.signed import AUTHORIZED, a_payable_order, an_event_like, deliver
from workflows.purchase.address import purchase_workflow_id


async def lost(market: Market, seller: Person, buyer: Person) -> Json:
    """A payable order whose purchase somebody has terminated."""
    order = await a_payable_order(seller, buyer)
    purchase = market.temporal.get_workflow_handle(purchase_workflow_id(order["id"]))
    await purchase.terminate("by hand")
    return order


async def comes_to(market: Market, order: Json, move: str) -> Json:
    """The money once so much of it has moved this way, and no more."""
    total = order["total"]["amount"]

    async def look() -> Json | None:
        money = await market.ledger(order)
        return money if money[move] == total else None

    return await until(look)


async def test_money_held_for_an_open_order_is_let_go(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await lost(market, seller, buyer)
    await market.pay(order)
    event = await market.event(intent_of(order), AUTHORIZED)
    assert (await market.in_inbox(event.id, "handled"))["outcome"] == "orphan"
    assert (await comes_to(market, order, "voided"))["captured"] == 0


async def test_money_taken_for_a_cancelled_order_is_given_back(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await lost(market, seller, buyer)
    await market.hooks.post("/webhooks/mode", drop=True)
    await market.pay(order)
    await market.stripe.v1.payment_intents.capture_async(intent_of(order))
    over = {"status": "cancelled", "cancel_reason": "expired", "active": False}
    await market.databases.orders["orders"].update_one({"_id": order["id"]}, {"$set": over})
    event = await market.event(intent_of(order), "payment_intent.succeeded")
    assert (await deliver(market, an_event_like(event))).status_code == 204
    assert (await market.in_inbox(event.id, "handled"))["outcome"] == "orphan"
    assert len((await comes_to(market, order, "refunded"))["refunds"]) == 1
