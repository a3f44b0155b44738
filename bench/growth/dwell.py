"""Buyers who take their time: more purchases are open than the worker's cache holds."""

import asyncio
import os
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import httpx
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError

from bench.engine import shopping
from bench.engine.latency import completed, operation_time
from bench.engine.load import at_their_time
from bench.engine.plots import shares
from bench.engine.stack import Stack
from bench.figures import Figure, percentile
from bench.growth.shop import disagreements, running_shop
from bench.measures import Measure, Plan
from bench.results import Result, this_machine
from services.orders.documents import OPEN
from temporal.calls import NobodyAnsweredError, TooLateError
from temporal.purchases import Purchases
from workflows.purchase.address import purchase_workflow_id

NAME: Final = "dwell"
WAITS: Final = {
    "reserved": "click to the answer, payable",
    "complete": "scheduled payment to the write that makes the order `complete`",
}
SEED: Final = 20


@dataclass(frozen=True)
class Shape:
    """How people come and how long they think, in seconds."""

    slice: float
    dwell: float
    jitter: float


LONG: Final = Shape(slice=36, dwell=180, jitter=30)
SHORT: Final = Shape(slice=3, dwell=10, jitter=2)
SHORT_SLICES: Final = 3
PATIENCE_SECONDS: Final = 120
"""From a payment to the end of its purchase; later counts as failed."""
FAILURES: Final = (
    httpx.HTTPError,
    RPCError,
    RuntimeError,
    TimeoutError,
    WorkflowFailureError,
)
"""What may stop one buyer and none of the others."""


@dataclass(frozen=True)
class Bought:
    """What one buyer waited for, in milliseconds from the scheduled moment."""

    reserved: float
    complete: float


