"""Goes easy on a service that others need more."""

import asyncio
import time

from temporalio import activity


class Pace:
    """Lets at most so many calls a second begin, evenly spaced, in this process.

    Whoever waits here is alive, and says so: a page of many slow looks is no dead worker.
    """

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        """Back when the next call may begin."""
        if activity.in_activity():
            activity.heartbeat()
        now = time.monotonic()
        mine = max(self._next, now)
        self._next = mine + self._gap
        await asyncio.sleep(mine - now)
