"""The versions of the workers: which takes new work, and which may go."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from temporalio.api.deployment.v1 import WorkerDeploymentVersion as VersionMessage
from temporalio.api.enums.v1 import WorkerDeploymentVersionStatus
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentVersionRequest,
    DescribeWorkerDeploymentVersionResponse,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
)
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode

from temporal.pollers import STEPS, WORKFLOWS, look_at_queue
from workflows.queues import OF_WORKFLOWS, TaskQueue

PATIENCE: Final = timedelta(seconds=10)

NEEDED: Final = (
    *((queue, WORKFLOWS) for queue in TaskQueue if queue in OF_WORKFLOWS),
    *((queue, STEPS) for queue in TaskQueue),
)
"""What a version must poll. A step whose queue its version does not poll would go to another."""


class VersionState(StrEnum):
    """What a version is there for."""

    UNKNOWN = "unknown"
    """No worker has ever announced it."""
    UNUSED = "unused"
    """It has never taken anything."""
    RAMPING = "ramping"
    """It takes part of the new work."""
    CURRENT = "current"
    """It takes the new work."""
    DRAINING = "draining"
    """Purchases that began on it are still open: its workers must stay."""
    DRAINED = "drained"
    """Nothing that began on it is open: its workers may go."""


STATES: Final = {
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING: VersionState.RAMPING,
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT: VersionState.CURRENT,
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING: VersionState.DRAINING,
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED: VersionState.DRAINED,
}


class Deployment:
    """All versions of the workers of one installation; every call is safe to repeat.

    Any of them raises ``RPCError`` when Temporal does not answer within 10 s or refuses.
    """

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._name = name

    async def missing(self, build_id: str) -> list[str]:
        """The queues that no worker of this build has polled of late, with what waits there.

        A queue counts once Temporal has put it down under the version too, a moment after the
        first poll: before, its tasks would not stay with the version.
        """
        version = WorkerDeploymentVersion(self._name, build_id)
        known = await self._describe(build_id)
        put_down = {(each.name, each.type) for each in known.version_task_queues} if known else ()
        return [
            f"{queue} ({'workflows' if kind == WORKFLOWS else 'steps'})"
            for queue, kind in NEEDED
            if (queue, kind) not in put_down
            or version not in (await look_at_queue(self._client, queue, kind)).by
        ]

    async def state(self, build_id: str) -> VersionState:
        """What this version is there for. "Drained" is a few minutes late, never early."""
        known = await self._describe(build_id)
        if known is None:
            return VersionState.UNKNOWN
        return STATES.get(known.worker_deployment_version_info.status, VersionState.UNUSED)

    async def make_current(self, build_id: str) -> None:
        """From now on new work goes to this version, on all queues together."""
        await self._client.workflow_service.set_worker_deployment_current_version(
            SetWorkerDeploymentCurrentVersionRequest(
                namespace=self._client.namespace,
                deployment_name=self._name,
                build_id=build_id,
                identity=self._client.identity,
            ),
            retry=True,
            timeout=PATIENCE,
        )

    async def ramp(self, build_id: str, percent: float) -> None:
        """From now on this share of new work goes to this version; 0 ends a ramp."""
        await self._client.workflow_service.set_worker_deployment_ramping_version(
            SetWorkerDeploymentRampingVersionRequest(
                namespace=self._client.namespace,
                deployment_name=self._name,
                build_id=build_id,
                percentage=percent,
                identity=self._client.identity,
            ),
            retry=True,
            timeout=PATIENCE,
        )

    async def open_pinned(self, build_id: str) -> int:
        """About how many open workflows end on this version; Temporal's search lags a little."""
        found = await self._client.count_workflows(
            f"TemporalWorkerDeploymentVersion = '{self._name}:{build_id}'"
            " AND TemporalWorkflowVersioningBehavior = 'Pinned' AND ExecutionStatus = 'Running'",
            rpc_timeout=PATIENCE,
        )
        return found.count

    async def _describe(self, build_id: str) -> DescribeWorkerDeploymentVersionResponse | None:
        """What Temporal knows of this version, if it has ever heard of it."""
        version = VersionMessage(deployment_name=self._name, build_id=build_id)
        try:
            return await self._client.workflow_service.describe_worker_deployment_version(
                DescribeWorkerDeploymentVersionRequest(
                    namespace=self._client.namespace, deployment_version=version
                ),
                retry=True,
                timeout=PATIENCE,
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
