"""Load: as many at once as fit (closed loop), or one after the other at their time (open loop)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from bench.engine.cpu import Meter

Done = TypeVar("Done")

DRIVERS: Final = 8
"""People who shop at the same time, each beginning anew when done: more than two cores serve."""


@dataclass(frozen=True)
class Window:
    """How long is measured, in seconds; what happens in the warm-up is not counted."""

    warm_up: float
    measured: float


@dataclass(frozen=True)
class Saturated(Generic[Done]):
    """What a machine that does nothing else got done."""

    done: list[Done]
    """What ended while it was measured."""
    seconds: float
    cpu: Mapping[str, float]
    """Milliseconds of CPU for each that was done, by process."""
    cores_idle: float

    @property
    def per_second(self) -> float:
        """Throughput."""
        return len(self.done) / self.seconds


async def saturate(
    one: Callable[[], Awaitable[Done]],
    window: Window,
    pids: Mapping[str, int],
    *,
    drivers: int = DRIVERS,
) -> Saturated[Done]:
    """Closed loop. Whatever fails, fails the measurement."""
    done: list[Done] = []
    over = asyncio.Event()

    async def again_and_again() -> None:
        while not over.is_set():
            done.append(await one())

    async with asyncio.TaskGroup() as people:
        for _ in range(drivers):
            people.create_task(again_and_again())
        await asyncio.sleep(window.warm_up)
        done.clear()
        meter, began = Meter(pids), time.monotonic()
        await asyncio.sleep(window.measured)
        seconds, cpu, idle = time.monotonic() - began, meter.read(), meter.cores_idle()
        counted = done.copy()
        over.set()
        if not counted:
            raise RuntimeError(f"nothing ended within {window.measured} s")
    return Saturated(
        done=counted,
        seconds=seconds,
        cpu={name: used * 1000 / len(counted) for name, used in cpu.items()},
        cores_idle=idle,
    )


async def at_their_time(
    one: Callable[[float], Awaitable[Done]], *, per_second: float, seconds: float
) -> list[Done]:
    """Open loop: each begins at its scheduled time, however long those before it take.

    ``one`` is told that time, by ``time.monotonic()``.
    """
    began = time.monotonic() + 1 / per_second
    running: list[asyncio.Task[Done]] = []
    async with asyncio.TaskGroup() as people:
        for number in range(int(per_second * seconds)):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            running.append(people.create_task(_told(one, due)))
    return [each.result() for each in running]


async def _told(one: Callable[[float], Awaitable[Done]], due: float) -> Done:
    return await one(due)
