"""A network that swallows what is sent and refuses nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from services.database import ANSWER_MS, MongoSettings, Raw, open_databases
from services.orders.audit import OrderAudit
from services.orders.store import OrderStore
from tests.api.market import ANSWER_SECONDS, until
from tests.cables import Cable, Way, a_cable

LONG_MS: Final = ANSWER_MS + 1_000


@pytest.fixture
async def cable(mongo_settings: MongoSettings) -> AsyncIterator[Cable]:
    """To MongoDB."""
    async with a_cable(urlsplit(mongo_settings.uri).port or 0) as put_in:
        yield put_in


def over(cable: Cable) -> str:
    """Where MongoDB is found at the near end."""
    return f"mongodb://{cable.address}/?directConnection=true"


@pytest.mark.parametrize(
    "ways",
    [
        pytest.param((), id="both", marks=pytest.mark.faults),
        pytest.param((Way.THERE,), id="question", marks=pytest.mark.faults),
        pytest.param((Way.BACK,), id="answer"),
    ],
)
async def test_whoever_asks_mongodb_is_told_in_time_and_it_heals(
    mongo_settings: MongoSettings, cable: Cable, ways: tuple[Way, ...]
) -> None:
    settings = mongo_settings.model_copy(update={"uri": over(cable)})
    async with open_databases(settings) as databases:
        things = databases.orders["things"]
        await things.insert_one({"_id": 1})
        with cable.silent(*ways):
            async with asyncio.timeout(ANSWER_SECONDS):
                with pytest.raises(PyMongoError) as told:
                    await things.update_one({"_id": 1}, {"$set": {"seen": True}})
        assert told.value.timeout
        await until(lambda: removed(things))


async def removed(things: AsyncCollection[Raw]) -> bool:
    """Whether MongoDB says so."""
    try:
        return (await things.delete_one({"_id": 1})).acknowledged
    except PyMongoError:
        return False


@pytest.mark.faults
async def test_without_a_limit_of_its_own_the_driver_would_wait_on(cable: Cable) -> None:
    async with AsyncMongoClient[Raw](
        over(cable), serverSelectionTimeoutMS=2_000, connectTimeoutMS=2_000
    ) as client:
        await client.admin.command("ping")
        with cable.silent(), pytest.raises(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await client.admin.command("ping")


@pytest.mark.faults
async def test_a_page_that_checks_read_may_take_longer_than_an_answer_to_a_person(
    mongo_settings: MongoSettings, cable: Cable
) -> None:
    settings = mongo_settings.model_copy(update={"uri": over(cable)})
    async with open_databases(settings):
        with cable.slow(LONG_MS / 2 / 1000):
            assert await OrderAudit().many(["nothing"]) == {}
            with pytest.raises(PyMongoError) as told:
                await OrderStore().get("nothing")
    assert told.value.timeout
