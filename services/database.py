"""The connection to MongoDB: one client, one database per service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from beanie import init_beanie
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from services.auth.documents import DOCUMENTS as AUTH
from services.operations.documents import DOCUMENTS as OPERATIONS
from services.orders.documents import DOCUMENTS as ORDERS
from services.payments.documents import DOCUMENTS as PAYMENTS
from services.tickets.documents import DOCUMENTS as TICKETS

Raw = dict[str, Any]


class MongoSettings(BaseSettings):
    """Where MongoDB is; variables are prefixed ``MONGODB_``."""

    model_config = SettingsConfigDict(env_prefix="MONGODB_", frozen=True, env_ignore_empty=True)

    uri: str = Field(default="mongodb://127.0.0.1:27017/?replicaSet=rs0", repr=False)
    database_prefix: str = "te_"


class DatabasesUnavailableError(RuntimeError):
    """MongoDB could not be prepared when the process started."""


@dataclass(frozen=True)
class Databases:
    """The databases of the services; none reads another's."""

    client: AsyncMongoClient[Raw]
    auth: AsyncDatabase[Raw]
    tickets: AsyncDatabase[Raw]
    orders: AsyncDatabase[Raw]
    payments: AsyncDatabase[Raw]
    operations: AsyncDatabase[Raw]

    async def ping(self) -> None:
        """Ask the primary for a sign of life; raises ``PyMongoError`` when there is none."""
        await self.client.admin.command("ping")


@asynccontextmanager
async def open_databases(settings: MongoSettings) -> AsyncIterator[Databases]:
    """Databases whose documents and indexes are ready; the stores work inside the block."""
    async with _connect(settings) as client:
        prefix = settings.database_prefix
        databases = Databases(
            client=client,
            auth=client[f"{prefix}auth"],
            tickets=client[f"{prefix}tickets"],
            orders=client[f"{prefix}orders"],
            payments=client[f"{prefix}payments"],
            operations=client[f"{prefix}operations"],
        )
        try:
            await init_beanie(database=databases.auth, document_models=AUTH)
            await init_beanie(database=databases.tickets, document_models=TICKETS)
            await init_beanie(database=databases.orders, document_models=ORDERS)
            await init_beanie(database=databases.payments, document_models=PAYMENTS)
            await init_beanie(database=databases.operations, document_models=OPERATIONS)
        except PyMongoError as error:
            # A process that cannot prepare its indexes ends; whoever supervises it starts it anew.
            raise DatabasesUnavailableError(
                f"MongoDB (MONGODB_URI) could not be prepared: {type(error).__name__}: {error}"
            ) from error
        yield databases


def _connect(settings: MongoSettings) -> AsyncMongoClient[Raw]:
    """A client that notices an outage within seconds and acknowledges no write that can be lost."""
    return AsyncMongoClient(
        settings.uri,
        appname="ticket-exchange",
        tz_aware=True,
        w="majority",
        journal=True,
        wTimeoutMS=10_000,
        readConcernLevel="majority",
        retryWrites=True,
        retryReads=True,
        serverSelectionTimeoutMS=2_000,
        connectTimeoutMS=2_000,
        socketTimeoutMS=15_000,
        waitQueueTimeoutMS=2_000,
    )
