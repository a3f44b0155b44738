"""Which order and which workflow a worker's log line is about."""

import time
from typing import Any

import structlog
from temporalio import activity, workflow
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput
from temporalio.worker import Interceptor as WorkerInterceptor
from typing_extensions import override

log = structlog.get_logger("workers")


class StepLogs(ClientInterceptor, WorkerInterceptor):
    """A line per step, which names order and workflow, as do all lines written meanwhile.

    Give it to the client: its workers take it over.
    """

    @override
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Named(next)


class _Named(ActivityInboundInterceptor):
    @override
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        with structlog.contextvars.bound_contextvars(**_names(input)):
            started, failure = time.perf_counter(), None
            try:
                return await super().execute_activity(input)
            except BaseException as error:
                failure = _kind_of(error)
                raise
            finally:
                took = round((time.perf_counter() - started) * 1000, 1)
                log.info("step", failure=failure, milliseconds=took)


def _kind_of(error: BaseException) -> str:
    """Its name here, never its message."""
    kind = error.type if isinstance(error, ApplicationError) else None
    return kind or type(error).__name__


def _names(step: ExecuteActivityInput) -> dict[str, str | int]:
    info = activity.info()
    names = {
        "workflow_id": info.workflow_id,
        "step": info.activity_type,
        "attempt": info.attempt,
        "order_id": getattr(step.args[0], "order_id", None) if step.args else None,
    }
    return {name: value for name, value in names.items() if value is not None}


def names_stay_out_of_messages() -> None:
    """The SDK's own loggers leave their names beside the message, where our lines have them."""
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
