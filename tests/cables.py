"""Cables: connections to real servers that a test can pull out and put back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

HOST: Final = "127.0.0.1"
CHUNK: Final = 65_536


class Cable:
    """Passes bytes on to a server; while it is pulled, nobody listens at this end."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
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

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target_port)
        except OSError:
            writer.transport.abort()
            self._open.discard(writer)
            return
        self._open.add(far_writer)
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                writer.write(data)
                await writer.drain()
        self._open.discard(writer)
        writer.close()


@asynccontextmanager
async def a_cable(target_port: int) -> AsyncIterator[Cable]:
    """A cable that is in."""
    cable = Cable(target_port)
    await cable.put_in()
    try:
        yield cable
    finally:
        await cable.pull()
