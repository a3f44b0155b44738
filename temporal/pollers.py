"""Who polls a task queue, and whether new work would reach them."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from temporalio.api.deployment.v1 import WorkerDeploymentOptions
from temporalio.api.enums.v1 import TaskQueueType, WorkerVersioningMode
from temporalio.api.taskqueue.v1 import TaskQueue as TaskQueueMessage
from temporalio.api.taskqueue.v1 import TaskQueueVersioningInfo
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion

from workflows.queues import TaskQueue

RECENT: Final = timedelta(seconds=75)
"""A worker's poll waits up to a minute, so one seen within this time is taken to be alive."""

PATIENCE: Final = timedelta(seconds=2)

WORKFLOWS: Final = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
STEPS: Final = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY

Version = WorkerDeploymentVersion | None
"""A version of the workers; None stands for workers that announce none."""


class Polled(NamedTuple):
    """A queue as it is right now."""

    by: Sequence[Version]
    """The version of each worker that asked of late."""
    goes_to: frozenset[Version]
    """Where new work goes: the current version, and one that is being ramped up."""

    def takers(self) -> int:
        """How many workers new work could reach."""
        return sum(version in self.goes_to for version in self.by)


class TimeThere:
    """About what time it is at Temporal, never later than it is.

    Known from the polls that it tells of, which lie in its past, and from the time that goes by
    here: the clock on this machine's wall may be minutes wrong. At first it is the time of the
    latest poll, so a queue that was left a while ago takes ``RECENT`` to be seen as such.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._at_zero = datetime.fromtimestamp(0, UTC)

    def after(self, polls: Iterable[datetime]) -> datetime:
        """The time there, at which these are over."""
        here = timedelta(seconds=self._seconds())
        self._at_zero = max([self._at_zero, *(poll - here for poll in polls)])
        return self._at_zero + here


async def look_at_queue(
    client: Client,
    queue: TaskQueue,
    kind: TaskQueueType.ValueType,
    time_there: TimeThere | None = None,
) -> Polled:
    """The queue's workers, by this machine's clock or by Temporal's own time.

    Raises ``RPCError`` when Temporal does not answer within 2 s.
    """
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueueMessage(name=queue),
            task_queue_type=kind,
        ),
        timeout=PATIENCE,
    )
    polls = [poller.last_access_time.ToDatetime(tzinfo=UTC) for poller in answer.pollers]
    oldest = (time_there.after(polls) if time_there else datetime.now(UTC)) - RECENT
    return Polled(
        by=[
            _announced(poller.deployment_options)
            for poller, polled_at in zip(answer.pollers, polls, strict=True)
            if polled_at >= oldest
        ],
        goes_to=_routes(answer.versioning_info),
    )


async def purchase_pollers(client: Client, time_there: TimeThere | None = None) -> int:
    """How many workers would take a new purchase: those of a version that is not current do not.

    Raises ``temporalio.service.RPCError`` when Temporal does not answer within 2 s.
    """
    return (await look_at_queue(client, TaskQueue.PURCHASES, WORKFLOWS, time_there)).takers()


def _announced(options: WorkerDeploymentOptions) -> Version:
    if options.worker_versioning_mode != WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED:
        return None
    return WorkerDeploymentVersion(options.deployment_name, options.build_id)


def _routes(info: TaskQueueVersioningInfo) -> frozenset[Version]:
    current, ramping = info.current_deployment_version, info.ramping_deployment_version
    routes: set[Version] = {
        WorkerDeploymentVersion(current.deployment_name, current.build_id)
        if current.build_id
        else None
    }
    if info.ramping_version_percentage > 0 and ramping.build_id:
        routes.add(WorkerDeploymentVersion(ramping.deployment_name, ramping.build_id))
    return frozenset(routes)
