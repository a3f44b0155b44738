"""The nine bugs of purchases that other systems have shipped, each tried here by its name."""

import asyncio
from uuid import uuid4, uuid5

import pytest
import stripe

from api.orders.desk import ORDERS
from services.orders.documents import Order
from tests.api.market import (
    BILLING,
    ENVIRONMENT,
    Json,
    Market,
    in_quebec,
    intent_of,
    problem,
    until,
)
from tests.api.orders.snatched import Snatched
from tests.api.webhooks.signed import AUTHORIZED, an_event, deliver, money_for
from tests.faults.market.people import Purchase, all_is_well, payments_of

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

SUCCEEDED = "payment_intent.succeeded"
FAILED = "payment_intent.payment_failed"
REFUNDED = "charge.refunded"
CROWD = 10
SALE = ["reserved", "billed", "payment authorized", "complete"]


async def tell(market: Market, kind: str, object_id: str, times: int = CROWD) -> None:
    """So many events at once, each new to us, about one thing at Stripe: the inbox is no help."""
    events = [an_event(kind, data={"object": {"id": object_id}}) for _ in range(times)]
    answers = await asyncio.gather(*(deliver(market, event) for event in events))
    assert {answer.status_code for answer in answers} == {204}


async def asked(market: Market, order: Json, what: str) -> list[Json]:
    """The requests to do this to the order's payment."""
    path = f"/v1/payment_intents/{intent_of(order)}/{what}"
    requests = await market.hooks.get("/requests")
    return [each for each in requests if (each["method"], each["path"]) == ("POST", path)]


async def test_bug_two_intents_from_webhook_and_page_at_once(market: Market) -> None:
    purchase = await Purchase.reserved(market)
    await market.hooks.post("/webhooks/mode", duplicate=CROWD)
    await asyncio.gather(*(purchase.buyer.tries_billing(purchase.order) for _ in range(CROWD)))
    purchase.order = await purchase.is_in("awaiting_payment")
    await market.decline(purchase.order)
    await asyncio.gather(
        *(purchase.buyer.tries_billing(purchase.order, in_quebec()) for _ in range(CROWD)),
        tell(market, FAILED, intent_of(purchase.order)),
    )
    await purchase.pays()
    await asyncio.gather(
        *(purchase.buyer.tries_billing(purchase.order, BILLING) for _ in range(CROWD)),
        tell(market, AUTHORIZED, intent_of(purchase.order)),
    )
    await purchase.is_in("complete")
    assert await payments_of(market, purchase.order) == [intent_of(purchase.order)]
    await all_is_well(market, [purchase])


async def test_bug_one_capture_counted_twice(market: Market) -> None:
    purchase = await Purchase.paid(market)
    await tell(market, SUCCEEDED, intent_of(purchase.order))
    await tell(market, AUTHORIZED, intent_of(purchase.order))
    assert await purchase.told() == SALE
    total = (await purchase.now())["total"]["amount"]
    money = await market.ledger(purchase.order)
    assert [each["amount"] for each in money["captures"]] == [total]
    assert await market.letters(purchase.buyer, 1) == ["Order Confirmed!"]
    await all_is_well(market, [purchase])


async def test_bug_second_payment_after_a_refresh(market: Market) -> None:
    """The page is loaded anew before anybody has heard of the money; all is sent once more."""
    await market.hooks.post("/webhooks/mode", drop=True)
    seller, buyer, key = await market.person(), await market.person(), uuid4().hex
    ticket = await seller.lists()
    purchase = Purchase(market, buyer, await buyer.buys(ticket, key=key))
    await purchase.bills()
    await purchase.pays()

    assert (await buyer.buys(ticket, key=key))["id"] == purchase.order["id"]
    await buyer.tries_billing(purchase.order)
    again = await purchase.now()
    assert intent_of(again) == intent_of(purchase.order)
    with pytest.raises(stripe.InvalidRequestError):
        await market.pay(again)
    await tell(market, AUTHORIZED, intent_of(purchase.order), times=1)
    paid = await purchase.is_in("complete")
    assert paid["payment"]["client_secret"] is None
    assert len((await market.ledger(purchase.order))["captures"]) == 1
    await all_is_well(market, [purchase])


async def test_bug_second_refund_on_redelivery(market: Market) -> None:
    purchase = await Purchase.paid(market)
    await purchase.buyer.asks_money_back(purchase.order)
    await purchase.is_in("refunded")
    intent = await market.stripe.v1.payment_intents.retrieve_async(intent_of(purchase.order))
    await tell(market, REFUNDED, str(intent.latest_charge))
    await tell(market, SUCCEEDED, intent.id)
    problem(await purchase.buyer.tries("refund", purchase.order), 409)
    total = (await purchase.now())["total"]["amount"]
    money = await market.ledger(purchase.order)
    assert [each["amount"] for each in money["refunds"]] == [total]
    assert await market.letters(purchase.buyer, 2) == ["Order Confirmed!", "Order Refunded"]
    await all_is_well(market, [purchase])


