"""Runs the parts of a stack together and leaves none behind."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from devstack.folder import DevFolder
from devstack.keeper import Keeper, Say, StartError
from devstack.part import Part
from devstack.ready import taken_ports
from devstack.records import Records

LOG_BYTES_MAX = 10_000_000


class StopRequest:
    """A person's wish to stop, and to stop now."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.hurry = asyncio.Event()

    def ask(self) -> None:
        """Stop; asked again, stop at once."""
        if self.asked.is_set():
            self.hurry.set()
        self.asked.set()

    def listen_to_signals(self) -> None:
        """Ctrl-C, a request to terminate, and a terminal that goes away (unless under nohup)."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.ask)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, self.ask)


async def supervise(
    parts: Sequence[Part],
    folder: DevFolder,
    *,
    say: Say,
    stop: StopRequest,
    when_ready: Callable[[], Awaitable[None]],
) -> None:
    """Run the parts until asked to stop; raises ``StartError`` when one cannot be started.

    The folder must be locked by the caller. All processes are gone when this returns.
    """
    _make_room(parts, folder, say)
    keepers = {part.name: Keeper(part, folder, say) for part in parts}
    work = asyncio.create_task(_keep_all(keepers, when_ready))
    asked = asyncio.create_task(stop.asked.wait())
    try:
        await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        work.cancel()
        asked.cancel()
        await asyncio.gather(work, asked, return_exceptions=True)
        say("Stopping…")
        for keeper in reversed(keepers.values()):
            await keeper.end(stop.hurry)
    if not work.cancelled():
        work.result()


def _make_room(parts: Sequence[Part], folder: DevFolder, say: Say) -> None:
    """See that nothing of an earlier run, or of somebody else, is in the way."""
    for name in Records(folder.run).end_leftovers():
        say(f"Ended a {name} that an earlier run had left behind.")
    if taken := taken_ports(parts):
        raise StartError("\n".join(taken))
    for part in parts:
        if part.data is not None:
            part.data.mkdir(parents=True, exist_ok=True)
        _put_aside(folder.log / f"{part.name}.log")


def _put_aside(log: Path) -> None:
    """Begin a new log when the old one has grown large; the last large one is kept."""
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))


async def _keep_all(keepers: dict[str, Keeper], when_ready: Callable[[], Awaitable[None]]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for keeper in keepers.values():
                needs = [keepers[name].ready for name in keeper.part.after]
                group.create_task(keeper.run(needs))
            for keeper in keepers.values():
                await keeper.ready.wait()
            await when_ready()
    except ExceptionGroup as failures:
        raise failures.exceptions[
            0
        ] from None  # one sentence is enough; the first failure stops all
