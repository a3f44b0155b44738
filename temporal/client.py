"""One way to make a Temporal client."""

from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue as TaskQueueMessage
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from temporal.settings import TemporalSettings
from workflows.queues import TaskQueue

RECENT = timedelta(seconds=75)
"""A worker's poll waits up to a minute, so one seen within this time is taken to be alive."""


async def connect(settings: TemporalSettings, *, lazy: bool = False) -> Client:
    """A client of the configured namespace.

    With ``lazy`` nothing is sent until the first call, so a process starts while Temporal is away.
    """
    return await Client.connect(
        settings.address,
        namespace=settings.namespace,
        api_key=settings.api_key.get_secret_value() if settings.api_key else None,
        tls=settings.api_key is not None,
        data_converter=pydantic_data_converter,
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
        timeout=timedelta(seconds=2),
    )
    oldest = datetime.now(UTC) - RECENT
    return sum(
        poller.last_access_time.ToDatetime(tzinfo=UTC) >= oldest for poller in answer.pollers
    )
