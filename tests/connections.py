"""PyMongo's connections: each is closed, also one that is cancelled while it is made."""

import asyncio
import socket
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from pymongo import pool_shared
from pymongo.pool_options import PoolOptions

DRIVERS_OWN: Final = pool_shared._async_create_connection


@contextmanager
def cancelled_ones_closed() -> Iterator[None]:
    """Inside the block a client that is closed while it connects leaves no socket.

    PyMongo 4.20 leaves it to the collector: ``_async_create_connection`` closes on OSError and
    TimeoutError, not on CancelledError. Any other socket left open still fails a test.
    """

    async def connect_or_close(address: tuple[str, int], options: PoolOptions) -> socket.socket:
        try:
            return await DRIVERS_OWN(address, options)
        except asyncio.CancelledError as cancelled:
            for frame, _ in traceback.walk_tb(cancelled.__traceback__):
                if frame.f_code is DRIVERS_OWN.__code__:
                    _close(frame.f_locals.get("sock"))
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool_shared, DRIVERS_OWN.__name__, connect_or_close)
        yield


def _close(sock: socket.socket | None) -> None:
    """There is none while the name is looked up."""
    if sock is not None:
        sock.close()
