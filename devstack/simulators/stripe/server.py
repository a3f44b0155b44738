"""Serves the simulator on a loopback port, for the command line and for tests."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from devstack.serving import KEPT_SECONDS
from devstack.simulators.stripe.app import create_app
from devstack.simulators.stripe.settings import StripeSettings

HOST: Final = "127.0.0.1"
FIRST_LOOK_SECONDS: Final = 0.002


class Server(uvicorn.Server):
    """Leaves the signal handlers to whoever owns the event loop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def running_app(app: ASGIApp, *, port: int = 0, host: str = HOST) -> AsyncIterator[str]:
    """Serve any ASGI application in this event loop and yield its base URL."""
    listener = _listen(host, port)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        ws="none",
        lifespan="auto",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=KEPT_SECONDS,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:
        if serving.done():
            await serving
            raise OSError("the application did not start")
        await asyncio.sleep(FIRST_LOOK_SECONDS)
    try:
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def running_simulator(
    settings: StripeSettings | None = None, *, port: int = 0, host: str = HOST
) -> AsyncIterator[str]:
    """Serve a simulator and yield its base URL; port 0 is any free one."""
    app = create_app(settings)
    async with running_app(app, port=port, host=host) as url:
        try:
            yield url
        finally:
            # Planted timeouts would hold up the end.
            app.state.simulator.stopping.set()


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    The protocol is named because asyncio turns Nagle's algorithm off only where it is; without
    that, each answer on an open connection waits 40 ms for the client's delayed acknowledgement.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener
