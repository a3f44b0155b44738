"""Follows the changes of one collection for as long as the process lives."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.errors import OperationFailure, PyMongoError

Raw = dict[str, Any]
Place = Mapping[str, Any]
"""Where in the history of the collection somebody is: MongoDB's resume token."""

AWAIT_MS: Final = 5_000
"""How long MongoDB may keep a question open while nothing happens."""
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 5.0

log = structlog.get_logger("changes")


@dataclass(frozen=True)
class Change:
    """A document changed; ``document`` is what was asked to be shown of it, None if it is gone."""

    id: str
    document: Raw | None


class Audience(Protocol):
    """Whoever is told."""

    def tell(self, change: Change) -> None:
        """A document changed."""

    def tell_to_read_again(self) -> None:
        """Something may have changed that nobody can name any more."""


OpenStream = Callable[[Place | None], Awaitable[AsyncChangeStream[Raw]]]
"""Opens a change stream, at a place or, without one, at this moment."""


async def follow(name: str, open_stream: OpenStream, audience: Audience) -> None:
    """Tell the audience of every change, until cancelled: with one cursor, whatever happens to it.

    After an outage the stream goes on where it was. If MongoDB does not know that place any more,
    or there never was one, the audience is told to read again.
    """
    reader = _Reader(open_stream, audience)
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            await reader.read()
            pause = FIRST_PAUSE_SECONDS
        except PyMongoError as error:
            reader.keep_place_after(error)
            log.warning("changes_interrupted", of=name, error=type(error).__name__)
        except Exception:
            # One change that cannot be read must not end the telling of all others.
            reader.forget_place()
            log.exception("changes_failed", of=name)
        await asyncio.sleep(pause)
        pause = FIRST_PAUSE_SECONDS if reader.was_open else min(pause * 2, LONGEST_PAUSE_SECONDS)


class _Reader:
    """Reads the stream and remembers how far."""

    def __init__(self, open_stream: OpenStream, audience: Audience) -> None:
        self._open = open_stream
        self._audience = audience
        self._place: Place | None = None
        self.was_open = False

    async def read(self) -> None:
        """Until the stream ends, which it does when its collection is dropped, or breaks."""
        self.was_open = False
        async with await self._open(self._place) as stream:
            self.was_open = True
            if self._place is None:
                self._audience.tell_to_read_again()
            try:
                async for event in stream:
                    if "documentKey" in event:  # not so when the whole collection is dropped
                        self._audience.tell(_change(event))
            finally:
                # Also where nothing happened here: history goes on and forgets old places.
                self._place = stream.resume_token or self._place

    def keep_place_after(self, error: PyMongoError) -> None:
        """A server that is away comes back; one that refuses the place will refuse it again."""
        if isinstance(error, OperationFailure) and not error.has_error_label(
            "ResumableChangeStreamError"
        ):
            self.forget_place()

    def forget_place(self) -> None:
        """Begin anew."""
        self._place = None


def _change(event: Raw) -> Change:
    return Change(str(event["documentKey"]["_id"]), event.get("fullDocument"))
