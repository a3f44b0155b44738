"""Makes a Temporal namespace ready for purchases: ``python -m temporal.bootstrap``.

Safe to run again and again, and by several processes at once.
"""

import argparse
import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Final

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import SearchAttributeIndexedValueType
from temporalio.service import RPCError, RPCStatusCode

from services.settings import SettingError, read_settings
from temporal.client import connect, last_breath
from temporal.settings import BootstrapSettings, TemporalSettings
from workflows.queues import TaskQueue
from workflows.reconciliation.address import RECONCILIATION
from workflows.reconciliation.messages import StartReconciliation
from workflows.reconciliation.workflow import ReconciliationWorkflow
from workflows.search_attributes import ALL

PATIENCE = timedelta(seconds=10)
NOT_OURS_TO_SAY: Final = (
    RPCStatusCode.PERMISSION_DENIED,
    RPCStatusCode.UNIMPLEMENTED,
    RPCStatusCode.FAILED_PRECONDITION,
)


async def register_search_attributes(client: Client) -> list[str]:
    """Add the search attributes that are missing and return their names."""
    there = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=PATIENCE
    )
    missing = {
        key.name: _wire_type(key.indexed_value_type)
        for key in ALL
        if key.name not in there.custom_attributes
    }
    if missing:
        try:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing),
                timeout=PATIENCE,
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.ALREADY_EXISTS:
                raise
    return sorted(missing)


async def keep_histories(client: Client, keep: timedelta) -> bool:
    """Set how long closed workflows are kept; False where that is not ours to say.

    Temporal Cloud, say, and a namespace for which we have no such right.
    """
    wanted = Duration()
    wanted.FromTimedelta(keep)
    try:
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(
                namespace=client.namespace,
                config=NamespaceConfig(workflow_execution_retention_ttl=wanted),
            ),
            timeout=PATIENCE,
        )
    except RPCError as error:
        if error.status not in NOT_OURS_TO_SAY:
            raise
        return False
    return True


async def schedule_reconciliation(client: Client, every: timedelta) -> bool:
    """Have everything checked so often; True when the schedule is new.

    One that is there is changed to what this code wants; whether it is paused is left alone.
    """
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            ReconciliationWorkflow.run,
            StartReconciliation(),
            id=RECONCILIATION,
            task_queue=TaskQueue.OPERATIONS,
            static_summary="Check of everything",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        # A run looks back over the last complete one, so that nothing has to be caught up with.
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(seconds=10)
        ),
    )

    def as_wanted(found: ScheduleUpdateInput) -> ScheduleUpdate:
        return ScheduleUpdate(replace(schedule, state=found.description.schedule.state))

    try:
        await client.create_schedule(RECONCILIATION, schedule, rpc_timeout=PATIENCE)
    except ScheduleAlreadyRunningError:
        handle = client.get_schedule_handle(RECONCILIATION)
        await handle.update(as_wanted, rpc_timeout=PATIENCE)
        return False
    return True


def _wire_type(kind: SearchAttributeIndexedValueType) -> IndexedValueType.ValueType:
    return IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{kind.name}")


async def main() -> None:
    """Connect as the environment says and set up what is missing."""
    settings, wanted = read_settings(TemporalSettings), read_settings(BootstrapSettings)
    every = timedelta(seconds=wanted.reconciliation_seconds)
    async with last_breath():
        client = await connect(settings)
        added = await register_search_attributes(client)
        kept = await keep_histories(client, timedelta(days=wanted.temporal_retention_days))
        is_new = await schedule_reconciliation(client, every)
    did = (
        f"added {', '.join(added)}" if added else "no search attribute to add",
        f"histories are kept {wanted.temporal_retention_days} days"
        if kept
        else "how long histories are kept is not ours to say",
        f"reconciliation every {every.total_seconds():.0f} s {'begins' if is_new else 'goes on'}",
    )
    print(f"{settings.namespace} at {settings.address}: {'; '.join(did)}")  # noqa: T201 - the answer


if __name__ == "__main__":
    argparse.ArgumentParser(
        prog="python -m temporal.bootstrap",
        description="Register the search attributes that purchases use, set how long histories are "
        "kept, and schedule the reconciliation. Repeating it is safe. Reads TEMPORAL_ADDRESS, the "
        "other TEMPORAL_ variables and RECONCILIATION_SECONDS.",
    ).parse_args()
    try:
        asyncio.run(main())
    except SettingError as error:
        sys.exit(str(error))
    except (RPCError, RuntimeError) as error:
        sys.exit(f"Temporal could not be made ready: {error}")
