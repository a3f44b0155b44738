"""Tries counted in MongoDB: one document for each key, all windows of its rule, one write."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from limits import RateLimitItem
from pymongo import ASCENDING, ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.write_concern import WriteConcern

Raw = dict[str, Any]

COUNTERS: Final = "limits"
MS: Final = 1000


@dataclass(frozen=True)
class Windows:
    """How many tries are allowed in so many seconds, and the write that counts one."""

    most: Mapping[int, int]
    write: list[Raw]

    @classmethod
    def of(cls, limits: Iterable[RateLimitItem]) -> "Windows":
        """Of all these limits together; of two for the same time the tighter one counts."""
        most: dict[int, int] = {}
        for limit in limits:
            seconds = limit.get_expiry()
            most[seconds] = min(limit.amount, most.get(seconds, limit.amount))
        return cls(most, _counted(most))


class CounterStore:
    """A sliding window, estimated: what the last window counted weighs as much as is left of it.

    All of a rule's windows are judged and counted in one write, by MongoDB's clock; a try that one
    of them refuses is counted by none. A count is not worth waiting for a majority: one that a
    failover loses lets somebody try a few times more.
    """

    def __init__(self, database: AsyncDatabase[Raw]) -> None:
        self._counters = database.with_options(write_concern=WriteConcern(w=1))[COUNTERS]

    async def prepare(self) -> None:
        """Have MongoDB forget counters once their time is over. Repeating is safe."""
        await self._counters.create_index(
            [("expireAt", ASCENDING)], name="forget_counters", expireAfterSeconds=0
        )

    async def count(self, key: str, windows: Windows) -> float | None:
        """Count one try under this key; None when it may go on.

        Otherwise it was not counted, and after so many seconds there is room for one.
        """
        found = await self._counters.find_one_and_update(
            {"_id": key}, windows.write, upsert=True, return_document=ReturnDocument.AFTER
        )
        assert found is not None  # noqa: S101 - it is made if it is not there
        if found["counted"]:
            return None
        return max(
            _wait(found["windows"][str(seconds)], seconds, most, found["at"])
            for seconds, most in windows.most.items()
        )

    async def forget(self, key: str) -> None:
        """Begin to count anew. Repeating is safe."""
        await self._counters.delete_one({"_id": key})


def _counted(most: Mapping[int, int]) -> list[Raw]:
    """The write: go on to the window of now, see whether there is room in each, and count."""
    names = {seconds: f"windows.{seconds}" for seconds in most}
    has_room = {"$and": [_has_room(name, each, most[each]) for each, name in names.items()]}
    ends = [{"$add": [f"${name}.ends", each * MS]} for each, name in names.items()]
    return [
        {"$set": {name: _of_now(name, seconds) for seconds, name in names.items()}},
        {"$set": {"counted": has_room, "at": "$$NOW", "expireAt": {"$max": ends}}},
        {
            "$set": {
                f"{name}.count": {"$add": [f"${name}.count", {"$cond": ["$counted", 1, 0]}]}
                for name in names.values()
            }
        },
    ]


def _of_now(name: str, seconds: int) -> Raw:
    """The window that now is in; the first one begins with the first try."""
    ends, length = f"${name}.ends", seconds * MS
    # A window that there never was has no end; null comes before any time, and so is long over.
    is_over = {"$gte": ["$$NOW", ends]}
    is_long_over = {"$gte": ["$$NOW", {"$add": [ends, length]}]}
    return {
        "$cond": [
            is_long_over,
            {"before": 0, "count": 0, "ends": {"$add": ["$$NOW", length]}},
            {
                "$cond": [
                    is_over,
                    {"before": f"${name}.count", "count": 0, "ends": {"$add": [ends, length]}},
                    f"${name}",
                ]
            },
        ]
    }


def _has_room(name: str, seconds: int, most: int) -> Raw:
    left = {"$divide": [{"$subtract": [f"${name}.ends", "$$NOW"]}, seconds * MS]}
    weight = {"$add": [{"$multiply": [f"${name}.before", left]}, f"${name}.count"]}
    return {"$lt": [weight, most]}


def _wait(window: Raw, seconds: int, most: int, at: datetime) -> float:
    """Until this window has room for one, if nobody tries meanwhile."""
    left: float = (window["ends"] - at).total_seconds()
    before, count = int(window["before"]), int(window["count"])
    if count < most:
        # As much of the last window may still weigh as there is room beside this one's count.
        return max(0.0, left - (most - count) * seconds / before) if before else 0.0
    return left + max(0.0, seconds * (1 - most / count))
