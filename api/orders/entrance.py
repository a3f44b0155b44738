"""Room for a crowd: how many buyers this process looks after at the same time.

Each asks MongoDB a few times before it is known whether there is anything to buy. A thousand at
once would all wait for its connections, until they are told that it does not answer although it
does. So they wait here, in the order in which they came, and hold nothing meanwhile.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

PLACES: Final = 32
"""A third of MongoDB's connections: others who are served by this process need some too."""
PATIENCE_SECONDS: Final = 20.0
"""How long somebody waits while others are served. Browsers and proxies wait longer."""


class CrowdedError(Exception):
    """Too many came before, or those who did found that nobody answers them."""


class Place:
    """Where one buyer stands inside."""

    def __init__(self, entrance: "Entrance") -> None:
        self._entrance = entrance
        self._is_inside = True

    def leave(self) -> None:
        """Make room for the next; what is still to be done takes no place. Repeating is safe."""
        if self._is_inside:
            self._is_inside = False
            self._entrance.let_in()

    @property
    def is_left(self) -> bool:
        """Whether somebody else may have it by now."""
        return not self._is_inside


class Entrance:
    """Lets so many in at once, the others as these leave."""

    def __init__(
        self,
        *,
        places: int = PLACES,
        patience: float = PATIENCE_SECONDS,
        outages: tuple[type[Exception], ...] = (),
    ) -> None:
        self._free = places
        self._patience = patience
        self._outages = outages
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        """A place, when it is one's turn; it is left at the end of the block at the latest.

        When somebody inside meets an outage, those who wait would meet it too, each after another
        wait: they are turned away. Raises ``CrowdedError``.
        """
        await self._turn()
        place = Place(self)
        try:
            yield place
        except self._outages:
            if not place.is_left:
                self._turn_away()
            raise
        finally:
            place.leave()

    def let_in(self) -> None:
        """Somebody has left: the next, if anybody waits."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    async def _turn(self) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._patience):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.let_in()  # the turn came when nobody was there any more to take it
            turn.cancel()
            if isinstance(error, TimeoutError):
                raise CrowdedError from error
            raise

    def _turn_away(self) -> None:
        for turn in self._waiting:
            if not turn.done():
                turn.set_exception(CrowdedError())
        self._waiting.clear()
