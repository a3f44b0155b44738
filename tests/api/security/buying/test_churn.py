"""Taking tickets and letting them go again, over and over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pymongo import AsyncMongoClient

from services.limits.limiter import Limits
from tests.api.market import Market, Person, problem
from tests.api.security.buying.test_holds import workflows_of
from tests.cables import a_cable
from tests.limits import generous


@asynccontextmanager
async def limited(market: Market, limits: Limits) -> AsyncIterator[None]:
    """Other limits inside the block."""
    usual, market.app.state.limits = market.app.state.limits, limits
    try:
        yield
    finally:
        market.app.state.limits = usual


@pytest.mark.parametrize("rule", ["reserve_user", "reserve"])
async def test_security_08_whoever_takes_and_lets_go_too_often_has_to_wait(
    market: Market, seller: Person, buyer: Person, rule: str
) -> None:
    ticket = await seller.lists()
    tight = Limits(market.databases.auth, generous(**{rule: "2/hour"}))
    async with limited(market, tight):
        for _ in range(2):
            order = await buyer.buys(ticket)
            await buyer.cancels(order)
            await buyer.when_it_is(order, "cancelled")
        refused = await buyer.asks_for(ticket)
    assert problem(refused, 429)["type"] == "/problems/too-many-requests"
    assert refused.headers["retry-after"]
    assert (await seller.ticket(ticket))["status"] == "available"
    assert await workflows_of(market, buyer, 2) == 2
    await buyer.buys(ticket)  # the negative control: it was the limit that refused
    assert await workflows_of(market, buyer, 3) == 3


async def test_security_38_without_the_counters_no_purchase_is_started(
    market: Market, seller: Person, buyer: Person
) -> None:
    ticket = await seller.lists()
    server = await market.databases.auth.client.address
    assert server is not None
    async with (
        a_cable(server[1]) as cable,
        AsyncMongoClient[dict[str, object]](
            f"mongodb://{cable.address}/?directConnection=true", serverSelectionTimeoutMS=2_000
        ) as client,
        limited(market, Limits(client[market.databases.auth.name], generous())),
    ):
        await buyer.buys(await seller.lists())
        async with cable.pulled():
            problem(await buyer.asks_for(ticket), 503)
    assert (await seller.ticket(ticket))["status"] == "available"
    assert await workflows_of(market, buyer, 1) == 1
