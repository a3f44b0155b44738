"""A connection to MongoDB that is given up leaves no socket."""

import asyncio
import gc
import warnings

import pytest
from pymongo import pool_shared
from pymongo.pool_options import PoolOptions

from tests import connections


async def left_by_giving_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the collector has to close after a connection was cancelled half way."""
    half_way = asyncio.Event()

    async def hang(*_: object) -> None:
        half_way.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", hang)
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        connecting = asyncio.create_task(
            pool_shared._async_create_connection(("127.0.0.1", 1), PoolOptions())
        )
        await half_way.wait()
        connecting.cancel()
        await asyncio.wait([connecting])
        del connecting
        gc.collect()
    return [str(each.message) for each in caught]


async def test_a_connection_given_up_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await left_by_giving_up(monkeypatch) == []


async def test_the_driver_alone_would_leave_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control; when it fails, tests/connections.py has become needless."""
    monkeypatch.setattr(pool_shared, "_async_create_connection", connections.DRIVERS_OWN)
    (left,) = await left_by_giving_up(monkeypatch)
    assert left.startswith("unclosed <socket.socket")
