"""Serve an application in the running event loop, for tests and demonstrations."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from fastapi import FastAPI

KEPT_SECONDS: Final = 75
"""An idle connection is let go by the client: if both sides did at once, a request now and then
would be sent into a connection that is being closed."""


class _GuestServer(uvicorn.Server):
    """A server that leaves signals to the program that it is a guest in."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: FastAPI, *, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Run ``app`` on a port (0: any free one) inside the block; yields its URL on this machine."""
    config = uvicorn.Config(
        app, log_level="warning", timeout_graceful_shutdown=2, timeout_keep_alive=KEPT_SECONDS
    )
    server = _GuestServer(config)
    # The protocol is named because asyncio turns Nagle's algorithm off only where it is; without
    # that, each answer on an open connection waits 40 ms for the client's delayed acknowledgement.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        # Connections of an earlier run that are still closing do not count.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:
                if task.done():
                    await task
                    raise RuntimeError(f"{app.title} did not start")
                await asyncio.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
