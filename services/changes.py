"""Follows the changes of one collection for as long as the process lives."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.errors import OperationFailure, PyMongoError

Raw = dict[str, Any]
Place = Mapping[str, Any]
"""Where in the history of the collection somebody is: MongoDB's resume token."""

AWAIT_MS: Final = 2_000
"""How long MongoDB may keep a question open while nothing happens."""
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 5.0
STOP_SECONDS: Final = 2.0

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


@asynccontextmanager
async def following(name: str, open_stream: OpenStream, audience: Audience) -> AsyncIterator[None]:
    """Tell the audience of every change inside the block, with one cursor, whatever happens to it.

    After an outage the stream goes on where it was. If MongoDB does not know that place any more,
    or there never was one, the audience is told to read again. At the end no cursor is left.
    """
    follower = _Follower(name, open_stream, audience)
    running = asyncio.create_task(follower.run(), name=f"changes of {name}")
    try:
        yield
    finally:
        follower.stop()
        await _wait_for(running)


async def _wait_for(running: asyncio.Task[None]) -> None:
    """Only a MongoDB that hangs keeps it longer; then its connections are about to be closed."""
    _, still = await asyncio.wait([running], timeout=STOP_SECONDS)
    if still:
        running.cancel()
        await asyncio.wait([running], timeout=STOP_SECONDS)


class _Follower:
    """Reads the stream, remembers how far, and begins again.

    It is cancelled only while it waits for news: PyMongo that is cancelled while it opens a stream
    leaves the cursor on the server for ten minutes, and now and then goes on all the same.
    """

    def __init__(self, name: str, open_stream: OpenStream, audience: Audience) -> None:
        self._name = name
        self._open = open_stream
        self._audience = audience
        self._place: Place | None = None
        self._waiting: asyncio.Task[Raw | None] | None = None
        self._stopping = asyncio.Event()
        self._pause = FIRST_PAUSE_SECONDS

    async def run(self) -> None:
        """Until told to stop."""
        while not self._stopping.is_set():
            try:
                await self._read()
            except PyMongoError as error:
                self._look_at(error)
            except Exception:
                # One change that cannot be read must not end the telling of all others.
                self._place = None
                log.exception("changes_failed", of=self._name)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._stopping.wait()
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    def stop(self) -> None:
        """Have ``run`` end."""
        self._stopping.set()
        if self._waiting is not None:
            self._waiting.cancel()

    async def _read(self) -> None:
        """Until the stream ends, which it does when its collection is dropped, or breaks."""
        async with await self._open(self._place) as stream:
            self._pause = FIRST_PAUSE_SECONDS
            if self._place is None:
                self._audience.tell_to_read_again()
            try:
                while stream.alive and not self._stopping.is_set():
                    self._tell(await self._next(stream))
            finally:
                # Also where nothing happened here: history goes on and forgets old places.
                self._place = stream.resume_token or self._place

    async def _next(self, stream: AsyncChangeStream[Raw]) -> Raw | None:
        """The next event, or None when there was none for a while."""
        self._waiting = asyncio.create_task(stream.try_next())
        try:
            return await self._waiting
        except asyncio.CancelledError:
            if not self._stopping.is_set():
                raise
            return None
        finally:
            self._waiting = None

    def _tell(self, event: Raw | None) -> None:
        """Nothing happened in a while, the whole collection was dropped, or something changed."""
        if event is not None and "documentKey" in event:
            document_id = str(event["documentKey"]["_id"])
            self._audience.tell(Change(document_id, event.get("fullDocument")))

    def _look_at(self, error: PyMongoError) -> None:
        """A server that is away comes back; one that refuses the place will refuse it again."""
        if self._stopping.is_set():
            return
        log.warning("changes_interrupted", of=self._name, error=type(error).__name__)
        if isinstance(error, OperationFailure) and not error.has_error_label(
            "ResumableChangeStreamError"
        ):
            self._place = None
