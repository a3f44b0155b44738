"""Requests over connections that stay open: so little client that it is not what is measured."""

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

from typing_extensions import override

LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
HEAD_ENDS: Final = b"\r\n\r\n"
SILENT_SECONDS: Final = 2.0
"""Less than half of what uvicorn bears."""
STATUS: Final = slice(9, 12)
"""Where it stands in ``HTTP/1.1 409 Conflict``."""


@dataclass(frozen=True)
class Heard:
    """An answer as it came."""

    status: int
    body: bytes


class Line(asyncio.Protocol):
    """One connection, with one request at a time on its way."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._read = b""
        self._answer: asyncio.Future[Heard] | None = None
        self._last_heard = time.monotonic()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by name

    @property
    def is_fresh(self) -> bool:
        """Whether something can be asked: the server may be about to hang up on who is silent."""
        open_still = self._transport is not None and not self._transport.is_closing()
        return open_still and time.monotonic() - self._last_heard < SILENT_SECONDS

    async def ask(self, request: bytes) -> Heard:
        """The answer, once all of it is there.

        Raises:
            ConnectionError: the server hung up before that.
        """
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    @override
    def data_received(self, data: bytes) -> None:
        self._read += data
        head, ended, body = self._read.partition(HEAD_ENDS)
        length = LENGTH.search(head)
        if not ended or (length is not None and len(body) < int(length[1])):
            return
        self._read = b""
        self._last_heard = time.monotonic()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Heard(int(head[STATUS]), body))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


async def a_line(api: str) -> Line:
    """A new connection to the API at this address."""
    host, _, port = urlsplit(api).netloc.partition(":")
    _, line = await asyncio.get_running_loop().create_connection(Line, host, int(port))
    return line


class Caller:
    """Asks the API at this address one thing after the other, over one line as long as it holds."""

    def __init__(self, api: str) -> None:
        self._api = api
        self._line: Line | None = None

    async def get(self, path: str) -> Heard:
        """The answer to a ``GET``; raises ``OSError`` when nobody is there."""
        request = f"GET {path} HTTP/1.1\r\nHost: {urlsplit(self._api).netloc}\r\n\r\n".encode()
        if self._line is None or not self._line.is_fresh:
            self.close()
            self._line = await a_line(self._api)
        return await self._line.ask(request)

    def close(self) -> None:
        """Hang up. Repeating is safe."""
        if self._line is not None:
            self._line.close()
            self._line = None
