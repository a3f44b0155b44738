"""Fixtures that every test may ask for."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from pymongo import MongoClient

from services.database import Databases, MongoSettings, open_databases

pytest_plugins = ["tests.browser", "tests.servers"]


@pytest.fixture(scope="session")
def mongo_settings(mongodb_uri: str) -> Iterator[MongoSettings]:
    """Databases that only this test run uses; gone when it ends."""
    prefix = f"test_{uuid4().hex[:12]}_"
    yield MongoSettings(uri=mongodb_uri, database_prefix=prefix)
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
            await database[name].delete_many({})
