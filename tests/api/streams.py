"""Event streams, read as a browser reads them: over a real connection, one message at a time."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
from fastapi import FastAPI

PATIENCE_SECONDS: Final = 30
TLS: Final = ssl.create_default_context()
"""Never used, but each client would make its own, which takes longer than all the rest."""
END: Final = None


@dataclass(frozen=True)
class Message:
    """One message, as ``EventSource`` would hand it to the page."""

    event: str
    id: str
    data: Any


class Stream:
    """An open stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()
        self.last_id = ""
        """What a browser would send as ``Last-Event-ID``."""

    async def next(self) -> Message | None:
        """The next message; None when the server ended the stream."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            fields: dict[str, str] = {}
            async for line in self._lines:
                name, _, value = line.partition(":")
                if line and name:
                    fields[name] = value.removeprefix(" ")
                elif not line and fields:
                    self.last_id = fields.get("id", self.last_id)
                    if "data" in fields:
                        return self._message(fields)
                    fields = {}
        return END

    async def read(self, count: int) -> list[Message]:
        """So many messages."""
        found = [await self.next() for _ in range(count)]
        return [message for message in found if message is not None]

    async def rest(self) -> list[Message]:
        """What comes until the server ends the stream."""
        found: list[Message] = []
        while (message := await self.next()) is not None:
            found.append(message)
        return found

    def _message(self, fields: dict[str, str]) -> Message:
        return Message(fields.get("event", "message"), self.last_id, json.loads(fields["data"]))


@asynccontextmanager
async def watching(
    url: str, person: httpx.AsyncClient | None = None, *, last_id: str | None = None
) -> AsyncIterator[Stream]:
    """A stream that somebody opens with the cookies of their browser."""
    cookies = (
        "; ".join(f"{name}={value}" for name, value in person.cookies.items()) if person else ""
    )
    headers = {"cookie": cookies} if cookies else {}
    if last_id is not None:
        headers["last-event-id"] = last_id
    async with (
        httpx.AsyncClient(timeout=PATIENCE_SECONDS, verify=TLS) as http,
        http.stream("GET", url, headers=headers) as response,
    ):
        if not response.is_success:
            await response.aread()
        yield Stream(response)


async def beginning(app: FastAPI, request: httpx.Request) -> tuple[int, httpx.Headers]:
    """Status and headers of an answer that may never end; the caller leaves once they are there."""
    begun: asyncio.Future[MutableMapping[str, Any]] = asyncio.get_running_loop().create_future()
    arrived: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
    await arrived.put({"type": "http.request", "body": b"", "more_body": False})

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            begun.set_result(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": request.url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 1),
    }
    answering = asyncio.create_task(app(scope, arrived.get, send))
    answer = await begun
    await arrived.put({"type": "http.disconnect"})
    await answering
    return answer["status"], httpx.Headers(answer["headers"])
