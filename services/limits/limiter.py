"""Counts tries and says when it is enough."""

import hashlib
import math
from collections.abc import Mapping
from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase

from services.limits.rules import LimitSettings, Rule
from services.limits.storage import CounterStore, Windows

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
        self._counters = CounterStore(database)
        self._windows: Mapping[Rule, Windows] = {
            rule: Windows.of(settings.windows(rule)) for rule in Rule
        }

    async def prepare(self) -> None:
        """Make the index that forgets. Repeating is safe."""
        await self._counters.prepare()

    async def hit(self, rule: Rule, *key: str) -> None:
        """Count one try; raises ``TooManyTriesError`` when there is no room for it.

        Call it before the work that it protects. A refused try is not counted, so that waiting as
        long as was said is enough, however often somebody knocks meanwhile.
        """
        wait = await self._counters.count(_name(rule, key), self._windows[rule])
        if wait is not None:
            raise TooManyTriesError(rule, math.floor(wait) + 1)

    async def reset(self, rule: Rule, *key: str) -> None:
        """Forget the tries so far: this one succeeded. Repeating is safe."""
        await self._counters.forget(_name(rule, key))


def _name(rule: Rule, key: tuple[str, ...]) -> str:
    """Addresses are not to be read in the database; the lengths keep ("ab", "c") from "a", "bc"."""
    told = "".join(f"{len(part)}:{part}" for part in key)
    return f"{rule}:{hashlib.sha256(told.encode(errors='surrogatepass')).hexdigest()}"
