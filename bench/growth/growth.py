"""Whether a purchase costs more when many others are open, and how a worker comes back."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Final

from bench.engine import shopping
from bench.engine.load import Window, saturate
from bench.engine.stack import Stack
from bench.figures import Figure
from bench.growth.growth_page import plot, section
from bench.growth.recovery import OLD, Recovered, recovered
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
SHORT_WINDOW: Final = Window(warm_up=1, measured=4)
SHORT_ROUNDS: Final = 2
CACHE: Final = 2_000
"""The product's default, which 10,000 exceed five times."""
SHORT_CACHE: Final = 50
STOCK_PER_SECOND: Final = 80
PARTS: Final = ("worker", "temporal", "mongod", "api")
KB: Final = 1024


@dataclass(frozen=True)
class Level:
    """What was found while so many purchases were open."""

    per_second: list[float]
    resident: Mapping[str, float]
    """MB of each part, before the purchases of this level were measured."""
    stored: float
    """MB of Temporal's database."""


async def run(plan: Plan) -> Result:
    """One shop, filled level by level; at 10,000 its worker is killed."""
    window, rounds, cache = (
        (SHORT_WINDOW, min(plan.rounds, SHORT_ROUNDS), SHORT_CACHE)
        if plan.short
        else (WINDOW, plan.rounds, CACHE)
    )
    levels = levels_of(os.environ.get("BENCH_LEVELS", SHORT_LEVELS if plan.short else LEVELS))
    found: dict[int, Level] = {}
    rates: dict[int, float] = {}
    back: Recovered | None = None
    broken: list[str] = []
    async with running_shop(plan.folder, WORKER_CACHED_WORKFLOWS=str(cache)) as stack:
        await _shop(stack, window)
        await stack.stock.lay_in(OLD)
        old = [await shopping.post_order(stack, stack.stock.take()) for _ in range(OLD)]
        there = 0
        for level in levels:
            if level > there:
                rates[level] = await fill(stack, level - there)
                plan.say(f"{level:,} open: filled at {rates[level]:.1f} a second")
                there = level
            plan.say(f"{level:,} open: {rounds} slices")
            found[level] = await _measured(stack, window, rounds)
            if back is None and (level >= RECOVER_AT or level == levels[-1]):
                plan.say(f"{level:,} open: the worker is killed")
                back = await recovered(stack, old, lambda: _shop(stack, window), rounds)
                broken += await disagreements(stack, left_open=there)
        broken += await disagreements(stack, left_open=there)
    assert back is not None  # noqa: S101 - there is at least one level
    return Result(
        name=NAME,
        machine=this_machine(),
        rounds=rounds,
        figures={**figures(found, rates), **back.figures()},
        notes={
            "levels": ",".join(map(str, found)),
            "recovered at": str(next((n for n in levels if n >= RECOVER_AT), levels[-1])),
            "cache": f"{cache:,}",
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


async def _measured(stack: Stack, window: Window, rounds: int) -> Level:
    memory = resident(stack.system)
    stored = sum(
        file.stat().st_size for file in stack.system.folder.rglob("*") if _of_temporal(file)
    )
    return Level(
        per_second=[await _shop(stack, window) for _ in range(rounds)],
        resident=memory,
        stored=stored / KB**2,
    )


def _of_temporal(file: Path) -> bool:
    return file.is_file() and ".db" in file.name and "temporal" in str(file)


def figures(found: Mapping[int, Level], rates: Mapping[int, float]) -> dict[str, Figure]:
    """By level, and from level to level what one more open purchase costs."""
    made: dict[str, Figure] = {}
    for level, each in found.items():
        made[f"purchases at {level}"] = Figure(unit="1/s", values=each.per_second)
        made[f"stored at {level}"] = Figure(unit="MB", values=[each.stored])
        for part in PARTS:
            made[f"{part} at {level}"] = Figure(unit="MB", values=[each.resident[part]])
    for level, rate in rates.items():
        made[f"filled to {level}"] = Figure(unit="1/s", values=[rate])
    levels = list(found)
    for low, high in pairwise(levels):
        for part in PARTS:
            grown = found[high].resident[part] - found[low].resident[part]
            made[f"{part} to {high}"] = Figure(unit="KB", values=[grown * KB / (high - low)])
        grown = found[high].stored - found[low].stored
        made[f"stored to {high}"] = Figure(unit="KB", values=[grown * KB / (high - low)])
    return made


GROWTH: Final = Measure(
    about="Many open purchases, and a worker that is killed among them",
    run=run,
    section=section,
    plot=plot,
)
