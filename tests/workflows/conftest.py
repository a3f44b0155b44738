"""One stage per test."""

from collections.abc import AsyncIterator

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from temporal.client import connect
from temporal.settings import TemporalSettings
from tests.workflows.stage import Stage


@pytest_asyncio.fixture(loop_scope="session")
async def stage(time_skipping: WorkflowEnvironment) -> AsyncIterator[Stage]:
    """Fakes behind running workers."""
    prepared = Stage(time_skipping)
    async with prepared.workers():
        yield prepared


@pytest_asyncio.fixture(loop_scope="session")
async def empty_stage(temporal_address: str) -> Stage:
    """Fakes, and no worker yet; on a real server, because the skipping one needs a worker."""
    client = await connect(TemporalSettings(address=temporal_address))
    return Stage(WorkflowEnvironment.from_client(client))
