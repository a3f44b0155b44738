"""What is said to twins and no-op workflows, whoever says it."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)

from bench.engine.constants import PAYMENT
from bench.engine.twin import QUEUE, NoopWorkflow, TwinOutcome, TwinWorkflow
from workflows.purchase.address import RESERVE_UPDATE_ID
from workflows.purchase.messages import PaymentAuthorized, StartPurchase
from workflows.search_attributes import BUYER_ID, TICKET_ID

Twin = WorkflowHandle[Any, TwinOutcome]


def twin_id(order_id: str) -> str:
    """The id of a twin's workflow."""
    return f"twin-{order_id}"


async def start_twin(client: Client) -> str:
    """One Update-with-Start, as a purchase begins; the id of the order that is none."""
    order_id, ticket_id, buyer_id = str(uuid4()), str(uuid4()), str(uuid4())
    start = WithStartWorkflowOperation(
        TwinWorkflow.run,
        StartPurchase(
            order_id=order_id,
            ticket_id=ticket_id,
            ticket_version=1,
            buyer_id=buyer_id,
            billing_id=str(uuid4()),
        ),
        id=twin_id(order_id),
        task_queue=QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        search_attributes=TypedSearchAttributes(
            [SearchAttributePair(TICKET_ID, ticket_id), SearchAttributePair(BUYER_ID, buyer_id)]
        ),
        static_summary=f"100.00 CAD, ticket {ticket_id}",
        static_details=f"Order {order_id}",
    )
    await client.execute_update_with_start_workflow(
        TwinWorkflow.reserve, start_workflow_operation=start, id=RESERVE_UPDATE_ID
    )
    return order_id


async def pay_twin(client: Client, order_id: str) -> None:
    """The signal that a webhook would send."""
    await twin(client, order_id).signal(
        TwinWorkflow.payment_authorized,
        PaymentAuthorized(payment_intent_id=PAYMENT, authorized_at=datetime.now(UTC)),
    )


def twin(client: Client, order_id: str) -> Twin:
    """The twin of this order."""
    return client.get_workflow_handle(twin_id(order_id), result_type=TwinOutcome)


async def run_noop(client: Client) -> str:
    """Start one and wait for its end; its workflow id."""
    workflow_id = f"noop-{uuid4()}"
    await client.execute_workflow(NoopWorkflow.run, id=workflow_id, task_queue=QUEUE)
    return workflow_id
