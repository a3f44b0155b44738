"""What is looked at during the second half: memory, open files, connections, cursors."""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Final

import psutil
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.e2e.system import Json, System
from tests.soak.blows import WATCHED
from tests.soak.flat import FEWEST, Allowance, grows, growth

LOOK_SECONDS: Final = 2.0
MEGABYTE: Final = 2**20
MEMORY: Final = Allowance(share=0.15, absolute=25)
"""In MB. MongoDB's cache and Python's allocator take what they get before they give back."""
THINGS: Final = Allowance(share=0.25, absolute=15)
"""Of files, connections, cursors: as many as there are visitors at that moment."""


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
            if len(values) >= FEWEST and grows(values, MEMORY if "MB" in name else THINGS)
        ]

    def _look_on(self) -> None:
        with MongoClient[Json](self.system.mongodb, serverSelectionTimeoutMS=1000) as client:
            while not self._over.wait(LOOK_SECONDS):
                self._look_at_parts()
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
