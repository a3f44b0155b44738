"""Many open pages that watch orders: what each costs, how soon it is told, and what is left."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psutil
from pymongo.common import MAX_POOL_SIZE

from bench.engine.plots import shares
from bench.engine.stack import Stack
from bench.figures import Figure, percentile
from bench.growth.shop import disagreements, reserve, resident, running_shop
from bench.measures import Measure, Plan
from bench.results import Result, this_machine
from services.auth.documents import Session
from services.auth.tokens import digest
from services.clock import now
from services.orders.store import OrderStore
from tests.waiting import eventually

NAME: Final = "watchers"
WATCHERS: Final = 1_000
SHORT_WATCHERS: Final = 50
FEW: Final = 10
"""Orders that are watched by everybody, in the second shape."""
CHANGES: Final = 40
SHORT_CHANGES: Final = 5
ENTERING: Final = 20
"""Pages that open at the same time; as many warm the API's pools up."""
PAUSE_SECONDS: Final = 0.1
PATIENCE_SECONDS: Final = 60
SETTLE_SECONDS: Final = 1.0
"""After the last change: what would be told twice has come by then."""
COUNTED: Final = ("files", "pages", "pools", "cursors")
KB: Final = 1024
SLACK_FILES: Final = 8
"""What the API opens now and then for a moment."""
POOLS: Final = MAX_POOL_SIZE + 8
"""Connections that may stay: the driver's pool, and those by which it and Temporal's client look
how their servers are. How many are used depends on how many ask at the same time."""
SHAPES: Final = {"own": "each its own order", "few": f"all on {FEW} orders"}


@dataclass(frozen=True)
class Held:
    """What the API and MongoDB hold for those who watch."""

    memory: float
    """MB of the API."""
    files: int
    """What the API has open, connections with pages among it and those with servers not."""
    pages: int
    """Connections that were made to the API."""
    pools: int
    """Connections that the API made, to MongoDB and Temporal."""
    cursors: int
    """Cursors open in MongoDB, change streams among them."""