async def test_bug_double_capture_call(market: Market) -> None:
    """News of the same money at once; then a capture whose answer is lost."""
    purchase, unlucky = await Purchase.billed(market), await Purchase.billed(market)
    await market.hooks.post("/webhooks/mode", duplicate=CROWD)
    await purchase.pays()
    await tell(market, AUTHORIZED, intent_of(purchase.order))
    await purchase.is_in("complete")
    assert len(await asked(market, purchase.order, "capture")) == 1

    capture = f"/v1/payment_intents/{intent_of(unlucky.order)}/capture"
    await market.hooks.fault("disconnect_after", capture)
    await unlucky.pays()
    await unlucky.is_in("complete")
    for each in (purchase, unlucky):
        keys = {entry["idempotency_key"] for entry in await asked(market, each.order, "capture")}
        assert len(keys) == len((await market.ledger(each.order))["captures"]) == 1
    await all_is_well(market, [purchase, unlucky])


async def test_bug_wrong_compensation_of_a_lock(market: Market) -> None:
    """Whoever comes second must not free what they failed to take."""
    seller, first, second = [await market.person() for _ in range(3)]
    ticket = await seller.lists()
    purchase = Purchase(market, first, await first.buys(ticket))
    with market.desk(tickets=Snatched()):
        problem(await second.asks_for(ticket), 409)
    assert (await market.stored_ticket(ticket))["held_by"] == purchase.order["id"]
    problem(await second.asks_for(ticket), 409)
    await purchase.bills()
    await purchase.pays()
    await purchase.is_in("complete")
    await all_is_well(market, [purchase])


async def test_bug_a_failed_order_that_leaves_a_hold(market: Market) -> None:
    """The ticket is reserved, and then the order cannot be written."""
    seller, buyer = await market.person(), await market.person()
    ticket, orders = await seller.lists(), Order.get_pymongo_collection()
    in_the_way = {"_id": uuid4().hex, "ticket_id": ticket["id"], "active": True}
    await orders.insert_one(in_the_way)
    problem(await buyer.asks_for(ticket), 409)
    stored = await market.stored_ticket(ticket)
    assert (stored["status"], stored["held_by"]) == ("available", None)

    await orders.delete_one({"_id": in_the_way["_id"]})
    purchase = Purchase(market, buyer, await buyer.buys(ticket))
    await purchase.bills()
    await purchase.pays()
    await purchase.is_in("complete")
    await all_is_well(market, [purchase])


async def test_bug_webhook_before_the_order_is_written(market: Market) -> None:
    """The money goes back; the order comes a moment later, and is paid as any other."""
    seller, buyer, key = await market.person(), await market.person(), uuid4().hex
    order_id = str(uuid5(ORDERS, f"{buyer.id}:0:{key}"))
    early = await money_for(market, order_id, ENVIRONMENT)
    event = await market.event(early.id, AUTHORIZED)
    assert (await market.in_inbox(event.id, "handled"))["outcome"] == "orphan"

    purchase = Purchase(market, buyer, await buyer.buys(await seller.lists(), key=key))
    assert purchase.order["id"] == order_id
    await tell(market, AUTHORIZED, early.id)
    await purchase.bills()
    assert intent_of(purchase.order) != early.id
    await purchase.pays()
    await purchase.is_in("complete")
    assert await purchase.told() == SALE

    async def settled() -> bool:
        return bool((await market.ledger(early.id))["voided"] == early.amount)

    await until(settled)
    assert (await market.ledger(early.id))["captured"] == 0
    assert await payments_of(market, purchase.order) == [intent_of(purchase.order), early.id]


async def test_bug_three_deliveries_settle_three_times(market: Market) -> None:
    """Neither a sale nor the return of money that came too late."""
    sale, over = await Purchase.billed(market), await Purchase.billed(market)
    await over.buyer.cancels(over.order)
    await market.hooks.post("/webhooks/mode", drop=True)
    await sale.pays()
    late = await money_for(market, over.order["id"], ENVIRONMENT)
    await market.stripe.v1.payment_intents.capture_async(late.id)
    await asyncio.gather(
        tell(market, AUTHORIZED, intent_of(sale.order), times=3),
        tell(market, SUCCEEDED, late.id, times=3),
    )
    await sale.is_in("complete")
    assert await sale.told() == SALE
    assert len((await market.ledger(sale.order))["captures"]) == 1

    async def returned() -> bool:
        return bool((await market.ledger(late.id))["refunds"])

    await until(returned)
    await tell(market, SUCCEEDED, late.id, times=3)
    money = await market.ledger(late.id)
    assert [each["amount"] for each in money["refunds"]] == [late.amount]
    await all_is_well(market, [sale])
