"""Cables: connections to real servers that a test can pull out, or make slow, silent or stuck."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from enum import StrEnum
from typing import Final

HOST: Final = "127.0.0.1"
CHUNK: Final = 65_536
LOOK_SECONDS: Final = 0.02


class Way(StrEnum):
    """A direction in a cable."""

    THERE = "there"
    """What is asked."""
    BACK = "back"
    """What is answered."""


class Cable:
    """Passes bytes on to a server; while it is pulled, nobody listens at this end.

    What else can be wrong with it may also be said from another thread.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._silent: frozenset[Way] = frozenset()
        self._stuck: frozenset[Way] = frozenset()
        self._seconds = 0.0
        self.port = 0
        """The near end; it stays the same when the cable is put back."""

    @property
    def address(self) -> str:
        """Host and port of the near end."""
        return f"{HOST}:{self.port}"

    async def put_in(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(self._carry, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def pull(self) -> None:
        """Break every connection off and refuse new ones."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await self._server.wait_closed()

    @asynccontextmanager
    async def pulled(self) -> AsyncIterator[None]:
        """Without the server inside the block."""
        await self.pull()
        try:
            yield
        finally:
            await self.put_in()

    @contextmanager
    def silent(self, *ways: Way) -> Iterator[None]:
        """Inside the block what is sent these ways, or both, is lost, and nobody is told.

        A connection that has lost something stays as it is when the block ends: the rest of a
        conversation is of no use without its beginning. New ones work then.
        """
        self._silent = frozenset(ways or Way)
        try:
            yield
        finally:
            self._silent = frozenset()

    @contextmanager
    def stuck(self, *ways: Way) -> Iterator[None]:
        """What is sent these ways, or both, inside the block arrives when it ends.

        Whoever sent it may have given up and gone by then, as with packets that are sent again.
        """
        self._stuck = frozenset(ways or Way)
        try:
            yield
        finally:
            self._stuck = frozenset()

    @contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """Inside the block whatever is sent takes so long, either way."""
        self._seconds = seconds
        try:
            yield
        finally:
            self._seconds = 0.0

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target_port)
        except OSError:
            writer.transport.abort()
            self._open.discard(writer)
            return
        self._open.add(far_writer)
        await asyncio.gather(
            self._pump(reader, far_writer, Way.THERE), self._pump(far_reader, writer, Way.BACK)
        )

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way
    ) -> None:
        lost_some = False
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                lost_some = lost_some or way in self._silent
                if lost_some:
                    continue
                await self._take_time(way)
                writer.write(data)
                await writer.drain()
        if lost_some or way in self._silent:
            return  # that one end hangs up is lost as well
        await self._take_time(way)
        self._open.discard(writer)
        writer.close()

    async def _take_time(self, way: Way) -> None:
        await asyncio.sleep(self._seconds)
        while way in self._stuck:  # noqa: ASYNC110 - ended from any thread
            await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def a_cable(target_port: int) -> AsyncIterator[Cable]:
    """A cable that is in."""
    cable = Cable(target_port)
    await cable.put_in()
    try:
        yield cable
    finally:
        await cable.pull()
