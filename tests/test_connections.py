"""A connection to MongoDB that is given up leaves no socket."""

import asyncio
import gc
import socket
import warnings

import pytest
from pymongo import pool_shared
from pymongo.pool_options import PoolOptions

from tests import connections

NOBODY = ("127.0.0.1", 1)


async def left_by_giving_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the collector has to close after a connection was cancelled half way."""
    half_way = asyncio.Event()
    loop = asyncio.get_running_loop()
    as_ever = loop.sock_connect

    async def hang(sock: socket.socket, address: tuple[str, int]) -> None:
        if address == NOBODY:  # clients of other tests are in the same loop
            half_way.set()
            await asyncio.Event().wait()
        await as_ever(sock, address)

    monkeypatch.setattr(loop, "sock_connect", hang)
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        connecting = asyncio.create_task(
            pool_shared._async_create_connection(NOBODY, PoolOptions())
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
