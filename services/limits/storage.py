"""Counters of the ``limits`` package in MongoDB, over the connection that we have."""

from typing import Any

from limits.aio.storage import MongoDBStorage
from limits.aio.storage.base import Storage
from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern
from typing_extensions import override

Raw = dict[str, Any]

COUNTERS = "limits"


class CounterStorage(MongoDBStorage):
    """The package's own storage with PyMongo's client in place of Motor's, which has ended.

    Its sliding window is two calls of ``find_one_and_update`` that both clients spell alike; the
    rest of it is not used (decision 0011). A count is not worth waiting for a majority: one that a
    failover loses lets somebody try a few times more.
    """

    STORAGE_SCHEME = []  # noqa: RUF012 - as the package declares it; no address opens this one
    DEPENDENCIES = ["pymongo"]  # noqa: RUF012 - as the package declares it

    def __init__(self, database: AsyncDatabase[Raw]) -> None:
        Storage.__init__(self)
        self._counters_database = database.with_options(write_concern=WriteConcern(w=1))
        self.proxy_dependency = self.dependencies["pymongo"]
        self.storage = None  # the package's destructor would close it, but the client is not ours
        # The package keeps the names of its collections to itself.
        self._MongoDBStorage__collection_mapping = {"counters": COUNTERS, "windows": COUNTERS}

    @property
    @override
    def database(self) -> AsyncDatabase[Raw]:
        return self._counters_database

    @property
    @override
    def base_exceptions(self) -> type[Exception]:
        return PyMongoError

    @override
    async def create_indices(self) -> None:
        """The package asks before each count; ours is made once, when the process starts."""

    async def prepare(self) -> None:
        """Have MongoDB forget counters once their time is over. Repeating is safe."""
        await self.database[COUNTERS].create_index(
            [("expireAt", ASCENDING)], name="forget_counters", expireAfterSeconds=0
        )

    async def forget(self, keys: list[str]) -> None:
        """Begin to count anew. Repeating is safe."""
        await self.database[COUNTERS].delete_many({"_id": {"$in": keys}})
