"""The one way to have letters about accounts written, and accounts closed.

Every call is one round trip to Temporal, limited in time, and safe to repeat.
"""

from collections.abc import Sequence

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from temporal.calls import answered
from workflows.closure.address import closure_workflow_id
from workflows.closure.messages import CloseAccount
from workflows.closure.workflow import ClosureWorkflow
from workflows.letters.address import letter_workflow_id
from workflows.letters.steps import SendLetter
from workflows.letters.workflow import LetterWorkflow
from workflows.queues import TaskQueue


class AccountWorkflows:
    """Starts what an account asks for beyond its own database."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def send_letter(self, request_id: str) -> None:
        """Have this letter written, without waiting for it. Raises ``NobodyAnsweredError``."""
        async with answered():
            await self._client.start_workflow(
                LetterWorkflow.run,
                SendLetter(request_id=request_id),
                id=letter_workflow_id(request_id),
                task_queue=TaskQueue.PURCHASES,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary="Letter about an account",
            )

    async def close(self, user_id: str, absorbed: Sequence[str]) -> None:
        """Close the account; back when nobody can sign in to it any more.

        Raises ``NobodyAnsweredError``: then it is closed once a worker is back.
        """
        start = WithStartWorkflowOperation(
            ClosureWorkflow.run,
            CloseAccount(user_id=user_id, absorbed=list(absorbed)),
            id=closure_workflow_id(user_id),
            task_queue=TaskQueue.PURCHASES,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=f"Closing of account {user_id}",
        )
        async with answered(start):
            await self._client.execute_update_with_start_workflow(
                ClosureWorkflow.forgotten, start_workflow_operation=start
            )
