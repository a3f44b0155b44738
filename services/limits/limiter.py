"""Counts tries and says when it is enough."""

import hashlib
import math
import time
from collections.abc import Mapping
from typing import Any, Final

from limits import RateLimitItem
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from pymongo.asynchronous.database import AsyncDatabase

from services.limits.rules import LimitSettings, Rule
from services.limits.storage import CounterStorage

Raw = dict[str, Any]


class TooManyTriesError(RuntimeError):
    """Enough for now; ``seconds`` from now a try can succeed."""

    def __init__(self, rule: Rule, seconds: int) -> None:
        super().__init__(f"{rule}: try again in {seconds} s")
        self.rule: Final = rule
        self.seconds: Final = seconds


class Limits:
    """How often each thing may still be tried; the same for all processes, as MongoDB counts.

    Without MongoDB nothing may be tried at all: ``PyMongoError`` passes through, and whoever asked
    answers 503. Keys are stored as hashes only, and only as long as their longest window.
    """

    def __init__(self, database: AsyncDatabase[Raw], settings: LimitSettings) -> None:
        self._storage = CounterStorage(database)
        self._counter = SlidingWindowCounterRateLimiter(self._storage)
        self._windows: Mapping[Rule, list[RateLimitItem]] = {
            rule: settings.windows(rule) for rule in Rule
        }

    async def prepare(self) -> None:
        """Make the index that forgets. Repeating is safe."""
        await self._storage.prepare()

    async def hit(self, rule: Rule, *key: str) -> None:
        """Count one try; raises ``TooManyTriesError`` when there is no room for it.

        Call it before the work that it protects. A refused try is not counted, so that waiting as
        long as was said is enough, however often somebody knocks meanwhile.
        """
        name = _name(rule, key)
        for window in self._windows[rule]:
            if not await self._counter.hit(window, name):
                raise TooManyTriesError(rule, await self._seconds_to_wait(rule, name))

    async def reset(self, rule: Rule, *key: str) -> None:
        """Forget the tries so far: this one succeeded. Repeating is safe."""
        name = _name(rule, key)
        await self._storage.forget([window.key_for(name) for window in self._windows[rule]])

    async def _seconds_to_wait(self, rule: Rule, name: str) -> int:
        """Until every window that is full has room again; at least one."""
        stats = [await self._counter.get_window_stats(each, name) for each in self._windows[rule]]
        full = [window.reset_time - time.time() for window in stats if window.remaining < 1]
        return max([math.floor(wait) + 1 for wait in full if wait > 0], default=1)


def _name(rule: Rule, key: tuple[str, ...]) -> str:
    """Addresses are not to be read in the database; the lengths keep ("ab", "c") from "a", "bc"."""
    told = "".join(f"{len(part)}:{part}" for part in key)
    return f"{rule}:{hashlib.sha256(told.encode(errors='surrogatepass')).hexdigest()}"
