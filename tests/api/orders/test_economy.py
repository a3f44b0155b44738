"""How often MongoDB is asked for somebody who comes too late: most of a crowd does."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from services.clock import now
from services.limits.limiter import Limits
from tests.api.market import Json, Market, Person, problem
from tests.limits import generous

COUNTS = {"limits findAndModify": 2, "sessions aggregate": 1, "tickets find": 1}
"""By address and by user; the session with its user; the ticket."""
KEPT = {"requests findAndModify": 1}
"""What is asked for under a key."""
COMMANDS = ("findAndModify", "aggregate", "find", "update", "insert", "delete", "count")


@asynccontextmanager
async def asked(market: Market) -> AsyncIterator[Counter[str]]:
    """What MongoDB was asked inside the block, once it is left."""
    told: Counter[str] = Counter()
    databases = [market.databases.auth, market.databases.tickets, market.databases.orders]
    for database in databases:
        await database.command("profile", 2)
    try:
        yield told
    finally:
        for database in databases:
            await database.command("profile", 0)
            seen = database["system.profile"]
            told.update([what async for each in seen.find() if (what := _what(each))])
            await seen.drop()


def _what(profiled: Json) -> str | None:
    """Collection and command; None for what the profiler itself and change streams do."""
    collection = profiled["ns"].partition(".")[2]
    command = next((each for each in COMMANDS if each in profiled["command"]), None)
    if command is None or collection.startswith(("system.", "$cmd")):
        return None
    return f"{collection} {command}"


@pytest.fixture
async def taken(market: Market, seller: Person) -> Json:
    """A ticket that somebody else has."""
    ticket = await seller.lists()
    await (await market.person()).buys(ticket)
    await market.post_is_done(now() - timedelta(minutes=1))  # letters ask MongoDB as well
    return ticket


@pytest.fixture
def usual_windows(market: Market) -> Iterator[None]:
    """As many windows as the product has: each of them could be a write."""
    usual, windows = market.app.state.limits, "1000000/minute;1000000/hour"
    market.app.state.limits = Limits(market.databases.auth, generous(reserve_user=windows))
    yield
    market.app.state.limits = usual


@pytest.mark.usefixtures("usual_windows")
@pytest.mark.parametrize(("key", "more"), [(None, {}), ("fresh", KEPT)])
async def test_a_refusal_asks_no_more_than_it_must(
    market: Market, buyer: Person, taken: Json, key: str | None, more: dict[str, int]
) -> None:
    async with asked(market) as told:
        problem(await buyer.asks_for(taken, key=key and uuid4().hex), 409)

    assert told == COUNTS | more


async def test_what_a_purchase_asks_besides_is_seen(
    market: Market, seller: Person, buyer: Person
) -> None:
    ticket = await seller.lists()

    async with asked(market) as told:
        await buyer.buys(ticket, key=uuid4().hex)

    assert told["holds findAndModify"] == 1
    assert told["orders find"] >= 1
    assert told.total() > sum((COUNTS | KEPT).values())
