"""How many state transitions a purchase costs Temporal: exact counts, on a real server.

Every transition is a write to Temporal's database, so these gates are what limits throughput.
"""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import (
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy

from tests.builders import a_purchase
from tests.fakes import outage
from tests.workflows.stage import PATIENCE_SECONDS, PurchaseHandle, Stage
from workflows.messages import Steering
from workflows.purchase.messages import BillOrder, ExtendPurchase, PurchaseStatus
from workflows.purchase.workflow import PurchaseWorkflow
from workflows.queues import TaskQueue
from workflows.refund.address import refund_workflow_id
from workflows.refund.messages import RefundOutcome, StartRefund
from workflows.refund.workflow import RefundWorkflow

MAIL = 3
SOON = timedelta(seconds=1)
LATER = timedelta(seconds=10)
"""Time enough for an address, and too short for a look at Stripe meanwhile."""
BY_OPERATOR = Steering(actor="operator-1", why="the bank's app was down")


async def transitions(handle: PurchaseHandle) -> int:
    """What the workflow has cost so far."""
    described = await handle.describe()
    return described.raw_description.workflow_execution_info.state_transition_count


async def cost_with_mail(stage: Stage, handle: PurchaseHandle) -> int:
    """What a purchase costs until it has closed."""
    await stage.outcome(handle)
    return await transitions(handle)


async def between_two_tries(handle: PurchaseHandle) -> None:
    """Until Temporal has written down how the last try ended, and waits with the next."""
    waits = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            described = await handle.describe()
            if [each.state for each in described.raw_description.pending_activities] == [waits]:
                return
            await asyncio.sleep(0.02)


async def test_a_purchase_with_its_address_costs_9_and_3_more_with_mail(
    empty_stage: Stage,
) -> None:
    stage, purchase = empty_stage, a_purchase(billing_id="home")
    stage.post.closed = asyncio.Event()
    async with stage.workers():
        handle, _ = await stage.start(purchase)
        await stage.pay(handle)
        await stage.post.asked.wait()
        until_complete = await transitions(handle)
        assert stage.orders.status[purchase.order_id] == "complete"
        stage.post.closed.set()
        in_all = await cost_with_mail(stage, handle)

    assert until_complete <= 9
    assert in_all <= 9 + MAIL


async def test_a_purchase_with_a_later_address_costs_10_and_3_more_with_mail(
    empty_stage: Stage,
) -> None:
    stage = empty_stage
    async with stage.workers():
        handle, _ = await stage.start(a_purchase())
        await handle.execute_update(PurchaseWorkflow.bill, BillOrder(billing_id="home"))
        await stage.pay(handle)

        assert await cost_with_mail(stage, handle) <= 10 + MAIL


async def test_an_expiry_with_nothing_to_pay_costs_6_and_3_more_with_mail(
    empty_stage: Stage,
) -> None:
    stage = empty_stage
    async with stage.workers():
        handle, _ = await stage.start(a_purchase(window=SOON, extension=timedelta(0)))
        cost = await cost_with_mail(stage, handle)

    assert cost <= 6 + MAIL


async def test_an_expiry_with_an_open_payment_costs_10_and_3_more_with_mail(
    empty_stage: Stage,
) -> None:
    stage = empty_stage
    async with stage.workers():
        handle, _ = await stage.start(a_purchase(window=LATER, extension=timedelta(0)))
        await handle.execute_update(PurchaseWorkflow.bill, BillOrder(billing_id="home"))
        cost = await cost_with_mail(stage, handle)

    assert "close_payment" in stage.calls
    assert cost <= 10 + MAIL


async def test_a_refusal_costs_no_more_than_a_workflow_that_does_nothing(
    empty_stage: Stage,
) -> None:
    stage, first = empty_stage, a_purchase()
    async with stage.workers():
        winner, _ = await stage.start(first)
        loser, _ = await stage.start(a_purchase(ticket_id=first.ticket_id))
        outcome = await stage.outcome(loser)
        cost = await transitions(loser)
        await winner.terminate()

    assert outcome.status is PurchaseStatus.UNAVAILABLE
    assert cost <= 3


async def test_an_extension_costs_1_and_a_refused_one_nothing(empty_stage: Stage) -> None:
    stage = empty_stage
    by = {**BY_OPERATOR.model_dump(), "by": SOON}
    too_long = {**by, "by": timedelta(hours=2)}
    async with stage.workers():
        handle, _ = await stage.start(a_purchase(billing_id="home"))
        before = await transitions(handle), (await handle.describe()).history_length
        with pytest.raises(WorkflowUpdateFailedError):
            await handle.execute_update(PurchaseWorkflow.extend, ExtendPurchase(**too_long))
        after = await transitions(handle), (await handle.describe()).history_length
        await handle.execute_update(PurchaseWorkflow.extend, ExtendPurchase(**by))
        cost = await transitions(handle) - after[0]
        await handle.terminate()

    assert after == before
    assert cost <= 1


async def test_another_try_costs_5_when_the_money_is_taken_by_it(empty_stage: Stage) -> None:
    """The update 1, the end of the pause 1, the prompt try 3."""
    stage = empty_stage
    stage.script.faults["capture_payment"] = [outage() for _ in range(1000)]
    stage.post.closed = asyncio.Event()
    async with stage.workers():
        handle, _ = await stage.start(a_purchase(billing_id="home"))
        await stage.pay(handle)
        await stage.until(lambda: stage.calls.count("capture_payment") >= 5)
        await between_two_tries(handle)
        stage.script.faults.clear()
        before = await transitions(handle)
        await handle.execute_update(PurchaseWorkflow.retry_capture, BY_OPERATOR)
        await stage.post.asked.wait()
        cost = await transitions(handle) - before
        stage.post.closed.set()
        await stage.outcome(handle)

    assert cost <= 5


async def test_a_refund_costs_9_with_its_mail(empty_stage: Stage) -> None:
    stage, order_id = empty_stage, str(uuid4())
    stage.orders.status[order_id] = "complete"
    start = WithStartWorkflowOperation(
        RefundWorkflow.run,
        StartRefund(order_id=order_id, ticket_id="ticket"),
        id=refund_workflow_id(order_id),
        task_queue=TaskQueue.PURCHASES,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    async with stage.workers():
        await stage.client.execute_update_with_start_workflow(
            RefundWorkflow.begin, start_workflow_operation=start
        )
        handle: WorkflowHandle[RefundWorkflow, RefundOutcome] = await start.workflow_handle()
        await handle.result()
        described = await handle.describe()

    assert described.raw_description.workflow_execution_info.state_transition_count <= 9
