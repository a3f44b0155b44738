"""How a call to Temporal is limited in time, and what its failures are called here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from temporalio.client import (
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

ANSWER_WITHIN: Final = timedelta(seconds=5)
"""How long a person waits for a worker before we say that none answered."""

NEVER_CONNECTED: Final = "Failed client connect"
"""How the SDK begins to say that Temporal has been away since this process started."""


class TooLateError(Exception):
    """The purchase has been decided, or has ended."""


class NobodyAnsweredError(Exception):
    """Temporal is away, or no worker took the task in time."""


@asynccontextmanager
async def answered(
    start: WithStartWorkflowOperation[Any, Any] | None = None,
    *,
    within: timedelta = ANSWER_WITHIN,
) -> AsyncIterator[None]:
    """Limit the wait and give Temporal's failures our names."""
    try:
        async with asyncio.timeout(within.total_seconds()):
            yield
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise NobodyAnsweredError from error
    except WorkflowUpdateFailedError as error:
        # The workflow ended while the update was on its way.
        raise TooLateError from error
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise TooLateError from error
        raise NobodyAnsweredError from error
    except RuntimeError as error:
        if str(error).startswith(NEVER_CONNECTED):
            raise NobodyAnsweredError from error
        raise
    finally:
        if start is not None:
            await _read(start)


async def _read(start: WithStartWorkflowOperation[Any, Any]) -> None:
    """Take note of how a start went.

    The SDK keeps the failure of a start twice, and asyncio logs an error about a copy that nobody
    has read. The wait, unlike an ``await``, does not raise it once more.
    """
    reading = asyncio.ensure_future(start.workflow_handle())
    await asyncio.wait([reading], timeout=0.01)
    if reading.done() and not reading.cancelled():
        reading.exception()
