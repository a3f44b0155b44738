"""One Temporal server on disk and one mongod, with the shop and its twin on them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from temporalio.client import Client

from bench.engine.stock import Stock
from devstack.process import end, spawn
from services.database import Databases, MongoSettings, open_databases
from temporal.client import connect
from temporal.settings import TemporalSettings
from tests.e2e.system import System
from tests.faults.books import closed_books
from tests.limits import generous
from tests.servers import free_port
from tests.waiting import eventually

HANDS: Final = 256
"""Connections that the driver may have open to one server."""
OUTSIDE: Final = ("stripe", "mail")
"""Stand-ins of outside parties: their work is none of ours."""
OURS: Final = ("temporal", "worker", "api", "mongod")
REST_SECONDS: Final = 60


@dataclass(frozen=True)
class Stack:
    """Everything that runs, and what the driver speaks to it with."""

    system: System
    client: Client
    http: httpx.AsyncClient
    databases: Databases
    stock: Stock
    door: str
    """Address of the twin's HTTP door."""
    pids: dict[str, int]
    """Every process of the shop and of the twin, by name."""

    async def disagreements(self) -> list[str]:
        """What does not hold once all events have had their effect; empty when all does."""
        wrong: list[str] = []
        for _ in range(REST_SECONDS):
            wrong = await asyncio.to_thread(closed_books, self.system)
            if not wrong:
                break
            await asyncio.sleep(1)
        return wrong


@asynccontextmanager
async def running_stack(folder: Path, **settings: str) -> AsyncIterator[Stack]:
    """Started on free ports, without limits and without the check of everything, and stopped."""
    unlimited = {
        f"LIMIT_{rule.upper()}": windows for rule, windows in generous().model_dump().items()
    }
    never = {"RECONCILIATION_SECONDS": str(365 * 24 * 3600)}
    system = System(folder / "dev", **unlimited, **never, **settings)
    temporal = f"127.0.0.1:{system.environ['TEMPORAL_PORT']}"
    limits = httpx.Limits(max_connections=HANDS, max_keepalive_connections=HANDS)
    with system.running(), _twin(folder, system, temporal) as (door, twins):
        client = await connect(TemporalSettings(address=temporal))
        async with (
            open_databases(MongoSettings(uri=system.mongodb)) as databases,
            httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as http,
        ):
            parts = {name: system.pid(name) for name in (*OURS, *OUTSIDE)}
            pids = {name: pid for name, pid in parts.items() if pid is not None}
            yield Stack(system, client, http, databases, Stock(), door, {**pids, **twins})


@contextmanager
def _twin(folder: Path, system: System, temporal: str) -> Iterator[tuple[str, dict[str, int]]]:
    """Its worker and its door, in processes of their own."""
    port = free_port()
    env = {**system.environ, "TEMPORAL_ADDRESS": temporal}
    module = (sys.executable, "-m")
    worker = spawn((*module, "bench.engine.worker"), log=folder / "twin.log", env=env)
    door = spawn((*module, "bench.engine.door", str(port)), log=folder / "door.log", env=env)
    address = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _begins(address), "the twin's door lets twins begin")
        yield address, {"twin worker": worker.pid, "twin door": door.pid}
    finally:
        end(door, grace=5)
        end(worker, grace=15)


def _begins(address: str) -> bool:
    try:
        return httpx.post(f"{address}/orders", timeout=10).is_success
    except httpx.TransportError:
        return False
