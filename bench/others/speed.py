"""How fast each shape sells to as many people as can be served at once."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from time import monotonic
from typing import Any, Final

from bson import Timestamp
from pymongo import AsyncMongoClient

from bench.engine.load import Window, saturate
from bench.others.shape import Order, Shape, Wish

STOCK_PER_SECOND: Final = {"original": 500, "naive": 200, "ours": 100}
SAMPLED: Final = 5
SETTLING_SECONDS: Final = 60


@dataclass(frozen=True)
class Bought:
    """One purchase, as its buyer saw it."""

    order: Order
    reserved_ms: float
    """From the click to the answer."""
    paid_at: datetime


@dataclass(frozen=True)
class Round:
    """What one window of one shape came to."""

    per_second: float
    reserved_ms: list[float]
    complete_ms: list[float]
    """From the moment at which the card is sent to the write that completes the order."""
    cpu: dict[str, float]
    """Milliseconds for one purchase, by process."""
    transitions: float | None
    put_off: int
    """Jobs that were put off and not done yet when the last buyer had left."""


async def warm_up(shape: Shape, drivers: int) -> None:
    """Everybody buys once, so that the first round does not pay for what is new everywhere."""
    stock = await shape.wishes(drivers)
    await asyncio.gather(*(_buys(shape, stock) for _ in range(drivers)))
    await _settles(shape)


async def one_round(
    shape: Shape, window: Window, drivers: int, mongodb: AsyncMongoClient[Any]
) -> Round:
    """Closed loop. A refusal fails the measurement."""
    seconds = window.warm_up + window.measured
    stock = await shape.wishes(int(seconds * STOCK_PER_SECOND[shape.name]))
    since = await _operation_time(mongodb)
    told = await saturate(lambda: _buys(shape, stock), window, await shape.pids(), drivers=drivers)
    put_off = await shape.put_off()
    await _settles(shape)
    completed = await _completed(
        mongodb, shape.database, since, {each.order.order_id for each in told.done}
    )
    costs = [await shape.transitions(each.order) for each in told.done[:SAMPLED]]
    counted = [cost for cost in costs if cost is not None]
    return Round(
        per_second=told.per_second,
        reserved_ms=[each.reserved_ms for each in told.done],
        complete_ms=[
            (completed[each.order.order_id] - each.paid_at).total_seconds() * 1000
            for each in told.done
        ],
        cpu=dict(told.cpu),
        transitions=median(counted) if counted else None,
        put_off=put_off,
    )


async def _buys(shape: Shape, stock: list[Wish]) -> Bought:
    wish, began = stock.pop(), monotonic()
    order = await shape.click(wish)
    reserved_ms = (monotonic() - began) * 1000
    if order is None:
        raise RuntimeError(f"{shape.name} refused somebody who was alone with their ticket")
    paid_at = datetime.now(UTC)
    if not await shape.pay(order):
        raise RuntimeError(f"{shape.name} refused a good card")
    await shape.ended(order)
    return Bought(order, reserved_ms, paid_at)


async def _settles(shape: Shape) -> None:
    """So that the next shape does not pay for this one."""
    async with asyncio.timeout(SETTLING_SECONDS):
        while await shape.put_off():  # noqa: ASYNC110 - in other processes
            await asyncio.sleep(0.05)


async def _operation_time(mongodb: AsyncMongoClient[Any]) -> Timestamp:
    moment: Timestamp = (await mongodb.admin.command("hello"))["operationTime"]
    return moment


async def _completed(
    mongodb: AsyncMongoClient[Any], database: str, since: Timestamp, wanted: set[str]
) -> dict[str, datetime]:
    """When MongoDB wrote that each order is complete; read afterwards, by its change stream."""
    only = {"$match": {"updateDescription.updatedFields.status": "complete"}}
    found: dict[str, datetime] = {}
    async with (
        asyncio.timeout(SETTLING_SECONDS),
        await mongodb[database]["orders"].watch([only], start_at_operation_time=since) as changes,
    ):
        while wanted - found.keys():
            change = await changes.try_next()
            if change is not None:
                found[change["documentKey"]["_id"]] = change["wallTime"].astimezone(UTC)
    return found
