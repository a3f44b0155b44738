"""The naive shape sells, costs what its plainness costs, and gives back what nobody pays for."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from pymongo import AsyncMongoClient, MongoClient
from temporalio.client import Client

from bench.engine.histories import transitions
from bench.others.aftermath import Aftermath
from bench.others.naive.messages import naive_id
from bench.others.naive.store import DATABASE, Store, Stored
from bench.others.outside import Outside, running_outside
from bench.others.parts import Parts
from bench.others.twins import NaiveShape, naive_parts
from temporal.client import connect
from temporal.settings import TemporalSettings
from tests.api.market import until

NOTHING = Aftermath(0, 0, 0, 0, 0, 0)
LEAST_OF_FOUR_STEPS_AND_A_SIGNAL = 18
BRIEF_HOLD = 1


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with running_outside(tmp_path / "outside") as parties:
        yield parties


@pytest.fixture
def parts(
    outside: Outside, tmp_path: Path, mongodb_uri: str, temporal_address: str
) -> Iterator[Parts]:
    with MongoClient[Stored](mongodb_uri) as client:
        client.drop_database(DATABASE)
    settings = {
        "NAIVE_MONGODB": mongodb_uri,
        "NAIVE_STRIPE": outside.stripe,
        "NAIVE_MAIL": outside.mail,
        "TEMPORAL_ADDRESS": temporal_address,
    }
    naive = naive_parts(tmp_path, settings)
    with naive.running():
        yield naive
    with MongoClient[Stored](mongodb_uri) as client:
        client.drop_database(DATABASE)


@pytest.fixture
async def temporal(temporal_address: str) -> Client:
    return await connect(TemporalSettings(address=temporal_address))


@pytest.fixture
async def shape(
    parts: Parts, outside: Outside, mongodb_uri: str, temporal: Client
) -> AsyncIterator[NaiveShape]:
    async with (
        AsyncMongoClient[Stored](mongodb_uri) as mongodb,
        httpx.AsyncClient(timeout=30, trust_env=False) as http,
    ):
        yield NaiveShape(BRIEF_HOLD, temporal, parts, outside, {}, mongodb, http)


async def test_a_naive_purchase_ends_paid_and_confirmed_with_nothing_to_count(
    shape: NaiveShape, temporal: Client
) -> None:
    wishes = await shape.wishes(1)
    order = await shape.click(wishes[0])
    assert order is not None
    assert (await shape.evidence(wishes)).aftermath().stuck == 1
    assert await shape.pay(order)
    await shape.ended(order)

    found = await shape.evidence(wishes)

    assert (found.complete, found.aftermath()) == (1, NOTHING)
    cost = await transitions(temporal, naive_id(order.order_id))
    assert cost >= LEAST_OF_FOUR_STEPS_AND_A_SIGNAL


async def test_the_same_click_again_is_another_order_and_is_refused(shape: NaiveShape) -> None:
    wishes = await shape.wishes(1)

    assert await shape.click(wishes[0]) is not None
    assert await shape.click(wishes[0]) is None


async def test_a_hold_that_nobody_pays_for_ends(shape: NaiveShape) -> None:
    await shape.prepare_for_blows()
    wishes = await shape.wishes(1)
    assert await shape.click(wishes[0]) is not None

    async def over() -> bool:
        return (await shape.evidence(wishes)).aftermath() == NOTHING

    await until(over)
    assert await shape.click(wishes[0]) is not None


@pytest.mark.parametrize("part", ["api", "worker"])
async def test_a_struck_part_comes_back_and_sells(shape: NaiveShape, part: str) -> None:
    before = (await shape.pids())[part]
    await shape.strike(part)
    wishes = await shape.wishes(1)
    order = await shape.click(wishes[0])
    assert order is not None
    assert await shape.pay(order)
    await shape.ended(order)

    assert (await shape.pids())[part] != before
    assert (await shape.evidence(wishes)).complete == 1


async def test_reserving_again_changes_nothing(mongodb_uri: str) -> None:
    async with AsyncMongoClient[Stored](mongodb_uri) as client:
        store = Store(client)
        await store.tickets.insert_one({"_id": "ticket", "price": 1})
        try:
            first = [await store.reserve(name, "ticket", "ada") for name in ("a", "b", "a", "b")]
            assert first == [True, False, True, False]
        finally:
            await client.drop_database(DATABASE)
