"""A worker that is killed while many purchases are open, and the one that takes its place."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue as Queue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from bench.engine import shopping
from bench.engine.shopping import Json
from bench.engine.stack import Stack
from bench.figures import Figure
from workflows.purchase.address import purchase_workflow_id
from workflows.queues import TaskQueue

OLD: Final = 300
"""Purchases from before the others, paid while nobody works: each has to be replayed."""
SHORT_OLD: Final = 30
PAYING: Final = 32
"""Who pay at the same time."""
MINUTE: Final = 60.0
LOOK_SECONDS: Final = 0.05
PATIENCE_SECONDS: Final = 300


@dataclass(frozen=True)
class Recovered:
    """Seconds since the kill."""

    polls: float
    """Until another worker asks for tasks."""
    first: float
    """Until the first old purchase, paid meanwhile, is over."""
    last: float
    """Until all of them are."""
    replayed: float
    """Old purchases that ended, a second, from the first poll to the last end or for a minute."""
    per_second: list[float]
    """Other purchases after these, slice by slice."""

    def figures(self) -> dict[str, Figure]:
        """By the names that the section uses."""
        return {
            "recovery: polls": Figure(unit="s", values=[self.polls]),
            "recovery: first": Figure(unit="s", values=[self.first]),
            "recovery: last": Figure(unit="s", values=[self.last]),
            "recovery: replayed": Figure(unit="1/s", values=[self.replayed]),
            "recovery: purchases": Figure(unit="1/s", values=self.per_second),
        }


async def recovered(
    stack: Stack, old: list[Json], shop: Callable[[], Awaitable[float]], rounds: int
) -> Recovered:
    """Kill the worker, pay the old purchases, and see everything through."""
    dead = stack.system.pid("worker")
    began = time.monotonic()
    stack.system.signal("worker", signal.SIGKILL)
    async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as all_of_it:
        polls = all_of_it.create_task(_polls(stack, dead, began))
        room = asyncio.Semaphore(PAYING)
        paid = [all_of_it.create_task(_paid(stack, order, began, room)) for order in old]
    over = [each.result() for each in paid]
    return Recovered(
        polls=polls.result(),
        first=min(over),
        last=max(over),
        replayed=replayed(polls.result(), over),
        per_second=[await shop() for _ in range(rounds)],
    )


def replayed(polls: float, over: list[float]) -> float:
    """How many ended a second in the minute after the first poll, or until the last ended."""
    until = min(max(over), polls + MINUTE)
    return sum(polls < each <= until for each in over) / (until - polls) if until > polls else 0.0


async def _paid(stack: Stack, order: Json, began: float, room: asyncio.Semaphore) -> float:
    async with room:
        await shopping.confirm(stack, order)
    await stack.client.get_workflow_handle(purchase_workflow_id(order["id"])).result()
    return time.monotonic() - began


async def _polls(stack: Stack, dead: int | None, began: float) -> float:
    """Temporal knows its pollers by their pid, and remembers dead ones for minutes."""
    asked = DescribeTaskQueueRequest(
        namespace=stack.client.namespace,
        task_queue=Queue(name=TaskQueue.PURCHASES),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    while True:
        pid = stack.system.pid("worker")
        if pid not in {None, dead}:
            answer = await stack.client.workflow_service.describe_task_queue(asked)
            if any(each.identity.startswith(f"{pid}@") for each in answer.pollers):
                return time.monotonic() - began
        await asyncio.sleep(LOOK_SECONDS)
