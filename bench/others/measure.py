"""The purchase beside others, in one run on the same servers."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import fields
from functools import partial
from typing import Any, Final

from pymongo import AsyncMongoClient

from bench.engine.load import DRIVERS, Window
from bench.engine.stack import Stack, running_stack
from bench.figures import Figure, percentile
from bench.measures import Measure, Plan
from bench.others.aftermath import Aftermath
from bench.others.blows import Extent, Left, at_rest, moments, struck
from bench.others.original.servers import NO_REDIS, find_redis
from bench.others.ours import Ours
from bench.others.page import COUNTS, plot, section
from bench.others.shape import Shape
from bench.others.speed import Round, one_round, warm_up
from bench.others.twins import running_naive, running_original
from bench.results import Result, this_machine
from bench.rounds import interleaved

NAME: Final = "others"
LONG: Final = Window(warm_up=2, measured=8)
SHORT: Final = Window(warm_up=0.5, measured=3)
SHORT_ROUNDS: Final = 2
FEW: Final = 4
"""Buyers at a time when nobody looks at the figures."""
HOLD_SECONDS: Final = 20
HARD: Final = Extent(under_way=40, kills=2, twice=10, crowd=50, rest_seconds=75)
SOFT: Final = Extent(under_way=8, kills=1, twice=2, crowd=10, rest_seconds=12)
PERCENTILES: Final = {"p50": 0.5, "p99": 0.99}


async def run(plan: Plan) -> Result:
    """Rounds in turn first, then the blows, then one rest for all."""
    window, drivers, extent = (SHORT, FEW, SOFT) if plan.short else (LONG, DRIVERS, HARD)
    rounds = min(plan.rounds, SHORT_ROUNDS) if plan.short else plan.rounds
    async with _running(plan) as (stack, mongodb, shapes):
        for shape in shapes:
            await warm_up(shape, drivers)
        found = await interleaved(
            {each.name: partial(one_round, each, window, drivers, mongodb) for each in shapes},
            rounds,
            say=plan.say,
        )
        wished = {}
        for shape in shapes:
            plan.say(f"blows: {shape.name}")
            await shape.prepare_for_blows()
            wished[shape.name] = await struck(shape, extent)
        plan.say("coming to rest")
        after = await at_rest(shapes, wished, extent.rest_seconds)
        broken = await stack.disagreements()
        # Ours is looked at again: its own rest may have come later than that of the others.
        ours = next(each for each in shapes if isinstance(each, Ours))
        after |= await at_rest([ours], wished, 0)
    return Result(
        name=NAME,
        machine=this_machine(),
        rounds=rounds,
        figures={**speeds(found), **remains(after)},
        notes=_notes(window, drivers, extent, shapes),
        broken=[*broken, *not_zero(after[Ours.name])],
    )


@asynccontextmanager
async def _running(
    plan: Plan,
) -> AsyncIterator[tuple[Stack, AsyncMongoClient[Any], Sequence[Shape]]]:
    held = {"RESERVATION_WINDOW": str(HOLD_SECONDS), "HOLD_EXTENSION": "0"}
    async with AsyncExitStack() as open_until_the_end:
        enter = open_until_the_end.enter_async_context
        stack = await enter(running_stack(plan.folder, **held))
        mongodb = await enter(AsyncMongoClient[Any](stack.system.mongodb, tz_aware=True))
        shapes: list[Shape] = [Ours(stack)]
        naive = running_naive(plan.folder / "naive", stack, mongodb, HOLD_SECONDS)
        shapes.append(await enter(naive))
        if redis := find_redis():
            folder = plan.folder / "original"
            original = running_original(folder, redis, stack, mongodb, HOLD_SECONDS)
            shapes.append(await enter(original))
        else:
            plan.say(f"without the original: {NO_REDIS}")
        yield stack, mongodb, shapes


def speeds(found: Mapping[str, list[Round]]) -> dict[str, Figure]:
    """One value a round, by what it is and of which shape."""
    made: dict[str, Figure] = {}
    for shape, rounds in found.items():
        made[f"per second: {shape}"] = _figure("1/s", [each.per_second for each in rounds])
        for name, share in PERCENTILES.items():
            for what, waits in (
                ("reserved", [each.reserved_ms for each in rounds]),
                ("complete", [each.complete_ms for each in rounds]),
            ):
                values = [percentile(each, share) for each in waits]
                made[f"{name} until {what}: {shape}"] = _figure("ms", values)
        for process in rounds[0].cpu:
            values = [each.cpu[process] for each in rounds]
            made[f"cpu of {process}: {shape}"] = _figure("ms", values)
        costs = [each.transitions for each in rounds if each.transitions is not None]
        if costs:
            made[f"transitions: {shape}"] = _figure("", costs)
        made[f"put off: {shape}"] = _figure("", [each.put_off for each in rounds])
    return made


def remains(after: Mapping[str, Mapping[str, Left]]) -> dict[str, Figure]:
    """What was left behind, by scenario, count and shape."""
    made = {}
    for shape, scenarios in after.items():
        for scenario, left in scenarios.items():
            told = {"complete": left.complete, "wanted": left.wanted, **vars(left.counts)}
            for what, count in told.items():
                made[f"{scenario}, {what}: {shape}"] = _figure("", [count])
    return made


def not_zero(scenarios: Mapping[str, Left]) -> list[str]:
    """What ours must not leave behind."""
    return [
        f"ours, {scenario}: {count} {COUNTS[field.name]}"
        for scenario, left in scenarios.items()
        for field in fields(Aftermath)
        if (count := getattr(left.counts, field.name))
    ]


def _figure(unit: str, values: Sequence[float]) -> Figure:
    return Figure(unit=unit, values=list(values))


def _notes(window: Window, drivers: int, extent: Extent, shapes: Sequence[Shape]) -> dict[str, str]:
    blows = moments(extent)
    return {
        "drivers": str(drivers),
        "seconds": f"{window.measured:g}",
        "shapes": " ".join(each.name for each in shapes),
        "without original": "" if len(shapes) > len({"ours", "naive"}) else NO_REDIS,
        "under way": str(extent.under_way),
        "twice": str(extent.twice),
        "crowd": str(extent.crowd),
        "kills": str(len(blows)),
        "hold": str(HOLD_SECONDS),
        "rest": f"{extent.rest_seconds:g}",
    }


OTHERS: Final = Measure(
    about="The purchase beside the original's shape and a naive one",
    run=run,
    section=section,
    plot=plot,
)
