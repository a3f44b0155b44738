"""Which order and which workflow a worker's log line is about."""

from typing import Any

import structlog
from temporalio import activity, workflow
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
)
from temporalio.worker import Interceptor as WorkerInterceptor
from typing_extensions import override


class StepLogs(ClientInterceptor, WorkerInterceptor):
    """Names order, workflow and step in all that is logged while a step runs.

    Give it to the client: its workers take it over.
    """

    @override
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Run steps inside the names."""
        return _Named(next)


class _Named(ActivityInboundInterceptor):
    @override
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        names = {
            "workflow_id": info.workflow_id,
            "step": info.activity_type,
            "attempt": info.attempt,
            "order_id": getattr(input.args[0], "order_id", None) if input.args else None,
        }
        with structlog.contextvars.bound_contextvars(
            **{name: value for name, value in names.items() if value is not None}
        ):
            return await super().execute_activity(input)


def names_stay_out_of_messages() -> None:
    """The SDK's own loggers leave their names beside the message, where our lines have them."""
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
