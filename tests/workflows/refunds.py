"""Refunds on a stage: asked for as the API does."""

import asyncio
from dataclasses import dataclass
from uuid import uuid4

from temporalio.client import WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from tests.workflows.stage import Stage
from workflows.messages import Steering
from workflows.queues import TaskQueue
from workflows.refund.address import refund_workflow_id
from workflows.refund.messages import BeginOutcome, RefundOutcome, RefundState, StartRefund
from workflows.refund.workflow import RefundWorkflow

RefundHandle = WorkflowHandle[RefundWorkflow, RefundOutcome]
BECAUSE = Steering(actor="operator-1", why="The bank has opened the account again.")


@dataclass(frozen=True)
class Asked:
    """A refund that was asked for, and the answer to the click."""

    order_id: str
    handle: RefundHandle
    begun: BeginOutcome


async def ask_for_a_refund(
    stage: Stage, *, status: str = "complete", adopt: str | None = None
) -> Asked:
    """A refund of an order in this status, for a ticket sold to it."""
    order_id = str(uuid4())
    stage.orders.status[order_id] = status
    stage.tickets.held_by["ticket"] = stage.tickets.sold_to["ticket"] = order_id
    return await ask_again(stage, order_id, adopt=adopt)


async def ask_again(stage: Stage, order_id: str, *, adopt: str | None = None) -> Asked:
    """A refund of this very order."""
    start = WithStartWorkflowOperation(
        RefundWorkflow.run,
        StartRefund(order_id=order_id, ticket_id="ticket", adopt=adopt),
        id=refund_workflow_id(order_id),
        task_queue=TaskQueue.PURCHASES,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    begun = await stage.client.execute_update_with_start_workflow(
        RefundWorkflow.begin, start_workflow_operation=start
    )
    return Asked(order_id, await start.workflow_handle(), begun.outcome)


async def when_it_waits(handle: RefundHandle) -> RefundState:
    """How it stands once it waits for a person; the clock does not skip meanwhile."""
    async with asyncio.timeout(30):
        while True:
            state = await handle.query(RefundWorkflow.state)
            if state.waits_for_person:
                return state
            await asyncio.sleep(0.01)
