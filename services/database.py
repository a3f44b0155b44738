"""The connections to MongoDB: one database per service, one client per user of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from beanie import init_beanie
from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict
from pymongo import AsyncMongoClient, timeout
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from services.auth.documents import DOCUMENTS as AUTH
from services.operations.documents import DOCUMENTS as OPERATIONS
from services.orders.documents import DOCUMENTS as ORDERS
from services.payments.documents import DOCUMENTS as PAYMENTS
from services.settings import Form, Settings
from services.tickets.documents import DOCUMENTS as TICKETS

Raw = dict[str, Any]


class Service(StrEnum):
    """Who has a database of its own."""

    AUTH = "auth"
    TICKETS = "tickets"
    ORDERS = "orders"
    PAYMENTS = "payments"
    OPERATIONS = "operations"


DOCUMENTS: Final = {
    Service.AUTH: AUTH,
    Service.TICKETS: TICKETS,
    Service.ORDERS: ORDERS,
    Service.PAYMENTS: PAYMENTS,
    Service.OPERATIONS: OPERATIONS,
}


ANSWER_MS: Final = 4_000
"""How long one operation may take, further tries included. A network that swallows everything
refuses nothing: only a limit tells it from a server that thinks. Steps have 5 s, and a person who
waits is to be told before 6 s are over."""
PREPARE_SECONDS: Final = 60.0
"""What preparing a database may take instead, because an index of much data takes its time."""

PREFIX: Final = Form("letters, digits, _ and -, at most 40", r"[A-Za-z0-9_-]{0,40}")


def _of_mongodb(value: str) -> str:
    if value.startswith("mongodb+srv://"):
        return value  # to look further is to ask the network
    try:
        parse_uri(value, validate=False)
    except (PyMongoError, ValueError):
        # Its own words may quote the URI, and with it a password.
        raise ValueError(
            "must be a URI such as mongodb://user:password@host:27017/?replicaSet=rs0"
        ) from None
    return value


MongoUri = Annotated[str, AfterValidator(_of_mongodb)]


class MongoSettings(Settings):
    """Where MongoDB is; variables are prefixed ``MONGODB_``."""

    model_config = SettingsConfigDict(env_prefix="MONGODB_")

    uri: MongoUri = Field(default="mongodb://127.0.0.1:27017/?replicaSet=rs0", repr=False)
    """A replica set, for every service that has no URI of its own."""
    auth_uri: MongoUri | None = Field(default=None, repr=False)
    """For accounts and sessions, with a user who may use only that database."""
    tickets_uri: MongoUri | None = Field(default=None, repr=False)
    """For tickets, likewise."""
    orders_uri: MongoUri | None = Field(default=None, repr=False)
    """For orders, likewise."""
    payments_uri: MongoUri | None = Field(default=None, repr=False)
    """For payments, likewise."""
    operations_uri: MongoUri | None = Field(default=None, repr=False)
    """For the board of operators, likewise."""
    database_prefix: Annotated[str, AfterValidator(PREFIX)] = "te_"
    """What the names of the databases begin with: te_auth, te_tickets, te_orders, te_payments,
    te_operations."""

    def uri_of(self, service: Service) -> str:
        """Where this service's database is."""
        own: str | None = getattr(self, f"{service}_uri")
        return own or self.uri

    def variable_of(self, service: Service) -> str:
        """The variable that says so."""
        own = getattr(self, f"{service}_uri")
        return f"MONGODB_{service.upper()}_URI" if own else "MONGODB_URI"


class DatabasesUnavailableError(RuntimeError):
    """MongoDB could not be prepared when the process started."""


@dataclass(frozen=True)
class Databases:
    """The databases of the services; none reads another's."""

    auth: AsyncDatabase[Raw]
    tickets: AsyncDatabase[Raw]
    orders: AsyncDatabase[Raw]
    payments: AsyncDatabase[Raw]
    operations: AsyncDatabase[Raw]

    async def ping(self) -> None:
        """Ask each primary for a sign of life; raises ``PyMongoError`` when there is none."""
        clients = {id(each.client): each.client for each in self.all()}
        await asyncio.gather(*(client.admin.command("ping") for client in clients.values()))

    def all(self) -> list[AsyncDatabase[Raw]]:
        """Every one of them."""
        return [self.auth, self.tickets, self.orders, self.payments, self.operations]


@asynccontextmanager
async def open_databases(settings: MongoSettings) -> AsyncIterator[Databases]:
    """Databases whose documents and indexes are ready; the stores work inside the block.

    Services with the same URI share one client. Raises ``DatabasesUnavailableError``.
    """
    async with AsyncExitStack() as stack:
        clients: dict[str, AsyncMongoClient[Raw]] = {}
        opened: dict[str, AsyncDatabase[Raw]] = {}
        for service, documents in DOCUMENTS.items():
            uri = settings.uri_of(service)
            try:
                if uri not in clients:
                    clients[uri] = await stack.enter_async_context(_connect(uri))
                    # Whether anybody is there is known sooner than an index is made.
                    await clients[uri].admin.command("ping")
                opened[service] = clients[uri][f"{settings.database_prefix}{service}"]
                with timeout(PREPARE_SECONDS):
                    await init_beanie(database=opened[service], document_models=documents)
            except PyMongoError as error:
                # A process that cannot prepare its indexes ends; its supervisor starts it anew.
                raise DatabasesUnavailableError(
                    f"MongoDB ({settings.variable_of(service)}) could not be prepared for "
                    f"{service}: {type(error).__name__}: {error}"
                ) from error
        yield Databases(**opened)


def _connect(uri: str) -> AsyncMongoClient[Raw]:
    """A client that notices an outage within seconds and acknowledges no write that can be lost."""
    return AsyncMongoClient(
        uri,
        appname="ticket-exchange",
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        retryWrites=True,
        retryReads=True,
        serverSelectionTimeoutMS=2_000,
        connectTimeoutMS=2_000,
        waitQueueTimeoutMS=2_000,
        timeoutMS=ANSWER_MS,
    )
