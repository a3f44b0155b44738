"""Whether a purchase costs more when many others are open, and how a worker comes back."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bench.engine import shopping
from bench.engine.load import DRIVERS, Window, saturate
from bench.engine.stack import Stack
from bench.figures import Figure
from bench.growth.growth_page import plot, section
from bench.growth.recovery import OLD, SHORT_OLD, Recovered, recovered
from bench.growth.shop import disagreements, fill, pids, resident, running_shop
from bench.measures import Measure, Plan
from bench.results import Result, this_machine

NAME: Final = "growth"
LEVELS: Final = "0,1000,10000"
"""Open purchases: none, fewer and more than the cache holds; others by ``BENCH_LEVELS``."""
SHORT_LEVELS: Final = "0,100"
RECOVER_AT: Final = 10_000
"""The worker is killed at the first level with so many, or at the last one."""
WINDOW: Final = Window(warm_up=3, measured=10)
SHORT_WINDOW: Final = Window(warm_up=1, measured=2.5)
SHORT_ROUNDS: Final = 2
CACHE: Final = 2_000
"""The product's default, which 10,000 exceed five times."""
SHORT_CACHE: Final = 50
STOCK_PER_SECOND: Final = 80
PARTS: Final = ("worker", "temporal", "mongod", "api")
STORED: Final = "stored"
"""Temporal's database."""
KB: Final = 1024


@dataclass(frozen=True)
class Level:
    """What was found while so many purchases were open."""

    per_second: list[float]
    memory: Mapping[str, float]
    """MB of each part and of Temporal's database, before these purchases."""


@dataclass(frozen=True)
class Filled:
    """What one more open purchase costs between two numbers of them."""

    low: int
    high: int
    per_second: float
    before: Mapping[str, float]
    """MB right before the filling; other purchases are bought neither during nor in between."""
    after: Mapping[str, float]


async def run(plan: Plan) -> Result:
    """One shop, filled level by level; at 10,000 its worker is killed."""
    window, rounds, cache = (
        (SHORT_WINDOW, min(plan.rounds, SHORT_ROUNDS), SHORT_CACHE)
        if plan.short
        else (WINDOW, plan.rounds, CACHE)
    )
    levels = levels_of(os.environ.get("BENCH_LEVELS", SHORT_LEVELS if plan.short else LEVELS))
    found: dict[int, Level] = {}
    fills: list[Filled] = []
    old: list[shopping.Json] = []
    back: Recovered | None = None
    broken: list[str] = []
    async with running_shop(plan.folder, WORKER_CACHED_WORKFLOWS=str(cache)) as stack:
        await _shop(stack, window)
        there = recovered_at = 0
        control = await _control(stack, window)
        for level in levels:
            if level and not old and back is None:
                old = await _old(stack, min(level, SHORT_OLD if plan.short else OLD))
                there = len(old)
            for stop in stops(there, level, cache):
                fills.append(await _filled(stack, there, stop))
                plan.say(f"{stop:,} open: filled at {fills[-1].per_second:.1f} a second")
                there = stop
            plan.say(f"{level:,} open: {rounds} slices")
            found[level] = await _measured(stack, window, rounds)
            if back is None and (level >= RECOVER_AT or level == levels[-1]):
                old = old or await _old(stack, SHORT_OLD if plan.short else OLD)
                recovered_at = there = max(there, len(old))
                plan.say(f"{there:,} open: the worker is killed")
                back = await recovered(stack, old, lambda: _shop(stack, window), rounds)
                there -= len(old)
                broken += await disagreements(stack, left_open=there)
        broken += await disagreements(stack, left_open=there)
    assert back is not None
    return Result(
        name=NAME,
        machine=this_machine(),
        rounds=rounds,
        figures={**figures(found, fills), **control, **back.figures()},
        notes={
            "levels": ",".join(map(str, found)),
            "recovered at": str(recovered_at),
            "cache": f"{cache:,}",
            "fills": ",".join(f"{each.low}-{each.high}" for each in fills),
            "old": str(len(old)),
            "seconds": f"{window.measured:g}",
        },
        broken=broken,
    )


def levels_of(text: str) -> list[int]:
    """``0,10000`` as numbers; raises ``ValueError`` unless they rise."""
    levels = [int(each) for each in text.split(",")]
    if levels != sorted(set(levels)) or levels[0] < 0:
        raise ValueError(f"BENCH_LEVELS must rise: {text}")
    return levels


async def _shop(stack: Stack, window: Window) -> float:
    await stack.stock.lay_in(int(STOCK_PER_SECOND * (window.warm_up + window.measured)))
    done = await saturate(partial(shopping.purchase, stack), window, pids(stack.system))
    return done.per_second


def stops(there: int, level: int, cache: int) -> list[int]:
    """Where to look on the way up: at the level, and where the worker's cache is full."""
    return sorted({each for each in (cache, level) if there < each <= level})


async def _old(stack: Stack, count: int) -> list[shopping.Json]:
    """Payable, and opened before the others of this level."""
    await stack.stock.lay_in(count)
    room = asyncio.Semaphore(DRIVERS)

    async def one() -> shopping.Json:
        async with room:
            return await shopping.post_order(stack, stack.stock.take())

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def _control(stack: Stack, window: Window) -> dict[str, Figure]:
    """What purchases leave that are over, once the parts are warm: KB for each."""
    await _shop(stack, window)
    before, orders = _memory(stack), stack.databases.orders["orders"]
    there = await orders.count_documents({})
    await _shop(stack, window)
    after, bought = _memory(stack), await orders.count_documents({}) - there
    return {
        f"{part} control": Figure(unit="KB", values=[(after[part] - before[part]) * KB / bought])
        for part in (*PARTS, STORED)
    }


async def _filled(stack: Stack, low: int, high: int) -> Filled:
    # Tickets and people are put there first: they are no part of what a purchase costs.
    await stack.stock.lay_in((high - low) * 2)
    before = _memory(stack)
    rate = await fill(stack, high - low)
    return Filled(low, high, rate, before, _memory(stack))


def _memory(stack: Stack) -> dict[str, float]:
    stored = sum(
        file.stat().st_size for file in stack.system.folder.rglob("*") if _of_temporal(file)
    )
    return {**resident(stack.system), STORED: stored / KB**2}


async def _measured(stack: Stack, window: Window, rounds: int) -> Level:
    memory = _memory(stack)
    return Level([await _shop(stack, window) for _ in range(rounds)], memory)


def _of_temporal(file: Path) -> bool:
    return file.is_file() and ".db" in file.name and "temporal" in str(file)


def figures(found: Mapping[int, Level], fills: Sequence[Filled]) -> dict[str, Figure]:
    """By level, and by filling what one more open purchase costs."""
    made: dict[str, Figure] = {}
    for level, each in found.items():
        made[f"purchases at {level}"] = Figure(unit="1/s", values=each.per_second)
        for part in (*PARTS, STORED):
            made[f"{part} at {level}"] = Figure(unit="MB", values=[each.memory[part]])
    for step in fills:
        name, count = f"{step.low}-{step.high}", step.high - step.low
        made[f"filled {name}"] = Figure(unit="1/s", values=[step.per_second])
        for part in (*PARTS, STORED):
            grown = step.after[part] - step.before[part]
            made[f"{part} {name}"] = Figure(unit="KB", values=[grown * KB / count])
    return made


GROWTH: Final = Measure(
    about="Many open purchases, and a worker killed among them (BENCH_LEVELS=0,1000,10000)",
    run=run,
    section=section,
    plot=plot,
)
