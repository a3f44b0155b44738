"""The twin's worker: ``python -m bench.others.original.worker``. It ends holds and sends mail."""

import asyncio
import contextlib
import signal
from typing import Any, Final

import httpx
from pymongo import AsyncMongoClient
from saq import Worker
from saq.types import PartialTimersDict

from bench.others.original.settings import OriginalSettings, open_queue
from bench.others.original.store import Store, Stored

TIMERS: Final = PartialTimersDict(schedule=1, worker_info=10, sweep=30, abort=1)
"""Seconds. Stalled jobs are looked for as often as Bull does by default, else as SAQ does."""


class Jobs:
    """What the queue asks for. A job that fails is not tried again, as in the original."""

    def __init__(self, store: Store, post: httpx.AsyncClient) -> None:
        self._store = store
        self._post = post

    async def expire(self, _: object, *, order_id: str) -> None:
        """End the hold of an order. Repeating it changes nothing."""
        await self._store.expires(order_id)

    async def mail(self, _: object, *, order_id: str) -> None:
        """Confirm an order. Repeating it sends another mail."""
        order = await self._store.orders.find_one({"_id": order_id})
        if order is None:
            return
        mail = {
            "from": "Ticket Exchange <tickets@example.com>",
            "to": [f"{order['buyer']}@example.com"],
            "subject": "Order Confirmed!",
            "text": f"Order {order_id}: your order was successfully processed.",
        }
        (await self._post.post("/emails", json=mail)).raise_for_status()


async def give_up_on_failure(context: Any) -> None:  # noqa: ANN401 - the queue's own, untyped
    """Let this start be the last one, unless the worker dies: only then it is not told to Redis."""
    context["job"].retries = context["job"].attempts


async def work() -> None:
    """Take jobs until told to stop."""
    settings = OriginalSettings()
    queue = open_queue(settings.redis)
    key = {"Authorization": "Bearer re_original"}
    async with (
        AsyncMongoClient[Stored](settings.mongodb) as mongodb,
        httpx.AsyncClient(base_url=settings.mail, headers=key) as post,
    ):
        jobs = Jobs(Store(mongodb), post)
        functions: list[Any] = [("expire", jobs.expire), ("mail", jobs.mail)]
        worker: Worker[Any] = Worker(
            queue,
            functions,
            before_process=give_up_on_failure,
            timers=TIMERS,
        )
        taking = asyncio.ensure_future(worker.start())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, taking.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await taking
        await worker.stop()
        await queue.disconnect()


if __name__ == "__main__":
    asyncio.run(work())
