"""What is sent is swallowed, or arrives late, and nobody is told that the line is dead."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.api.market import ANSWER_SECONDS, Json, Market, Person, in_quebec, sorry, until
from tests.cables import Way
from tests.faults.market.people import Purchase, all_is_well


async def again(market: Market, buyer: Person, ticket: Json, key: Callable[[], str]) -> Json:
    """Click until there is an order."""

    async def look() -> Json | None:
        answer = await buyer.asks_for(ticket, key=key())
        return answer.json() if answer.is_success else None

    return await until(look)


@pytest.mark.faults
async def test_an_api_that_hears_nothing_from_mongodb_says_so_in_time(market: Market) -> None:
    purchase = await Purchase.billed(market)
    buyer, order = purchase.buyer, purchase.order
    with market.cables.mongodb.silent(Way.BACK):
        async with asyncio.timeout(ANSWER_SECONDS):
            answers = await asyncio.gather(
                buyer.http.get("/api/tickets"),
                buyer.http.get(f"/api/orders/{order['id']}"),
                buyer.asks_for(order["ticket"]),
                buyer.tries_billing(order, in_quebec()),
                buyer.tries("cancel", order),
            )
    for answer in answers:
        sorry(answer)
    await purchase.pays()
    await until(lambda: _looks(buyer))
    await purchase.is_in("complete")
    await all_is_well(market, [purchase])


async def _looks(buyer: Person) -> bool:
    return (await buyer.http.get("/api/orders")).is_success


@pytest.mark.faults
async def test_a_click_whose_answer_was_lost_holds_nothing_and_a_new_click_buys(
    market: Market,
) -> None:
    """It was taken back, as every click is that nobody answers; that it was is not heard either."""
    seller, buyer, key = await market.person(), await market.person(), uuid4().hex
    ticket = await seller.lists()
    with market.cables.temporal.silent(Way.BACK):
        sorry(await buyer.asks_for(ticket, key=key))
    lost = await again(market, buyer, ticket, lambda: key)
    lost = await buyer.when_it_is(lost, "cancelled")
    assert (await seller.ticket(ticket))["status"] == "available"
    bought = await again(market, buyer, ticket, lambda: uuid4().hex)
    assert bought["id"] != lost["id"]
    await is_held_for(market, buyer, ticket, bought)


@pytest.mark.faults
async def test_a_click_that_temporal_never_heard_is_one_order_in_the_end(market: Market) -> None:
    seller, buyer, key = await market.person(), await market.person(), uuid4().hex
    ticket = await seller.lists()
    with market.cables.temporal.silent(Way.THERE):
        sorry(await buyer.asks_for(ticket, key=key))
    await is_bought_once(market, buyer, ticket, key)


async def test_a_click_that_arrives_after_it_was_given_up_is_one_order_in_the_end(
    market: Market,
) -> None:
    seller, buyer, key = await market.person(), await market.person(), uuid4().hex
    ticket = await seller.lists()
    with market.cables.temporal.stuck(Way.THERE):
        sorry(await buyer.asks_for(ticket, key=key))
    await is_bought_once(market, buyer, ticket, key)


async def is_bought_once(market: Market, buyer: Person, ticket: Json, key: str) -> None:
    """Clicks with this key come to one order, which holds the ticket."""
    order = await again(market, buyer, ticket, lambda: key)
    assert (await buyer.buys(ticket, key=key))["id"] == order["id"]
    await is_held_for(market, buyer, ticket, order)


async def is_held_for(market: Market, buyer: Person, ticket: Json, order: Json) -> None:
    """The ticket is held for this order and no other, and the books agree when it is over."""
    assert (await market.stored_ticket(ticket))["held_by"] == order["id"]
    assert len(await market.orders_of_ticket(ticket, active=True)) == 1
    await buyer.cancels(order)
    await all_is_well(market, [])
