"""Passes changes on from one reader to everybody who listens in this process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from api.problems import Unavailable
from services.changes import Change

MOST_KEPT: Final = 500
"""Changes kept for a slow listener; with more it is quicker to read everything again."""
EVERYTHING: Final = None


@dataclass(frozen=True)
class News:
    """What a listener has not heard yet."""

    changes: tuple[Change, ...]
    read_again: bool
    """Something may have changed that is not among ``changes``."""


class Listener:
    """One open page. It keeps the last state of each thing, so a slow one costs no more memory."""

    def __init__(self, most_kept: int) -> None:
        self._most_kept = most_kept
        self._something = asyncio.Event()
        self._changes: dict[str, Change] = {}
        self._read_again = False
        self.over = False
        """The process stops: there will be no more news."""

    async def news(self, within: float) -> News:
        """What happened since the last call; empty if nothing did within so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._something.wait()
        news = News(tuple(self._changes.values()), self._read_again)
        self._changes, self._read_again = {}, False
        if not self.over:
            self._something.clear()
        return news

    def tell(self, change: Change) -> None:
        """One thing changed."""
        if len(self._changes) >= self._most_kept and change.id not in self._changes:
            self.tell_to_read_again()
        elif not self._read_again:
            self._changes[change.id] = change
        self._something.set()

    def tell_to_read_again(self) -> None:
        """What changed cannot be told one by one."""
        self._changes, self._read_again = {}, True
        self._something.set()

    def end(self) -> None:
        """Nothing more will be told."""
        self.over = True
        self._something.set()


class Hub:
    """Knows who listens to what; the audience of one change stream."""

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self._most_kept = most_kept
        self._listeners: dict[str | None, set[Listener]] = {}
        self._closed = False
        self.fed = asyncio.Event()
        """Set once its change stream is open: whatever happens from then on is told."""

    @contextmanager
    def listening(self, to: str | None = EVERYTHING) -> Iterator[Listener]:
        """A listener to one id, or to everything; it misses nothing from here on."""
        if self._closed:
            raise Unavailable
        listener = Listener(self._most_kept)
        self._listeners.setdefault(to, set()).add(listener)
        try:
            yield listener
        finally:
            self._listeners[to].discard(listener)
            if not self._listeners[to]:
                del self._listeners[to]

    def tell(self, change: Change) -> None:
        """Tell whom it concerns. Never waits."""
        for to in (change.id, EVERYTHING):
            for listener in self._listeners.get(to, ()):
                listener.tell(change)

    def tell_to_read_again(self) -> None:
        """Tell everybody that something may have happened unseen."""
        self.fed.set()
        for listener in self._all():
            listener.tell_to_read_again()

    def close(self) -> None:
        """Let everybody go, and nobody else come."""
        self._closed = True
        for listener in self._all():
            listener.end()

    @property
    def count(self) -> int:
        """How many listen."""
        return len(self._all())

    def _all(self) -> list[Listener]:
        return [each for listeners in self._listeners.values() for each in listeners]
