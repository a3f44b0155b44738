"""What nobody can talk the market into: another price, another order of steps, a second sale."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.market import BILLING, Json, Market, Person, intent_of, problem
from tests.api.security.test_injection import bodies, example
from tests.api.test_openapi import DOCUMENT

CROWD = 200
NOT_THEIRS = (
    *("id", "user_id", "buyer_id", "seller_id", "role", "email_verified", "absorbed"),
    *("status", "held_by", "version", "total", "amount", "payment", "expires_at", "_id"),
)
"""What a person never sets, whatever the request is."""


def requests() -> Iterator[Any]:
    for method, path, schema in bodies():
        yield pytest.param(method, path, schema, id=f"{method} {path}")


@pytest.mark.parametrize(("method", "path", "schema"), list(requests()))
async def test_security_04_nobody_sets_what_is_not_theirs(
    market: Market, buyer: Person, method: str, path: str, schema: Json
) -> None:
    await market.put_on_duty(buyer)  # whoever is refused for who they are, proves nothing here
    named = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    more = {name: "mine" for name in NOT_THEIRS if name not in named}
    address = path.replace("{provider}", "google").replace("{ticket_id}", "x")
    answer = await buyer.http.request(
        method, address.replace("{order_id}", "x"), json={**example(schema), **more}
    )
    told = problem(answer, 422)["errors"]
    assert set(more) <= {error["field"] for error in told}


async def test_security_05_the_price_is_the_sellers_and_the_total_the_servers(
    market: Market, seller: Person, buyer: Person
) -> None:
    ticket = await seller.lists(price={"amount": 10000, "currency": "CAD"})
    body: Json = {"ticket_id": ticket["id"], "billing": BILLING}
    for lie in ({"price": {"amount": 1}}, {"total": {"amount": 1}}, {"currency": "JPY"}):
        problem(await buyer.http.post("/api/orders", json={**body, **lie}), 422)
    order = await buyer.buys(ticket, billing=BILLING)
    assert order["total"] == {"amount": 11300, "currency": "CAD"}
    intent = await market.stripe.v1.payment_intents.retrieve_async(intent_of(order))
    assert (intent.amount, intent.currency) == (11300, "cad")
    await market.pay(order)
    await buyer.when_it_is(order, "complete")
    assert (await market.ledger(order))["captured"] == 11300


async def test_security_06_no_step_can_be_skipped_or_taken_twice(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    assert order["payment"]["client_secret"] is None
    problem(await buyer.tries("refund", order), 409)
    payable = await buyer.bills(order)
    problem(await buyer.tries("refund", order), 409)
    await market.pay(payable)
    await buyer.when_it_is(order, "complete")
    problem(await buyer.tries("cancel", order), 409)
    problem(await buyer.tries_billing(order), 409)
    await buyer.asks_money_back(order)
    problem(await buyer.tries("cancel", order), 409)
    await buyer.when_it_is(order, "refunded")
    for what in ("refund", "cancel"):
        problem(await buyer.tries(what, order), 409)
    ledger = await market.ledger(payable)
    assert ledger["captured"] == ledger["refunded"] == order["ticket"]["price"]["amount"] * 1.13


async def test_security_07_of_two_hundred_buyers_at_once_one_gets_the_ticket(
    market: Market, seller: Person
) -> None:
    ticket = await seller.lists()
    crowd = [await market.person() for _ in range(CROWD)]
    answers = await asyncio.gather(*(buyer.insists_on(ticket) for buyer in crowd))
    assert sorted({answer.status_code for answer in answers}) == [201, 409]
    (won,) = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    (order,) = await market.orders_of_ticket(ticket)
    assert (order["_id"], order["active"]) == (won, True)
    assert (await market.stored_ticket(ticket))["held_by"] == won
