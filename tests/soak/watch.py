"""What is looked at in the second half: memory, open files, connections, cursors, workflows.

Of API, worker and mongod. Temporal and the simulators keep everything that ever was: their memory
is shown while it runs and says nothing about us.
"""

import asyncio
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread
from typing import Final

import psutil
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from temporalio.client import Client
from temporalio.service import RPCError

from tests.e2e.system import Json, System
from tests.soak.blows import PARTS, WATCHED
from tests.soak.flat import Allowance, grows, growth, is_enough

LOOK_SECONDS: Final = 2.0
ANSWER_WITHIN: Final = timedelta(seconds=5)
MEGABYTE: Final = 2**20
MEMORY: Final = Allowance(share=0.15, absolute=25)
"""In MB. MongoDB's cache and Python's allocator take what they get before they give back."""
THINGS: Final = Allowance(share=0.25, absolute=15)
"""Of files and connections: as many as there are visitors at that moment."""
CURSORS: Final = Allowance(share=0, absolute=4)
"""Two streams, however many pages are open; a broken connection leaves one for ten minutes."""
RUNNING: Final = 'ExecutionStatus="Running"'


@dataclass
class Watch:
    """Looks every few seconds until it is told to stop."""

    system: System
    series: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    died: list[str] = field(default_factory=list)
    """Parts that were replaced although nobody had killed them."""

    def __post_init__(self) -> None:
        self._over = Event()
        self._thread = Thread(target=self._look_on)
        self._pids: dict[str, int | None] = {}

    @property
    def is_on(self) -> bool:
        """Whether it has begun."""
        return self._thread.ident is not None

    def begin(self) -> None:
        """From now on."""
        self._pids = {part: self.system.pid(part) for part in WATCHED}
        self._thread.start()

    def end(self) -> None:
        """Until now."""
        self._over.set()
        if self.is_on:
            self._thread.join()

    def grown(self) -> list[str]:
        """What has grown by more than it may, in words."""
        return [
            f"{name} grew by {growth(values):.0f} to {values[-1]:.0f}"
            for name, values in self.series.items()
            if is_enough(values) and grows(values, _allowed(name))
        ]

    def not_judged(self) -> list[str]:
        """What there were too few looks at: the soak was short, or ended early."""
        return [name for name, values in self.series.items() if not is_enough(values)]

    def _look_on(self) -> None:
        with MongoClient[Json](self.system.mongodb, serverSelectionTimeoutMS=1000) as client:
            while not self._over.wait(LOOK_SECONDS):
                self._look_at_parts()
                self._look_at_workflows()
                try:
                    self._look_at(client.admin.command("serverStatus"))
                except PyMongoError:  # it stands still; there will be another look
                    time.sleep(LOOK_SECONDS)

    def _look_at_parts(self) -> None:
        for part, pid in self._pids.items():
            now = self.system.pid(part)
            if now != pid:
                self.died.append(part)
                self._pids[part] = now
            if now is None:
                continue
            try:
                process = psutil.Process(now)
                self.series[f"{part}, MB"].append(process.memory_info().rss / MEGABYTE)
                self.series[f"{part}, open files"].append(process.num_fds())
            except psutil.NoSuchProcess:
                continue

    def _look_at(self, status: Json) -> None:
        self.series["open cursors"].append(status["metrics"]["cursor"]["open"]["total"])
        self.series["connections to MongoDB"].append(status["connections"]["current"])

    def _look_at_workflows(self) -> None:
        try:
            self.series["open workflows"].append(float(open_workflows(self.system)))
        except (RPCError, RuntimeError):  # nobody answers; there will be another look
            time.sleep(LOOK_SECONDS)


def open_workflows(system: System) -> int:
    """How many have not ended, letters and checks included.

    Raises:
        RPCError: Temporal does not answer.
        RuntimeError: it is not there.
    """

    async def ask() -> int:
        client = await Client.connect(f"127.0.0.1:{system.environ['TEMPORAL_PORT']}")
        return (await client.count_workflows(RUNNING, rpc_timeout=ANSWER_WITHIN)).count

    return asyncio.run(ask())


def memory(system: System) -> str:
    """What each part takes right now, in MB."""
    taken = []
    for part in PARTS:
        with suppress(psutil.NoSuchProcess):
            if pid := system.pid(part):
                taken.append(f"{part} {psutil.Process(pid).memory_info().rss // MEGABYTE:.0f}")
    return ", ".join(taken)


def _allowed(name: str) -> Allowance:
    return MEMORY if "MB" in name else CURSORS if name == "open cursors" else THINGS
