"""``python -m bench.others.naive.worker``: everything dispatched the ordinary way."""

import asyncio
import signal
from datetime import timedelta

import httpx
import stripe
from pymongo import AsyncMongoClient
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from bench.others.naive.messages import QUEUE
from bench.others.naive.settings import NaiveSettings
from bench.others.naive.steps import Steps
from bench.others.naive.store import Store, Stored
from bench.others.naive.workflow import NaivePurchase
from services.settings import read_settings
from temporal.client import connect, last_breath
from temporal.settings import TemporalSettings
from workers.purchases import runner_of
from workers.settings import WorkerSettings


def naive_worker(client: Client, steps: Steps, settings: WorkerSettings) -> Worker:
    """The same sandbox, cache and pollers as ours; no step is begun eagerly."""
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[NaivePurchase],
        workflow_runner=runner_of(settings),
        activities=[steps.reserve, steps.charge, steps.complete, steps.mail, steps.release],
        disable_eager_activity_execution=True,
        max_cached_workflows=settings.cached_workflows,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=timedelta(seconds=settings.graceful_seconds),
    )


async def main() -> None:
    """Until told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings, http = NaiveSettings(), stripe.HTTPXClient()
    pay = stripe.StripeClient(
        "sk_test_naive", base_addresses={"api": settings.stripe}, http_client=http
    )
    key = {"Authorization": "Bearer re_naive"}
    async with (
        last_breath(),
        AsyncMongoClient[Stored](settings.mongodb) as mongodb,
        httpx.AsyncClient(base_url=settings.mail, headers=key, trust_env=False) as post,
    ):
        store = Store(mongodb)
        await store.index()
        steps = Steps(store, pay, post)
        client = await connect(read_settings(TemporalSettings))
        async with naive_worker(client, steps, read_settings(WorkerSettings)):
            await stop.wait()
    await http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it unannotated


if __name__ == "__main__":
    asyncio.run(main())
