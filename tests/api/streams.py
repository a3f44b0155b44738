"""Event streams, read as a browser reads them: over a real connection, one message at a time."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx

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
