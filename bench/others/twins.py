"""The two shapes that are ours only to measure: bought from alike, in servers apart."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
from bson import ObjectId
from pymongo import AsyncMongoClient
from saq.queue.redis import RedisQueue
from temporalio.client import Client

from bench.engine.histories import transitions
from bench.engine.stack import Stack
from bench.others.aftermath import Placed
from bench.others.evidence import Evidence, confirmed, ledger, taken
from bench.others.naive.messages import naive_id
from bench.others.original.servers import original_parts, running_redis
from bench.others.outside import Outside, running_outside
from bench.others.parts import NAMES, Parts
from bench.others.shape import CARD, Order, Shape, Wish, created, insistent

Stored = dict[str, Any]
PRICE: Final = 10_000
LONG_HOLD: Final = "900"
TITLE: Final = "Rock Concert"
OPEN: Final = "WorkflowType = 'NaivePurchase' AND ExecutionStatus = 'Running'"


class Twin(Shape):
    """A door with two requests, and a database of its own in the common MongoDB."""

    def __init__(
        self,
        parts: Parts,
        outside: Outside,
        shared: Mapping[str, int],
        mongodb: AsyncMongoClient[Stored],
        http: httpx.AsyncClient,
    ) -> None:
        self._parts = parts
        self._outside = outside
        self._shared = shared
        self._database = mongodb[self.database]
        self._http = http
        self._known: Collection[str] = frozenset()

    async def pids(self) -> Mapping[str, int]:
        """Its own parts and stand-ins, and the shared servers."""
        own = {name: self._parts.pid(name) for name in NAMES}
        return {**self._shared, **own, **self._outside.pids}

    async def wishes(self, count: int) -> list[Wish]:
        """As the shape's own store would list them."""
        tickets = [
            {"_id": str(ObjectId()), "title": TITLE, "price": PRICE, "version": 0}
            for _ in range(count)
        ]
        await self._database["tickets"].insert_many(tickets)
        return [Wish(str(each["_id"]), f"b{uuid4().hex}", "") for each in tickets]

    async def click(self, wish: Wish) -> Order | None:
        """Nothing in the request says that it is a repetition."""
        answer = await self._post("orders", wish, {"ticket_id": wish.ticket_id})
        return Order(answer.json()["id"], wish) if created(answer) else None

    async def pay(self, order: Order) -> bool:
        """With the card itself."""
        paying = {"order_id": order.order_id, "card": CARD}
        return created(await self._post("payments", order.wish, paying))

    async def _post(self, what: str, wish: Wish, body: Mapping[str, str]) -> httpx.Response:
        url, headers = f"{self._parts.address}/api/{what}", {"X-Buyer": wish.buyer}
        return await insistent(self._http, "POST", url, json=body, headers=headers)

    async def prepare_for_blows(self) -> None:
        """Both parts start anew; the inbox is emptied."""
        self._shorten()
        self._known = frozenset(await ledger(self._http, self._outside.stripe))
        (await self._http.delete(f"{self._outside.mail}/_sim/emails")).raise_for_status()

    @abstractmethod
    def _shorten(self) -> None:
        """Restart with short holds."""

    async def strike(self, part: str) -> None:
        """Started again at once."""
        self._parts.kill(part)

    async def evidence(self, wishes: Collection[Wish]) -> Evidence:
        """Payments of orders that nobody has heard of are in it."""
        tickets = [each.ticket_id for each in wishes]
        orders = await self._database["orders"].find({"ticket_id": {"$in": tickets}}).to_list()
        return Evidence(
            [Placed(each["_id"], each["ticket_id"], each["status"]) for each in orders],
            await taken(self._http, self._outside.stripe, self._known),
            await confirmed(self._http, self._outside.mail),
        )


