"""The shop alone on its servers, with purchases that stay open."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
import psutil

from bench.engine.stack import HANDS, OURS, OUTSIDE, REST_SECONDS, Stack
from bench.engine.stock import Stock
from bench.growth import books
from services.database import MongoSettings, open_databases
from services.ids import new_id
from temporal.calls import NobodyAnsweredError
from temporal.client import connect
from temporal.purchases import PurchaseAbandonedError, Purchases, TakenBackError
from temporal.settings import TemporalSettings
from tests.e2e.system import System
from tests.faults.books import books_of
from tests.limits import generous

WINDOW: Final = timedelta(days=1)
"""How long what is left open stays open: longer than any run."""
IN_FLIGHT: Final = 16
"""Reservations on their way at once while the shop is filled.

Eight already use all the processors; more of them only wait, and each may wait for 5 s at most.
"""
TRIES: Final = 12
"""Of one reservation while nobody answers, a minute in all: a stall slows the filling down."""
MB: Final = 2**20


@asynccontextmanager
async def running_shop(folder: Path, **settings: str) -> AsyncIterator[Stack]:
    """Started on free ports and on disk, without limits and the check of everything."""
    unlimited = {
        f"LIMIT_{rule.upper()}": windows for rule, windows in generous().model_dump().items()
    }
    seconds = str(int(WINDOW.total_seconds()))
    usual = {
        **unlimited,
        "RECONCILIATION_SECONDS": str(365 * 24 * 3600),
        "RESERVATION_WINDOW": seconds,
        "OPEN_HOLDS": "1000",
    }
    system = System(folder / "dev", **(usual | settings))
    limits = httpx.Limits(max_connections=HANDS, max_keepalive_connections=HANDS)
    with system.running():
        address = f"127.0.0.1:{system.environ['TEMPORAL_PORT']}"
        client = await connect(TemporalSettings(address=address))
        async with (
            open_databases(MongoSettings(uri=system.mongodb)) as databases,
            httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as http,
        ):
            yield Stack(system, client, http, databases, Stock(), "", pids(system))


def pids(system: System) -> dict[str, int]:
    """Which processes the parts are right now."""
    found = {name: system.pid(name) for name in (*OURS, *OUTSIDE)}
    return {name: pid for name, pid in found.items() if pid is not None}


def resident(system: System) -> dict[str, float]:
    """Memory of each part with its children, in MB."""
    return {
        name: sum(
            each.memory_info().rss
            for each in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        )
        / MB
        for name, pid in pids(system).items()
    }


async def reserve(stack: Stack, count: int, *, buyer_id: str | None = None) -> list[str]:
    """Open so many purchases through the real worker and leave them; their order ids.

    The tickets are put into the database, the API is left out. Without a buyer each has its own.
    Raises ``NobodyAnsweredError`` when one was tried ``TRIES`` times.
    """
    await stack.stock.lay_in(count * 2)
    purchases, room = Purchases(stack.client), asyncio.Semaphore(IN_FLIGHT)

    async def one() -> str:
        async with room:
            return await _opened(stack, purchases, buyer_id or new_id())

    async with asyncio.TaskGroup() as all_of_them:
        tasks = [all_of_them.create_task(one()) for _ in range(count)]
    return [each.result() for each in tasks]


async def _opened(stack: Stack, purchases: Purchases, buyer_id: str) -> str:
    """Joined with the same ids when nobody answered, begun anew once it has been taken back."""
    order_id, pair = new_id(), stack.stock.take()
    for left in reversed(range(TRIES)):
        try:
            await purchases.start(
                order_id=order_id,
                ticket_id=pair.ticket_id,
                ticket_version=1,
                buyer_id=buyer_id,
                billing_id=None,
                window=WINDOW,
                extension=timedelta(0),
                summary="Left open by the benchmark",
            )
        except (TakenBackError, PurchaseAbandonedError):
            # It keeps no ticket, whoever takes it: joining it would give nothing.
            order_id, pair = new_id(), stack.stock.take()
        except NobodyAnsweredError:
            if not left:
                raise
        else:
            return order_id
    raise NobodyAnsweredError


async def fill(stack: Stack, count: int) -> float:
    """Open so many more purchases; how many a second."""
    began = time.monotonic()
    await reserve(stack, count)
    return count / (time.monotonic() - began)


async def disagreements(stack: Stack, *, left_open: int) -> list[str]:
    """What does not hold once everything that was paid has had its effect."""
    wrong: list[str] = []
    for _ in range(REST_SECONDS):
        found = await asyncio.to_thread(books_of, stack.system)
        wrong = books.disagreements(found, left_open=left_open)
        if not wrong:
            break
        await asyncio.sleep(1)
    return wrong
