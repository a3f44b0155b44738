"""``python -m bench.engine.worker``: run twins and no-op workflows, as a worker of ours would."""

import asyncio
import signal
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from bench.engine import constants
from bench.engine.twin import QUEUE, NoopWorkflow, TwinWorkflow
from services.settings import read_settings
from temporal.client import connect, last_breath
from temporal.settings import TemporalSettings
from workers.purchases import runner_of
from workers.settings import WorkerSettings


def twin_worker(client: Client, settings: WorkerSettings) -> Worker:
    """The same sandbox, cache, slots and pollers as the purchases' own worker."""
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[TwinWorkflow, NoopWorkflow],
        workflow_runner=runner_of(settings),
        activities=constants.ALL,
        max_cached_workflows=settings.cached_workflows,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=timedelta(seconds=settings.graceful_seconds),
    )


async def main() -> None:
    """Until told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with last_breath():
        client = await connect(read_settings(TemporalSettings))
        async with twin_worker(client, read_settings(WorkerSettings)):
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
