"""How a workflow stands, asked of Temporal itself and not of its search, which lags behind."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

PATIENCE: Final = timedelta(seconds=3)
METADATA: Final = "__temporal_workflow_metadata"
"""The query that the SDK answers for every workflow: its current details, among others."""


class Standing(StrEnum):
    """How a workflow stands: Temporal's own words, and one for what it does not know."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    TERMINATED = "terminated"
    CONTINUED_AS_NEW = "continued_as_new"
    TIMED_OUT = "timed_out"
    MISSING = "missing"


class Found(NamedTuple):
    """The newest run of a workflow."""

    standing: Standing
    started_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it goes on by itself, or with a person's help."""
        return self.standing is Standing.RUNNING


class WorkflowLookup:
    """Looks workflows up, one call each."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def find(self, workflow_id: str) -> Found:
        """The newest run; ``MISSING`` when there is none. Raises ``RPCError`` without an answer."""
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            described = await handle.describe(rpc_timeout=PATIENCE)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return Found(Standing.MISSING)
            raise
        assert described.status is not None  # noqa: S101 - a description always has one
        return Found(
            Standing(described.status.name.lower()), described.start_time, described.close_time
        )

    async def says(self, workflow_id: str) -> str | None:
        """What an open workflow says of itself (Markdown), which it takes a worker to ask.

        None when it says nothing. Raises ``RPCError`` or ``WorkflowQueryFailedError`` without an
        answer.
        """
        handle = self._client.get_workflow_handle(workflow_id)
        metadata = await handle.query(METADATA, result_type=WorkflowMetadata, rpc_timeout=PATIENCE)
        return metadata.current_details or None