async def run(plan: Plan) -> Result:
    """One open loop; every slice of arrivals counts as a round."""
    shape, slices = (SHORT, SHORT_SLICES) if plan.short else (LONG, plan.rounds)
    rate = float(os.environ.get("BENCH_DWELL_RATE", "2"))
    arriving = slices * shape.slice
    expected_open = int(rate * min(arriving, shape.dwell))
    cache = max(1, expected_open // 4)
    async with running_shop(plan.folder, WORKER_CACHED_WORKFLOWS=str(cache)) as stack:
        await stack.stock.lay_in(int(rate * arriving) + 1)
        plan.say(f"{rate:g} a second for {arriving:.0f} s, each pays after {shape.dwell:.0f} s")
        crowd = _Crowd()
        chance = random.Random(SEED)
        one = partial(_buy, stack, shape, chance, crowd)
        since = await operation_time(stack)
        tried = await at_their_time(one, per_second=rate, seconds=arriving)
        paid = [each for each in tried if each is not None]
        complete = await _complete(stack)
        written = await completed(stack, since, complete & {each.order_id for each in paid})
        bought = [each.bought(written[each.order_id]) for each in paid if each.order_id in written]
        await _leave(stack, {each.order_id for each in paid})
        broken = await disagreements(stack, left_open=0)
    return Result(
        name=NAME,
        machine=this_machine(),
        rounds=slices,
        figures={
            **figures(bought, slices),
            "open": Figure(unit="", values=[crowd.most]),
            "share complete": Figure(unit="", values=[len(bought) / len(tried)]),
        },
        notes={
            "rate": f"{rate:g}",
            "cache": str(cache),
            "dwell": f"{shape.dwell:.0f}",
            "jitter": f"{shape.jitter:.0f}",
            "slice": f"{shape.slice:.0f}",
            "buyers": f"{len(tried):,}",
            "failed": ", ".join(f"{count} {why}" for why, count in crowd.failed.items()),
        },
        broken=[
            *broken,
            *([] if crowd.most > cache else [f"only {crowd.most} were open, the cache held all"]),
        ],
    )


class _Crowd:
    """How many purchases are open."""

    def __init__(self) -> None:
        self._now = 0
        self.most = 0
        self.failed: Counter[str] = Counter()
        """How many did not get through, by what stopped them."""

    def comes(self) -> None:
        self._now += 1
        self.most = max(self.most, self._now)

    def goes(self) -> None:
        self._now -= 1


@dataclass(frozen=True)
class _Paid:
    """What the driver saw of one."""

    order_id: str
    reserved: float
    scheduled: datetime
    """When the payment was to be made."""

    def bought(self, written: datetime) -> Bought:
        return Bought(
            reserved=self.reserved * 1000,
            complete=(written - self.scheduled).total_seconds() * 1000,
        )


async def _buy(
    stack: Stack, shape: Shape, chance: random.Random, crowd: _Crowd, due: float
) -> _Paid | None:
    """None when something stopped the buyer, which is counted."""
    try:
        return await _through(stack, shape, chance, crowd, due)
    except FAILURES as error:
        crowd.failed[type(error).__name__] += 1
        return None


async def _through(
    stack: Stack, shape: Shape, chance: random.Random, crowd: _Crowd, due: float
) -> _Paid:
    thinks = shape.dwell + chance.uniform(-shape.jitter, shape.jitter)
    order = await shopping.post_order(stack, stack.stock.take())
    reserved = time.monotonic() - due
    crowd.comes()
    left = due + thinks - time.monotonic()
    scheduled = datetime.now(UTC) + timedelta(seconds=left)
    try:
        await asyncio.sleep(max(0.0, left))
        await shopping.confirm(stack, order)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await stack.client.get_workflow_handle(purchase_workflow_id(order["id"])).result()
    finally:
        crowd.goes()
    return _Paid(order["id"], reserved, scheduled)


async def _complete(stack: Stack) -> set[str]:
    found = stack.databases.orders["orders"].find({"status": "complete"}, {"_id": 1})
    return {each["_id"] async for each in found}


async def _leave(stack: Stack, served: set[str]) -> None:
    """Whoever failed cancels what is open, so that the books can be held against everything."""
    purchases = Purchases(stack.client)
    left = stack.databases.orders["orders"].find({"status": {"$in": list(OPEN)}}, {"_id": 1})
    for order_id in {each["_id"] async for each in left} - served:
        with suppress(TooLateError, NobodyAnsweredError):
            await purchases.cancel(order_id)


def figures(bought: list[Bought], slices: int) -> dict[str, Figure]:
    """Of those who got through, in the order of their arrival; raises if too few did."""
    if len(bought) < slices:
        raise RuntimeError(f"only {len(bought)} buyers got through")
    size = max(1, len(bought) // slices)
    parts = [bought[number * size : (number + 1) * size] for number in range(slices)]
    found = {}
    for what in WAITS:
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            found[f"{name} {what}"] = Figure(
                unit="ms",
                values=[percentile([getattr(one, what) for one in part], share) for part in parts],
            )
        waits = [getattr(one, what) for one in bought]
        found[f"percentiles {what}"] = Figure(
            unit="ms", values=[percentile(waits, each / 100) for each in range(1, 101)]
        )
    return found


def section(result: Result) -> str:
    """What they waited for."""
    found, notes = result.figures, result.notes
    complete = found["share complete"].median
    rows = [
        f"| {said} | {found[f'p50 {what}']} | {found[f'p99 {what}']} |"
        for what, said in WAITS.items()
    ]
    return "\n".join(
        [
            "## Buyers who take their time",
            "",
            f"Open loop, {notes['rate']} a second (`BENCH_DWELL_RATE`), {notes['buyers']} buyers. "
            f"Each pays {notes['dwell']} ± {notes['jitter']} s after the click, by a seeded "
            f"chance. At most {found['open']} purchases were open at once; the worker's cache "
            f"held {notes['cache']} (`WORKER_CACHED_WORKFLOWS`), so that a payment mostly finds a "
            "purchase that has to be rebuilt from its history. Latency counts from the scheduled "
            f"moment; a round is the {notes['slice']} s of arrivals that follow one another.",
            "",
            "| | p50 | p99 |",
            "|---|---|---|",
            *rows,
            "",
            f"Goal: all who came have a complete order within {PATIENCE_SECONDS} s of their "
            f"payment: {100 * complete:.4g} %, "
            + ("met." if complete == 1 else f"**not met** ({notes['failed'] or 'not complete'})."),
            "",
        ]
    )


def plot(result: Result, folder: Path) -> list[Path]:
    """Both distributions."""
    lines = {
        said.replace("`", ""): result.figures[f"percentiles {what}"].values
        for what, said in WAITS.items()
    }
    path = folder / "performance-dwell.svg"
    return [shares(path, lines, title="Buyers who take their time", unit="milliseconds")]


DWELL: Final = Measure(
    about="Buyers who take their time (BENCH_DWELL_RATE=2)",
    run=run,
    section=section,
    plot=plot,
)
