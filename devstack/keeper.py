"""Keeps one part running: starts it, waits until it is ready, starts it again when it dies."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from devstack.folder import CHECKOUT, DevFolder
from devstack.part import Part
from devstack.process import signal_group, spawn
from devstack.records import Records

Say = Callable[[str], None]
"""Tells a person one line."""

LOOK_SECONDS = 0.05
CHECK_PAUSE_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.5
STABLE_AFTER_SECONDS = 10
DEATHS_BEFORE_READY_MAX = 5
LOG_TAIL_LINES = 15


class StartError(Exception):
    """A part cannot be started; the message tells a person what its log says."""


class Keeper:
    """One part and its process."""

    def __init__(self, part: Part, folder: DevFolder, say: Say) -> None:
        self.part = part
        self.ready = asyncio.Event()
        """Set when the part has been ready for the first time."""
        self._say = say
        self._log = folder.log / f"{part.name}.log"
        self._log_begin = 0
        """Where the log of this process begins; what came before are earlier ones' words."""
        self._records = Records(folder.run)
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = 0.0
        self._deaths = 0

    async def run(self, needs: Sequence[asyncio.Event]) -> None:
        """Keep the part running until cancelled; a task (``once``) until it has ended well."""
        for need in needs:
            await need.wait()
        self._begun = time.monotonic()
        while True:
            started = time.monotonic()
            process = self._start()
            if not self.part.once:
                await self._watch_until_ready(process)
            code = await self._watch_until_end(process)
            if self.part.once and code == 0:
                self._note_ready()
                return
            if time.monotonic() - started > STABLE_AFTER_SECONDS:
                self._deaths = 0
            await self._pause_after_death(code)

    async def end(self, hurry: asyncio.Event) -> None:
        """End the process and its group: politely first, at once when in a hurry."""
        if self._process is None:
            return
        if self._process.poll() is None:
            signal_group(self._process, signal.SIGTERM)
            deadline = time.monotonic() + self.part.grace
            while self._process.poll() is None and time.monotonic() < deadline:
                if hurry.is_set():
                    break
                await asyncio.sleep(LOOK_SECONDS)
        self._bury(self._process)

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the process; nothing is awaited here, so that no signal can come in between."""
        self._log_begin = self._log.stat().st_size if self._log.exists() else 0
        process = spawn(self.part.command, log=self._log, env=self.part.env, cwd=CHECKOUT)
        self._process = process
        self._records.write(self.part, process.pid)
        return process

    async def _watch_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the part is ready, or dead; the check runs beside the watch on its life."""
        while process.poll() is None:
            check = asyncio.create_task(asyncio.to_thread(self.part.ready))
            try:
                while process.poll() is None and not check.done():
                    await asyncio.wait({check}, timeout=LOOK_SECONDS)
                if check.done() and check.result():
                    self._note_ready()
                    return
            finally:
                check.cancel()
            if not self.ready.is_set() and self._age() > self.part.ready_within:
                raise StartError(self._complaint(f"is not ready after {self._age():.0f} s"))
            await asyncio.sleep(CHECK_PAUSE_SECONDS)

    async def _watch_until_end(self, process: subprocess.Popen[bytes]) -> int:
        while process.poll() is None:
            if self.part.once and self._age() > self.part.ready_within:
                raise StartError(self._complaint(f"has not ended after {self._age():.0f} s"))
            await asyncio.sleep(LOOK_SECONDS)
        self._bury(process)
        return process.returncode

    async def _pause_after_death(self, code: int) -> None:
        self._deaths += 1
        reason = _reason(code)
        if not self.ready.is_set() and self._deaths >= DEATHS_BEFORE_READY_MAX:
            raise StartError(self._complaint(f"ended {self._deaths} times, last {reason}"))
        self._say(f"{self.part.name} ended ({reason}); starting it again. Log: {self._log}")
        await asyncio.sleep(
            min(FIRST_PAUSE_SECONDS * 2 ** (self._deaths - 1), LONGEST_PAUSE_SECONDS)
        )

    def _note_ready(self) -> None:
        if self.ready.is_set():
            self._say(f"{self.part.name} is back.")
        else:
            done = "done" if self.part.once else "ready"
            self._say(f"{self.part.name:<10} {done} after {self._age():.1f} s")
        self.ready.set()

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        """Take what the process has left behind in its group with it."""
        signal_group(process, signal.SIGKILL)
        process.wait()
        self._records.remove(self.part.name)
        self._process = None

    def _age(self) -> float:
        """Seconds since the part was first started."""
        return time.monotonic() - self._begun

    def _complaint(self, what: str) -> str:
        lines: list[str] = []
        with suppress(OSError):
            own = self._log.read_bytes()[self._log_begin :].decode(errors="replace")
            lines = own.splitlines()[-LOG_TAIL_LINES:]
        return "\n".join([f"{self.part.name} {what}. The end of {self._log}:", *lines])


def _reason(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
