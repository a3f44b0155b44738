"""Alive, ready, measured; and what the browser must know."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

from api.settings import ApiSettings
from services.database import MongoSettings
from temporal.client import connect
from temporal.settings import TemporalSettings
from tests.api.conftest import Browser, a_browser, an_app, running
from workflows.queues import TaskQueue


@workflow.defn(sandboxed=False)  # it does nothing, so there is nothing to guard
class Nothing:
    """A worker must have something to offer."""

    @workflow.run
    async def run(self) -> None:
        """Do nothing."""


@asynccontextmanager
async def a_stripe() -> AsyncIterator[str]:
    """Somebody who answers at Stripe's address, if only with a refusal."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}"


@pytest.fixture
async def temporal(temporal_address: str) -> Client:
    return await connect(TemporalSettings(address=temporal_address))


async def test_alive_asks_nobody(browser: Browser) -> None:
    answer = await browser.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_not_ready_without_temporal_and_says_so_within_the_limit(browser: Browser) -> None:
    started = time.monotonic()
    answer = await browser.get("/readyz")
    assert time.monotonic() - started < 3
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json() == {
        "status": "unavailable",
        "checks": {"mongodb": "up", "temporal": "down", "worker": "down", "stripe": "down"},
    }


async def test_ready_once_a_worker_polls_whether_or_not_stripe_answers(
    mongo_settings: MongoSettings, temporal_address: str, temporal: Client
) -> None:
    async with a_stripe() as stripe:
        whole = an_app(mongo_settings, temporal=temporal_address, stripe=stripe)
        async with running(whole), a_browser(whole) as browser:
            answer = await browser.get("/readyz")
            assert answer.status_code == 503
            assert answer.json()["checks"]["temporal"] == "up"
            assert answer.json()["checks"]["worker"] == "down"
            async with Worker(temporal, task_queue=TaskQueue.PURCHASES, workflows=[Nothing]):
                ready = await _until_ready(browser)
                assert ready == {
                    "status": "ready",
                    "checks": {"mongodb": "up", "temporal": "up", "worker": "up", "stripe": "up"},
                }
    lame = an_app(mongo_settings, temporal=temporal_address)
    async with running(lame), a_browser(lame) as browser:
        answer = await browser.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        assert answer.json()["checks"]["stripe"] == "down"


async def _until_ready(browser: Browser) -> object:
    for _ in range(100):
        answer = await browser.get("/readyz")
        if answer.status_code == 200:
            return answer.json()
        await asyncio.sleep(0.1)
    return answer.json()


async def test_metrics_count_requests_by_route_not_by_address(browser: Browser) -> None:
    await browser.get("/api/tickets/some-id")
    answer = await browser.get("/metrics")
    assert answer.status_code == 200
    assert 'handler="/api/tickets/{ticket_id}"' in answer.text
    assert "some-id" not in answer.text
    assert "process_resident_memory_bytes" in answer.text


async def test_the_browser_learns_public_settings_only(mongo_settings: MongoSettings) -> None:
    app = an_app(mongo_settings, ApiSettings(reservation_window=20, hold_extension=0))
    async with running(app), a_browser(app) as browser:
        assert (await browser.get("/api/config")).json() == {
            "stripe": {
                "publishable_key": "pk_test_1",
                "script_url": "https://js.stripe.com/v3/",
            },
            "sign_in_providers": [],
            "currency": "CAD",
            "reservation_window": 20,
            "hold_extension": 0,
        }
