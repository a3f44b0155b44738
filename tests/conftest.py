"""Fixtures that every test may ask for."""

from collections.abc import AsyncIterator, Generator, Iterator
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from pymongo import MongoClient, monitoring

from services.database import Databases, MongoSettings, open_databases
from tests.connections import cancelled_ones_closed
from tests.queries import Queries

pytest_plugins = ["tests.browser", "tests.servers"]

# No example is judged by how long it took, nor by how long it took to be made.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")

QUERIES = Queries()
monitoring.register(QUERIES)


@pytest.fixture(scope="session", autouse=True)
def driver_closes_its_sockets() -> Iterator[None]:
    """What is left open is ours, then."""
    with cancelled_ones_closed():
        yield


@pytest.fixture(scope="session")
def mongo_settings(mongodb_uri: str) -> Iterator[MongoSettings]:
    """Databases that only this test run uses; gone when it ends."""
    prefix = f"test_{uuid4().hex[:12]}_"
    QUERIES.explain_at(mongodb_uri, prefix)
    yield MongoSettings(uri=mongodb_uri, database_prefix=prefix)
    QUERIES.explain_at(None)
    with MongoClient[dict[str, object]](mongodb_uri) as client:
        for name in client.list_database_names():
            if name.startswith(prefix):
                client.drop_database(name)


@pytest.fixture
async def databases(mongo_settings: MongoSettings) -> AsyncIterator[Databases]:
    """The databases, empty and ready; stores work while the test runs."""
    async with open_databases(mongo_settings) as opened:
        await empty(opened)
        yield opened


async def empty(databases: Databases) -> None:
    """Forget everything but the indexes."""
    for database in databases.all():
        for name in await database.list_collection_names():
            if not name.startswith("system."):  # a profile that a test asked for is MongoDB's own
                await database[name].delete_many({})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, None, None]:
    """What is heard from here on is this test's, its fixtures' included."""
    QUERIES.forget()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    """A test in which the shop asks for something that no index has fails, whatever it asserts."""
    yield
    if lacking := QUERIES.unindexed():
        pytest.fail("\n".join(["queries without an index:", *lacking]), pytrace=False)
