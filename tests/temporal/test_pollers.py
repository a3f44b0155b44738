"""Whether somebody works, told without this machine's clock."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from temporalio import workflow
from temporalio.worker import Worker

from temporal.client import connect
from temporal.pollers import RECENT, WORKFLOWS, TimeThere, look_at_queue
from temporal.settings import TemporalSettings
from workflows.queues import TaskQueue

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@workflow.defn(sandboxed=False)  # it does nothing, so there is nothing to guard
class Nothing:
    """A worker must have something to offer."""

    @workflow.run
    async def run(self) -> None:
        """Do nothing."""


def test_the_time_there_follows_the_latest_poll_and_the_time_that_goes_by_here() -> None:
    passed = 1000.0
    there = TimeThere(lambda: passed)
    assert there.after([NOON, NOON - timedelta(minutes=1)]) == NOON
    passed += 30
    assert there.after([NOON]) == NOON + timedelta(seconds=30)
    assert there.after([NOON + timedelta(seconds=40)]) == NOON + timedelta(seconds=40)
    passed += 5
    assert there.after([]) == NOON + timedelta(seconds=45)


async def test_a_worker_that_has_left_is_not_counted_for_long(temporal_address: str) -> None:
    client = await connect(TemporalSettings(address=temporal_address))
    passed = 0.0
    there = TimeThere(lambda: passed)

    async def counted() -> int:
        queue = await look_at_queue(client, TaskQueue.OPERATIONS, WORKFLOWS, there)
        return len(queue.by)

    async with Worker(client, task_queue=TaskQueue.OPERATIONS, workflows=[Nothing]):
        await client.execute_workflow(
            Nothing.run, id=f"nothing-{uuid4().hex}", task_queue=TaskQueue.OPERATIONS
        )
    assert await counted() > 0
    passed += (RECENT + timedelta(seconds=10)).total_seconds()
    assert await counted() == 0
