"""Events that come often, backwards, days late, or long after everything is over."""

import asyncio
from datetime import timedelta
from typing import Final

import pytest

from tests.api.market import ENVIRONMENT, Json, Market, intent_of, until
from tests.api.webhooks.inboxes import NoInbox, TakenIsDone, events_kept_in
from tests.api.webhooks.signed import AUTHORIZED, an_event_like, deliver, money_for
from tests.faults.market.people import Purchase, all_is_well
from workflows.purchase.address import purchase_workflow_id

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

AT_ONCE: Final = 50
THREE_DAYS: Final = timedelta(days=3).total_seconds()
SALE: Final = ["reserved", "billed", "payment authorized", "complete"]


async def all_delivered(market: Market) -> bool:
    deliveries = await market.hooks.get("/webhooks/deliveries")
    assert {each["last_status"] for each in deliveries} <= {204, None}
    return {each["state"] for each in deliveries} == {"delivered"}


async def everything(market: Market, purchases: list[Purchase]) -> list[Json]:
    """All that the people of these purchases can see: orders and mails."""
    orders = [await each.now() for each in purchases]
    return [*orders, *[mail for each in purchases for mail in await market.mail_to(each.buyer)]]


async def test_every_event_fifty_times_at_once_has_one_effect(market: Market) -> None:
    await market.hooks.post("/webhooks/mode", duplicate=AT_ONCE - 1)
    sale, back, refused = await asyncio.gather(*(Purchase.billed(market) for _ in range(3)))
    await market.decline(refused.order)
    await refused.buyer.when(refused.order, lambda order: order["payment"]["last_error"])
    for each in (sale, back, refused):
        await each.pays()
        await each.is_in("complete")
    await back.buyer.asks_money_back(back.order)
    await back.is_in("refunded")
    await until(lambda: all_delivered(market))

    assert await sale.told() == SALE
    assert (await back.told())[:4] == SALE
    assert len([each for each in await refused.told() if "declined" in each]) == 1
    await all_is_well(market, [sale, back, refused])


async def test_events_three_days_late_and_backwards_change_nothing_and_late_money_goes_back(
    market: Market,
) -> None:
    await market.hooks.post("/webhooks/mode", hold=True, reverse=True)
    with market.desk(window=timedelta(seconds=6)):
        sale, back, left = await asyncio.gather(*(Purchase.billed(market) for _ in range(3)))
    cancelled = await Purchase.billed(market)
    for each in (sale, back):
        await market.decline(each.order)
        await each.pays()
    await cancelled.buyer.cancels(cancelled.order)
    await asyncio.gather(sale.is_in("complete"), back.is_in("complete"), left.is_in("cancelled"))
    await back.buyer.asks_money_back(back.order)
    await back.is_in("refunded")
    purchases = [sale, back, left, cancelled]
    await all_is_well(market, purchases)
    before = await everything(market, purchases)

    held = await money_for(market, cancelled.order["id"], ENVIRONMENT)
    taken = await money_for(market, left.order["id"], ENVIRONMENT)
    await market.stripe.v1.payment_intents.capture_async(taken.id)
    await market.hooks.post("/clock", offset_seconds=THREE_DAYS)
    await market.hooks.post("/webhooks/release")
    await until(lambda: all_delivered(market))

    async def settled() -> bool:
        orphans = await market.databases.payments["orphans"].find().to_list()
        return {each["_id"]: each["settlement"] for each in orphans} == {
            held.id: "voided",
            taken.id: "refunded",
        }

    await until(settled)
    assert await everything(market, purchases) == before
    money = (await market.hooks.get("/ledger"))["payment_intents"]
    assert money[held.id]["voided"] == money[taken.id]["refunded"] == 5000


async def test_without_the_inbox_a_repeated_event_is_acted_on_again_and_still_does_no_harm(
    market: Market,
) -> None:
    sale = await Purchase.paid(market)
    event = await market.event(intent_of(sale.order), AUTHORIZED)
    await until(lambda: all_delivered(market))

    async def looks_after_repeats() -> int:
        await market.hooks.http.delete("/_sim/requests")
        await market.hooks.post("/webhooks/resend", event=event.id, times=AT_ONCE)
        await until(lambda: all_delivered(market))
        return len([each for each in await market.hooks.get("/requests") if _reads(each)])

    assert await looks_after_repeats() == 0
    with events_kept_in(market, NoInbox()):
        assert await looks_after_repeats() == AT_ONCE
    assert await sale.told() == SALE
    await all_is_well(market, [sale])


async def test_if_an_event_that_was_only_taken_counted_as_handled_its_repeat_would_be_lost(
    market: Market,
) -> None:
    sale = await Purchase.billed(market)
    await market.hooks.post("/webhooks/mode", drop=True)
    await sale.pays()
    event = an_event_like(await market.event(intent_of(sale.order), AUTHORIZED))
    async with market.cables.temporal.pulled():
        assert (await deliver(market, event)).status_code == 503

    with events_kept_in(market, TakenIsDone()):
        assert (await deliver(market, event)).status_code == 204
    assert await _signals(sale) == []
    assert (await deliver(market, event)).status_code == 204
    assert await _signals(sale) == ["payment_authorized"]
    await sale.is_in("complete")
    await all_is_well(market, [sale])


async def _signals(purchase: Purchase) -> list[str]:
    """What the purchase has been told, whether it has looked at it or not."""
    handle = purchase.market.temporal.get_workflow_handle(
        purchase_workflow_id(purchase.order["id"])
    )
    told = [
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in (await handle.fetch_history()).events
    ]
    return [name for name in told if name]


def _reads(request: Json) -> bool:
    return bool(request["method"] == "GET" and "/payment_intents/" in request["path"])