class OriginalShape(Twin):
    """The original's."""

    name = "original"
    database = "original"

    def __init__(self, hold: int, queue: RedisQueue, *where: Any) -> None:  # noqa: ANN401 - as Twin's
        super().__init__(*where)
        self._hold = str(hold)
        self._queue = queue

    async def pids(self) -> Mapping[str, int]:
        """Redis too."""
        server = await self._queue.redis.info("server")
        return {**await super().pids(), "redis": int(server["process_id"])}

    async def ended(self, order: Order) -> None:
        """With the answer; nobody is told when the mail has gone."""

    async def transitions(self, _: Order) -> int | None:
        """It has no Temporal."""
        return None

    async def put_off(self) -> int:
        """Also jobs over which a worker has died, until they are looked for."""
        return await self._queue.count("queued") + await self._queue.count("active")

    async def busy(self) -> int:
        """The same jobs."""
        return await self.put_off()

    def _shorten(self) -> None:
        self._parts.restart(ORIGINAL_WINDOW_SECONDS=self._hold)


class NaiveShape(Twin):
    """The naive one on Temporal."""

    name = "naive"
    database = "naive"

    def __init__(self, hold: int, temporal: Client, *where: Any) -> None:  # noqa: ANN401 - as Twin's
        super().__init__(*where)
        self._hold = str(hold)
        self._temporal = temporal

    async def ended(self, order: Order) -> None:
        """With its workflow, mail included."""
        await self._temporal.get_workflow_handle(naive_id(order.order_id)).result()

    async def transitions(self, order: Order) -> int | None:
        """As the server says."""
        return await transitions(self._temporal, naive_id(order.order_id))

    async def put_off(self) -> int:
        """None: a purchase ends with its mail."""
        return 0

    async def busy(self) -> int:
        """Purchases that go on, as far as Temporal's search knows."""
        return (await self._temporal.count_workflows(OPEN)).count

    def _shorten(self) -> None:
        self._parts.restart(NAIVE_WINDOW_SECONDS=self._hold)


@asynccontextmanager
async def running_original(
    folder: Path, redis: Path, stack: Stack, mongodb: AsyncMongoClient[Stored], hold: int
) -> AsyncIterator[OriginalShape]:
    """Beside the stack, in its MongoDB."""
    with running_outside(folder) as outside, running_redis(redis, folder / "redis") as address:
        parts = original_parts(
            folder,
            {
                "ORIGINAL_MONGODB": stack.system.mongodb,
                "ORIGINAL_REDIS": address,
                "ORIGINAL_STRIPE": outside.stripe,
                "ORIGINAL_MAIL": outside.mail,
                "ORIGINAL_WINDOW_SECONDS": LONG_HOLD,
            },
        )
        queue = RedisQueue.from_url(address)
        shared = {"mongod": stack.pids["mongod"]}
        with parts.running():
            yield OriginalShape(hold, queue, parts, outside, shared, mongodb, stack.http)
        await queue.disconnect()


def naive_parts(folder: Path, settings: Mapping[str, str]) -> Parts:
    """The naive shape's door and worker."""
    return Parts(
        "naive",
        folder,
        app="bench.others.naive.app:create_app",
        worker="bench.others.naive.worker",
        settings=settings,
    )


@asynccontextmanager
async def running_naive(
    folder: Path, stack: Stack, mongodb: AsyncMongoClient[Stored], hold: int
) -> AsyncIterator[NaiveShape]:
    """Beside the stack, in its MongoDB and its Temporal, on a task queue of its own."""
    with running_outside(folder) as outside:
        parts = naive_parts(
            folder,
            {
                "NAIVE_MONGODB": stack.system.mongodb,
                "NAIVE_STRIPE": outside.stripe,
                "NAIVE_MAIL": outside.mail,
                "NAIVE_WINDOW_SECONDS": LONG_HOLD,
                "TEMPORAL_ADDRESS": f"127.0.0.1:{stack.system.environ['TEMPORAL_PORT']}",
            },
        )
        shared = {name: stack.pids[name] for name in ("mongod", "temporal")}
        with parts.running():
            yield NaiveShape(hold, stack.client, parts, outside, shared, mongodb, stack.http)
