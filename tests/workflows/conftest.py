"""One stage per test."""

from collections.abc import AsyncIterator

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.workflows.stage import Stage


@pytest_asyncio.fixture(loop_scope="session")
async def stage(time_skipping: WorkflowEnvironment) -> AsyncIterator[Stage]:
    """Fakes behind running workers."""
    prepared = Stage(time_skipping)
    async with prepared.workers():
        yield prepared


@pytest_asyncio.fixture(loop_scope="session")
async def empty_stage(time_skipping: WorkflowEnvironment) -> Stage:
    """Fakes, and no worker yet."""
    return Stage(time_skipping)