class Page:
    """One open stream, read as it comes."""

    def __init__(self, order_id: str) -> None:
        self.order_id = order_id
        self.told: list[float] = []
        """When each message came, by ``time.monotonic()``."""
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def open(self, api: str, token: str) -> None:
        """Connect; raises unless the stream begins with the order as it is."""
        where = urlsplit(api)
        reader, self._writer = await asyncio.open_connection(where.hostname, where.port)
        self._writer.write(
            f"GET /api/orders/{self.order_id}/events HTTP/1.1\r\nHost: {where.netloc}\r\n"
            f"Cookie: session={token}\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        await self._writer.drain()
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(f"a stream was refused: {status.decode().strip()}")
        self._reading = asyncio.create_task(self._read(reader), name=f"page of {self.order_id}")
        if not await self.heard(1):
            raise RuntimeError("a stream does not begin with its order")

    async def heard(self, count: int) -> bool:
        """Whether so many messages have come in all, after waiting for them."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.told) < count:
            over = self._reading is not None and self._reading.done()
            if over or time.monotonic() > deadline:
                return False
            await asyncio.sleep(PAUSE_SECONDS / 10)
        return True

    async def close(self) -> None:
        """Leave, as somebody who closes the page."""
        if self._writer is not None:
            self._writer.close()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line.startswith(b"event: order"):
                self.told.append(time.monotonic())


async def run(plan: Plan) -> Result:
    """The same number of pages in two shapes, one after the other."""
    count, changes = (SHORT_WATCHERS, SHORT_CHANGES) if plan.short else (WATCHERS, CHANGES)
    figures: dict[str, Figure] = {}
    async with running_shop(plan.folder, LIVE_ORDERS_PER_USER=str(count)) as stack:
        buyer, token = await _buyer(stack)
        plan.say(f"{count:,} orders")
        orders = await reserve(stack, count, buyer_id=buyer)
        broken: list[str] = []
        for shape, watched in {
            "own": orders,
            "few": [orders[number % FEW] for number in range(count)],
        }.items():
            plan.say(f"{count:,} pages, {SHAPES[shape]}")
            await _fresh_api(stack)
            await _warm_up(stack, orders[:1] * ENTERING, token)
            measured, unheld = await _watched(stack, watched, token, changes, shape)
            figures, broken = figures | measured, broken + unheld
        broken += await disagreements(stack, left_open=count)
    return Result(
        name=NAME,
        machine=this_machine(),
        rounds=changes,
        figures=figures,
        notes={"watchers": f"{count:,}", "changes": str(changes), "few": str(FEW)},
        broken=broken,
    )


async def _buyer(stack: Stack) -> tuple[str, str]:
    await stack.stock.lay_in(1)
    token = stack.stock.take().token
    session = await Session.get(digest(token))
    assert session is not None
    return session.user_id, token


async def _fresh_api(stack: Stack) -> None:
    """Another process, in which no shape has left anything."""
    await asyncio.to_thread(stack.system.kill, "api")
    await asyncio.to_thread(eventually, stack.system.ready, "the new API is ready")


async def _warm_up(stack: Stack, orders: Sequence[str], token: str) -> None:
    """Pools and the one change stream of all pages are there afterwards, and no page is."""
    pages = [Page(order_id) for order_id in orders]
    try:
        await asyncio.gather(*(page.open(stack.system.api, token) for page in pages))
        await _changes(pages, 1)
    finally:
        await asyncio.gather(*(page.close() for page in pages))
    await asyncio.sleep(SETTLE_SECONDS)


async def _watched(
    stack: Stack, orders: Sequence[str], token: str, changes: int, shape: str
) -> tuple[dict[str, Figure], list[str]]:
    """Open, change, leave; the figures, and what was not released."""
    before = await _held(stack)
    pages = [Page(order_id) for order_id in orders]
    room = asyncio.Semaphore(ENTERING)

    async def enter(page: Page) -> None:
        async with room:
            await page.open(stack.system.api, token)

    try:
        await asyncio.gather(*(enter(page) for page in pages))
        during = await _held(stack)
        waits = await _changes(pages, changes)
        await asyncio.sleep(SETTLE_SECONDS)
        wrong = misheard(shape, [len(page.told) - 1 for page in pages], _meant(pages, changes))
    finally:
        await asyncio.gather(*(page.close() for page in pages))
    after = await _left(stack, before)
    figures = {
        f"{shape}: memory": Figure(
            unit="KB", values=[(during.memory - before.memory) * KB / len(pages)]
        ),
        f"{shape}: files": Figure(unit="", values=[during.files - before.files]),
        f"{shape}: cursors": Figure(unit="", values=[during.cursors - before.cursors]),
        f"{shape}: pages": Figure(unit="", values=[during.pages - before.pages]),
        **{
            f"{shape}: {what} {when}": Figure(unit="", values=[getattr(held, what)])
            for when, held in {"before": before, "during": during, "after": after}.items()
            for what in COUNTED
        },
        f"{shape}: files left": Figure(unit="", values=[max(0, after.files - before.files)]),
        f"{shape}: cursors left": Figure(unit="", values=[max(0, after.cursors - before.cursors)]),
        f"{shape}: p50": Figure(unit="ms", values=[percentile(each, 0.5) for each in waits]),
        f"{shape}: p99": Figure(unit="ms", values=[percentile(each, 0.99) for each in waits]),
        f"{shape}: percentiles": Figure(
            unit="ms",
            values=[
                percentile([wait for each in waits for wait in each], share / 100)
                for share in range(1, 101)
            ],
        ),
    }
    return figures, wrong + unreleased(shape, before, during, after)


def _meant(pages: Sequence[Page], changes: int) -> list[int]:
    """How often each page's order was changed."""
    watched = list(dict.fromkeys(page.order_id for page in pages))
    times = Counter(watched[number % len(watched)] for number in range(changes))
    return [times[page.order_id] for page in pages]


def misheard(shape: str, told: Sequence[int], meant: Sequence[int]) -> list[str]:
    """Pages that were not told of each change exactly once."""
    fewer = sum(heard < count for heard, count in zip(told, meant, strict=True))
    more = sum(heard > count for heard, count in zip(told, meant, strict=True))
    return [
        f"{shape}: {pages} pages were told {how} than once of each change"
        for how, pages in (("less often", fewer), ("more often", more))
        if pages
    ]


async def _changes(pages: Sequence[Page], changes: int) -> list[list[float]]:
    """Milliseconds from each change, before it is written, to each message about it."""
    store, waits = OrderStore(), []
    watched = list(dict.fromkeys(page.order_id for page in pages))
    for number in range(changes):
        order_id = watched[number % len(watched)]
        here = [page for page in pages if page.order_id == order_id]
        heard = [len(page.told) for page in here]
        changed = time.monotonic()
        await store.note_decline(
            order_id, attempt_id=f"bench {changed}", code="card_declined", at=now()
        )
        await asyncio.gather(
            *(page.heard(count + 1) for page, count in zip(here, heard, strict=True))
        )
        waits.append(
            [
                (page.told[count] - changed) * 1000
                for page, count in zip(here, heard, strict=True)
                if len(page.told) > count
            ]
        )
        await asyncio.sleep(PAUSE_SECONDS)
    return waits


async def _held(stack: Stack) -> Held:
    pid = stack.system.pid("api")
    assert pid is not None
    api, port = psutil.Process(pid), int(stack.system.environ["PORT"])
    server: dict[str, Any] = await stack.databases.orders.command("serverStatus")
    connections = api.net_connections(kind="inet")
    pages = sum(each.laddr.port == port and bool(each.raddr) for each in connections)
    pools = sum(each.laddr.port != port for each in connections)
    return Held(
        memory=resident(stack.system)["api"],
        files=api.num_fds() - pools,
        pages=pages,
        pools=pools,
        cursors=int(server["metrics"]["cursor"]["open"]["total"]),
    )


async def _left(stack: Stack, before: Held) -> Held:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        held = await _held(stack)
        gone = (
            held.files <= before.files + SLACK_FILES
            and held.pages <= before.pages
            and held.cursors <= before.cursors
        )
        if gone or time.monotonic() > deadline:
            return held
        await asyncio.sleep(PAUSE_SECONDS)


def unreleased(shape: str, before: Held, during: Held, after: Held) -> list[str]:
    """What pages cost that they should not, or left behind."""
    wrong = []
    if during.cursors > before.cursors + 1:
        wrong.append(f"{shape}: {during.cursors - before.cursors} more cursors for open pages")
    if after.cursors > before.cursors:
        wrong.append(f"{shape}: {after.cursors - before.cursors} cursors were left")
    if after.files > before.files + SLACK_FILES:
        wrong.append(f"{shape}: {after.files - before.files} files were left")
    if after.pages > before.pages:
        wrong.append(f"{shape}: {after.pages - before.pages} connections with pages were left")
    if after.pools > POOLS:
        wrong.append(f"{shape}: {after.pools} connections to servers, more than pools have")
    return wrong


def section(result: Result) -> str:
    """What they cost and when they are told."""
    found, notes = result.figures, result.notes
    rows = [
        f"| {said} | {found[f'{shape}: memory']} | "
        + " | ".join(_counted(result, shape, what) for what in COUNTED)
        + f" | {found[f'{shape}: p50']} | {found[f'{shape}: p99']} |"
        for shape, said in SHAPES.items()
    ]
    clean = "met" if not result.broken else "**not met**"
    return "\n".join(
        [
            "## Open pages that watch orders",
            "",
            f"{notes['watchers']} streams (`GET /api/orders/{{id}}/events`) on one API process, "
            f"{notes['changes']} changes one after the other. The time is from before the change "
            "is written, majority and journal included, to the message on the page; percentiles "
            "are over the pages of one change, median and range over the changes. Each row has an "
            "API process of its own, warmed up by a few pages. Files, without connections to "
            "servers, and connections are the API's, and cursors MongoDB's: before, with the "
            "pages, and after they have left.",
            "",
            "| | memory a page | files | connections with pages | to servers | cursors "
            "| p50 | p99 |",
            "|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            "Goal: each page is told of each change exactly once, there is no cursor for a page, "
            "and everything is released when they leave "
            f"({SLACK_FILES} files aside, and pools that stay, {POOLS} connections at most): "
            f"{clean}.",
            "",
        ]
    )


def _counted(result: Result, shape: str, what: str) -> str:
    times = ("before", "during", "after")
    return ", ".join(str(result.figures[f"{shape}: {what} {when}"]) for when in times)


def plot(result: Result, folder: Path) -> list[Path]:
    """Both distributions."""
    lines = {said: result.figures[f"{shape}: percentiles"].values for shape, said in SHAPES.items()}
    path = folder / "performance-watchers.svg"
    return [shares(path, lines, title="From change to message", unit="milliseconds")]


OPEN_PAGES: Final = Measure(
    about="Open pages that watch orders", run=run, section=section, plot=plot
)
