"""A shop whose MongoDB was filled before the shop was opened."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase

from bench.lines import Caller
from bench.reads.listings import lay_out
from devstack.mongod import CACHE_GB, become_primary, find_mongod, mongod_command, mongod_uri
from services.database import MongoSettings, open_databases
from tests.e2e.system import System
from tests.limits import generous
from tests.servers import free_port, running_server

CACHE: Final = 2.0
"""GB that MongoDB may keep of a million listings and their indexes: all of them."""


@dataclass(frozen=True)
class Market:
    """The market over HTTP, and straight from the driver."""

    door: Caller
    """Speaks to the API."""
    tickets: AsyncDatabase[dict[str, Any]]
    """Opened as the shop opens it."""


@asynccontextmanager
async def running_market(
    folder: Path, count: int, *, say: Callable[[str], None]
) -> AsyncIterator[Market]:
    """So many listings in a MongoDB of its own, and the whole shop on it.

    The shop follows the changes of the market: were it open while the market is filled, it would
    be told of every listing, and measured while it hears of them.
    """
    port = free_port()
    data = folder / "mongod"
    data.mkdir()
    command = mongod_command(find_mongod(), port=port, data=data)
    command[command.index(str(CACHE_GB))] = str(CACHE)
    with running_server(command, ready=lambda: become_primary(port), log=folder / "mongod.log"):
        settings = MongoSettings(uri=mongod_uri(port))
        async with open_databases(settings) as databases:
            await lay_out(databases.tickets, count, say=say)
        limits = {
            f"LIMIT_{rule.upper()}": windows for rule, windows in generous().model_dump().items()
        }
        never = {"RECONCILIATION_SECONDS": str(365 * 24 * 3600)}
        system = System(folder / "dev", MONGODB_URI=settings.uri, **limits, **never)
        with system.running():
            async with open_databases(settings) as databases:
                with closing(Caller(system.api)) as door:
                    yield Market(door, databases.tickets)
