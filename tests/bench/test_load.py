"""Load comes as it is told, and what fails is not counted as done."""

import asyncio
import time
from itertools import count

import pytest

from bench.engine.load import Window, at_their_time, saturate

BRIEF = Window(warm_up=0.05, measured=0.2)


async def test_an_open_loop_does_not_wait_for_those_before() -> None:
    everybody = asyncio.Event()
    came: list[float] = []

    async def one(due: float) -> float:
        came.append(due)
        if len(came) == 5:
            everybody.set()
        await everybody.wait()
        return due

    told = await at_their_time(one, per_second=50, seconds=0.1)

    assert told == came
    assert [round(later - came[0], 3) for later in came] == [0, 0.02, 0.04, 0.06, 0.08]


async def test_a_late_beginning_counts_from_its_scheduled_time() -> None:
    async def one(due: float) -> float:
        time.sleep(0.05)  # noqa: ASYNC251 - a driver that is held up
        return time.monotonic() - due

    waited = await at_their_time(one, per_second=100, seconds=0.1)

    assert waited == sorted(waited)


async def test_what_ends_in_the_warm_up_is_not_counted() -> None:
    number = count()

    async def one() -> int:
        await asyncio.sleep(0.01)
        return next(number)

    found = await saturate(one, BRIEF, {}, drivers=1)

    assert 0 not in found.done
    assert found.per_second == len(found.done) / found.seconds
    assert set(found.cpu) == {"driver"}


async def test_what_fails_fails_the_measurement() -> None:
    async def one() -> None:
        raise ValueError

    with pytest.raises(ExceptionGroup):
        await saturate(one, BRIEF, {}, drivers=2)


async def test_a_window_in_which_nothing_ends_is_no_measurement() -> None:
    async def one() -> None:
        await asyncio.sleep(0.5)

    with pytest.raises(ExceptionGroup) as failed:
        await saturate(one, BRIEF, {}, drivers=1)

    assert failed.group_contains(RuntimeError, match="nothing ended")
