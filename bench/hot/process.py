"""An errand in a process of its own: it says when it is ready, waits for the word, and tells."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final

import uvloop

from bench.engine.cpu import Meter
from bench.hot.errands import Answer, Errand, Outcome

READY: Final = b"ready\n"
GO: Final = b"go\n"
LONGEST_LINE: Final = 2**26
CLIENT: Final = "client"
OURS: Final = ("api", "mongod")

Work = Callable[[], Awaitable[list[Answer]]]
Prepare = Callable[[Errand], AbstractAsyncContextManager[Work]]


@dataclass(frozen=True)
class Done:
    """An errand, and what it cost."""

    outcome: Outcome
    cpu: Mapping[str, float]
    """Milliseconds of CPU for each try: of the client, the API and mongod."""


class NotDoneError(RuntimeError):
    """The process ended without telling what came of its errand."""


async def send(module: str, errand: Errand, pids: Mapping[str, int]) -> Done:
    """Have a process do it; CPU is counted from the word to the end of the last try.

    Raises:
        NotDoneError: it ended before it had told.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(errand.model_dump_json().encode() + b"\n")
        if await process.stdout.readline() != READY:
            raise NotDoneError(f"{module} did not get ready")
        meter = Meter({name: pids[name] for name in OURS})
        process.stdin.write(GO)
        told = await process.stdout.readline()
        used = meter.read()
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if not told:
        raise NotDoneError(f"{module} ended with {process.returncode}")
    outcome = Outcome.model_validate_json(told)
    seconds = {CLIENT: outcome.cpu_seconds} | {name: used[name] for name in OURS}
    tries = len(outcome.answers)
    return Done(outcome, {name: each * 1000 / tries for name, each in seconds.items()})


def do(prepare: Prepare) -> None:
    """The other end: read the errand, do it when told to, and tell."""
    errand = Errand.model_validate_json(sys.stdin.buffer.readline())
    sys.stdout.write(uvloop.run(_done(prepare, errand)).model_dump_json() + "\n")


async def _done(prepare: Prepare, errand: Errand) -> Outcome:
    async with prepare(errand) as work:
        sys.stdout.buffer.write(READY)
        sys.stdout.buffer.flush()
        await asyncio.to_thread(sys.stdin.buffer.readline)
        began, used = time.monotonic(), time.process_time()
        answers = await work()
        return Outcome(
            answers=answers,
            seconds=time.monotonic() - began,
            cpu_seconds=time.process_time() - used,
        )
