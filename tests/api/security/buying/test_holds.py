"""Nobody keeps the market from others: at most so many unpaid tickets per buyer."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from services.clock import now
from services.orders.holds import UNSEEN_FOR, HoldStore
from temporal.calls import NobodyAnsweredError
from temporal.purchases import Purchases
from tests.api.market import Json, Market, Person, problem

PLACES = 4


async def tickets_of(seller: Person, count: int) -> list[Json]:
    return [await seller.lists(title=f"Seat {number}") for number in range(count)]


async def workflows_of(market: Market, person: Person, at_least: int) -> int:
    """How many purchases Temporal knows of, once it knows of so many; it tells with a delay."""
    found = -1
    for _ in range(100):
        last, found = found, (await market.temporal.count_workflows(f"BuyerId='{person.id}'")).count
        if found >= at_least and found == last:
            break
        await asyncio.sleep(0.1)
    return found


def refused(answer_type: str) -> str:
    return f"/problems/{answer_type}"


async def test_security_08_of_ten_reservations_at_once_four_succeed(
    market: Market, seller: Person, buyer: Person
) -> None:
    tickets = await tickets_of(seller, 10)
    with market.desk(open_holds=PLACES):
        answers = await asyncio.gather(*(buyer.asks_for(ticket) for ticket in tickets))
    assert Counter(answer.status_code for answer in answers) == {201: PLACES, 409: 6}
    for answer in answers:
        if answer.status_code == 409:
            assert problem(answer, 409)["type"] == refused("too-many-holds")
    held = [
        ticket["id"] for ticket in tickets if (await seller.ticket(ticket))["status"] != "available"
    ]
    assert len(held) == PLACES
    assert await workflows_of(market, buyer, PLACES) == PLACES


async def test_security_08_it_is_the_limit_that_refuses(
    market: Market, seller: Person, buyer: Person
) -> None:
    """The negative control: with more places all ten succeed."""
    with market.desk(open_holds=10):
        answers = await asyncio.gather(
            *(buyer.asks_for(ticket) for ticket in await tickets_of(seller, 10))
        )
    assert {answer.status_code for answer in answers} == {201}


async def test_security_08_each_buyer_has_places_of_their_own(
    market: Market, seller: Person, buyer: Person
) -> None:
    other = await market.person()
    mine, free = await tickets_of(seller, 2)
    with market.desk(open_holds=1):
        await buyer.buys(mine)
        problem(await buyer.asks_for(free), 409)
        await other.buys(free)


@pytest.mark.parametrize("how", ["cancelled", "paid"])
async def test_security_08_what_is_over_or_paid_makes_room(
    market: Market, seller: Person, buyer: Person, how: str
) -> None:
    first, second = await tickets_of(seller, 2)
    with market.desk(open_holds=1):
        order = await buyer.buys(first)
        problem(await buyer.asks_for(second), 409)
        if how == "cancelled":
            await buyer.cancels(order)
            await buyer.when_it_is(order, "cancelled")
        else:
            await market.pay(await buyer.bills(order))
            await buyer.when_it_is(order, "complete")
        await buyer.buys(second)


async def test_security_08_an_expired_hold_makes_room(
    market: Market, seller: Person, buyer: Person
) -> None:
    first, second = await tickets_of(seller, 2)
    with market.desk(open_holds=1, window=timedelta(seconds=1)):
        order = await buyer.buys(first)
        await buyer.when_it_is(order, "cancelled")
        await buyer.buys(second)


async def test_security_08_a_refused_ticket_takes_no_place(
    market: Market, seller: Person, buyer: Person
) -> None:
    taken, free = await tickets_of(seller, 2)
    await (await market.person()).buys(taken)
    with market.desk(open_holds=1):
        assert problem(await buyer.asks_for(taken), 409)["type"] == refused("ticket-unavailable")
        await buyer.buys(free)


async def test_security_08_the_same_key_gives_the_same_order_when_all_places_are_taken(
    market: Market, seller: Person, buyer: Person
) -> None:
    first, second = await tickets_of(seller, 2)
    with market.desk(open_holds=1):
        order = await buyer.buys(first, key="click")
        assert (await buyer.buys(first, key="click"))["id"] == order["id"]
        assert problem(await buyer.asks_for(second, key="other"), 409)["type"] == refused(
            "too-many-holds"
        )
        await buyer.cancels(order)
        await buyer.when_it_is(order, "cancelled")
        assert (await buyer.buys(second, key="other"))["id"] != order["id"]


async def test_security_08_ten_clicks_with_one_key_take_one_place(
    market: Market, seller: Person, buyer: Person
) -> None:
    first, second = await tickets_of(seller, 2)
    with market.desk(open_holds=2):
        orders = await asyncio.gather(*(buyer.buys(first, key="click") for _ in range(10)))
        assert len({order["id"] for order in orders}) == 1
        await buyer.buys(second)


class DiesBeforeStarting(Purchases):
    """An API process that ends between claiming a place and starting the purchase."""

    async def start(self, **_: object) -> None:  # type: ignore[override]
        raise NobodyAnsweredError


async def test_security_08_a_crash_before_the_start_does_not_cost_the_place_for_long(
    market: Market, seller: Person, buyer: Person
) -> None:
    first, second = await tickets_of(seller, 2)
    with market.desk(open_holds=1, purchases=DiesBeforeStarting(market.temporal)):
        problem(await buyer.asks_for(first), 503)
    with market.desk(open_holds=1):
        problem(await buyer.asks_for(second), 409)
        store, soon, later = HoldStore(), now(), now() + UNSEEN_FOR + timedelta(seconds=5)
        assert not await store.claim(buyer.id, "next", places=1, at=soon)
        assert await store.claim(buyer.id, "next", places=1, at=later)
