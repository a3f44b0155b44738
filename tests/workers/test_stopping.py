"""A worker that is told to stop finishes what it has begun."""

import asyncio
import json
import os
import signal
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle

from services.auth.documents import LetterKind, LetterRequest
from services.auth.letters import LetterStore
from services.auth.store import AuthStore
from services.database import Databases, MongoSettings
from temporal.client import connect
from temporal.settings import TemporalSettings
from workflows.letters.address import letter_workflow_id
from workflows.letters.steps import SendLetter
from workflows.letters.workflow import LetterWorkflow
from workflows.queues import TaskQueue

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
SECONDS = 100


class SlowPost:
    """Answers like Resend, but only when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.open = asyncio.Event()
        self.requests = 0

    async def answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One request on one connection."""
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode().lower().splitlines()
        (length,) = [line for line in lines if line.startswith("content-length:")]
        await reader.readexactly(int(length.split(":")[1]))
        self.requests += 1
        self.asked.set()
        await self.open.wait()
        body = json.dumps({"id": str(uuid4())})
        writer.write(
            f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
            f"content-length: {len(body)}\r\n\r\n{body}".encode()
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest_asyncio.fixture(loop_scope="session")
async def temporal(temporal_address: str) -> Client:
    """A client of the real server."""
    return await connect(TemporalSettings(address=temporal_address))


@asynccontextmanager
async def slow_post() -> AsyncIterator[tuple[SlowPost, str]]:
    """The post and its address."""
    post = SlowPost()
    async with await asyncio.start_server(post.answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield post, f"http://127.0.0.1:{port}"
        post.open.set()


@asynccontextmanager
async def a_worker(
    mongo: MongoSettings, temporal_address: str, mail: str, **more: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """``python -m workers`` as a process, which is gone after the block."""
    environ = {
        "PATH": os.environ["PATH"],
        "MONGODB_URI": mongo.uri,
        "MONGODB_DATABASE_PREFIX": mongo.database_prefix,
        "TEMPORAL_ADDRESS": temporal_address,
        "STRIPE_SECRET_KEY": "sk_test_1",
        "STRIPE_API_BASE": "http://127.0.0.1:1",  # nobody: what others left open stays here
        "RESEND_API_KEY": "re_1",
        "RESEND_API_URL": mail,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers"),
        env=environ | more,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def a_letter(temporal: Client) -> WorkflowHandle[LetterWorkflow, bool]:
    """Somebody has asked for a new password."""
    ann = await AuthStore().add("ann@example.com", password_hash="x", at=NOON)
    request = LetterRequest(kind=LetterKind.RESET, email=ann.email, created_at=NOON)
    await LetterStore().ask(request)
    return await temporal.start_workflow(
        LetterWorkflow.run,
        SendLetter(request_id=request.id),
        id=letter_workflow_id(request.id),
        task_queue=TaskQueue.PURCHASES,
    )


async def ends_of_steps(handle: WorkflowHandle[LetterWorkflow, bool]) -> list[int]:
    """How its steps have ended so far."""
    ends = {
        EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
    }
    return [
        event.event_type
        async for event in handle.fetch_history_events()
        if event.event_type in ends
    ]


async def test_a_step_under_way_is_finished_before_the_process_ends(
    databases: Databases, mongo_settings: MongoSettings, temporal_address: str, temporal: Client
) -> None:
    handle = await a_letter(temporal)
    async with (
        asyncio.timeout(SECONDS),
        slow_post() as (post, mail),
        a_worker(mongo_settings, temporal_address, mail) as worker,
    ):
        await post.asked.wait()
        worker.send_signal(signal.SIGTERM)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(worker.wait(), 0.5)  # it waits for the post
        post.open.set()
        assert await worker.wait() == 0
    assert await ends_of_steps(handle) == [EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED]
    assert post.requests == 1
    await handle.terminate()


async def test_a_step_that_takes_longer_than_is_allowed_is_left_to_another_worker(
    databases: Databases, mongo_settings: MongoSettings, temporal_address: str, temporal: Client
) -> None:
    """The control: what the step waited for is what the setting says, and nothing is lost."""
    handle = await a_letter(temporal)
    async with asyncio.timeout(SECONDS), slow_post() as (post, mail):
        async with a_worker(
            mongo_settings, temporal_address, mail, WORKER_GRACEFUL_SECONDS="0"
        ) as worker:
            await post.asked.wait()
            worker.send_signal(signal.SIGTERM)
            assert await worker.wait() == 0
        post.open.set()
        async with a_worker(mongo_settings, temporal_address, mail):
            assert await handle.result() is True
    assert post.requests == 2
