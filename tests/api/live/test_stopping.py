"""A process that is told to stop waits for no open page, and leaves nothing behind."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import httpx
import pytest
import uvicorn

from api.__main__ import Server
from services.database import MongoSettings
from tests.api.conftest import an_app, running
from tests.api.streams import watching

GRACE_SECONDS: Final = 1
WAITED_IN_VAIN: Final = "timeout graceful shutdown exceeded"


class _WithoutSignals:
    """Signals belong to the test run."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Ours(_WithoutSignals, Server):
    """What ``python -m api`` serves with."""


class Usual(_WithoutSignals, uvicorn.Server):
    """What it would serve with if streams were of no concern."""


async def ended_well(kind: type[uvicorn.Server], mongo: MongoSettings) -> bool:
    """Whether a page's stream was ended, not broken off, when the server was told to stop."""
    config = uvicorn.Config(an_app(mongo), log_config=None, timeout_graceful_shutdown=GRACE_SECONDS)
    server, ended = kind(config), False
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/api/tickets/events"
        async with watching(address) as stream:
            server.should_exit = True
            with suppress(httpx.HTTPError):
                await stream.rest()
                ended = True
            await serving
    return ended


async def test_open_streams_end_at_once(
    mongo_settings: MongoSettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    assert await ended_well(Ours, mongo_settings)
    assert WAITED_IN_VAIN not in caplog.text


async def test_otherwise_they_would_be_waited_for(
    mongo_settings: MongoSettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    assert not await ended_well(Usual, mongo_settings)
    assert WAITED_IN_VAIN in caplog.text


async def test_no_task_is_left(mongo_settings: MongoSettings) -> None:
    async with running(an_app(mongo_settings)):
        assert following() == ["changes of orders", "changes of tickets"]
    assert following() == []


def following() -> list[str]:
    """The tasks that follow changes."""
    names = [task.get_name() for task in asyncio.all_tasks()]
    return sorted(name for name in names if name.startswith("changes of "))
