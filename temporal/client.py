"""One way to make a Temporal client."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from opentelemetry.trace import Tracer
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue as TaskQueueMessage
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, Interceptor
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import Runtime

from temporal.settings import TemporalSettings
from workflows.queues import TaskQueue

PATIENCE = timedelta(seconds=2)
OPEN_PURCHASES = "WorkflowType = 'PurchaseWorkflow' AND ExecutionStatus = 'Running'"
RECENT = timedelta(seconds=75)
"""A worker's poll waits up to a minute, so one seen within this time is taken to be alive."""


async def connect(
    settings: TemporalSettings,
    *,
    lazy: bool = False,
    runtime: Runtime | None = None,
    tracer: Tracer | None = None,
    interceptors: Sequence[Interceptor] = (),
) -> Client:
    """A client of the configured namespace.

    With ``lazy`` nothing is sent until the first call, so a process starts while Temporal is away.
    With a ``tracer`` its calls, and the workflows and steps of its workers, are part of traces.
    """
    return await Client.connect(
        settings.address,
        namespace=settings.namespace,
        api_key=settings.api_key.get_secret_value() if settings.api_key else None,
        tls=settings.api_key is not None,
        data_converter=pydantic_data_converter,
        interceptors=[*([TracingInterceptor(tracer)] if tracer else []), *interceptors],
        runtime=runtime,
        lazy=lazy,
    )


async def purchase_pollers(client: Client) -> int:
    """How many workers asked for purchases of late.

    Raises ``temporalio.service.RPCError`` when Temporal does not answer within 2 s.
    """
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueueMessage(name=TaskQueue.PURCHASES),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        ),
        timeout=PATIENCE,
    )
    oldest = datetime.now(UTC) - RECENT
    return sum(
        poller.last_access_time.ToDatetime(tzinfo=UTC) >= oldest for poller in answer.pollers
    )


async def open_purchases(client: Client) -> int:
    """How many purchases go on, as far as Temporal's search knows: it lags by a moment.

    Raises ``temporalio.service.RPCError`` when Temporal does not answer within 2 s.
    """
    counted = await client.count_workflows(OPEN_PURCHASES, rpc_timeout=PATIENCE)
    return counted.count
