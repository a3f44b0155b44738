"""The simulator as a process that is killed and comes back."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.devstack.stripe.helpers import (
    SECRET,
    Hooks,
    StripeApi,
    a_client,
    receivers,
    until,
    until_answer,
)

COMMAND = (sys.executable, "-m", "devstack.simulators.stripe")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@asynccontextmanager
async def a_process(port: int, data: Path, *more: str) -> AsyncIterator[Process]:
    """The command, ready to answer."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *("--data", str(data)),
        *more,
        env={**os.environ, "STRIPE_PORT": str(port), "STRIPE_WEBHOOK_SECRET": SECRET},
        stderr=DEVNULL,
    )
    try:
        await until_answer(lambda: is_up(port))
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def is_up(port: int) -> bool:
    async with httpx.AsyncClient() as http:
        try:
            return (await http.get(f"http://127.0.0.1:{port}/healthz")).is_success
        except httpx.TransportError:
            return False


async def test_a_killed_simulator_remembers_everything(tmp_path: Path) -> None:
    port, data = free_port(), tmp_path / "stripe.sqlite3"
    url = f"http://127.0.0.1:{port}"
    options: Any = {"idempotency_key": "capture-1"}
    async with (
        a_client("sk_test_x", url) as server,
        httpx.AsyncClient(base_url=url) as http,
        receivers() as endpoints,
    ):
        hooks, receiver = Hooks(url, http), endpoints()
        api = StripeApi(server, None, simulated=True)
        target = ("--webhook-url", receiver.url)
        async with a_process(port, data, *target) as process:
            await hooks.post("/webhooks/mode", delay_seconds=1000)
            await hooks.post("/clock", offset_seconds=100)
            intent = await api.held()
            captured = await api.intents.capture_async(intent.id, {}, options)
            process.kill()
            await process.wait()
        assert receiver.attempts == []

        async with a_process(port, data, *target) as process:
            again = await api.intents.capture_async(intent.id, {}, options)
            assert captured.last_response is not None
            assert again.last_response is not None
            assert again.last_response.body == captured.last_response.body
            assert (await hooks.get("/clock"))["offset_seconds"] == 100
            await hooks.post("/clock", advance_seconds=1000)
            await until(lambda: len(receiver.events) == 5)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(5):
                assert await process.wait() == 0


async def test_help_says_how_to_start_it() -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "--help", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    for option in (b"--port", b"--data", b"--webhook-url", b"--webhook-secret"):
        assert option in output
