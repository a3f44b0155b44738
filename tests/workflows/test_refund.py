"""What a refund decides."""

from uuid import uuid4

from temporalio.client import WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from tests.fakes import outage, refusal, stored_answer
from tests.workflows.stage import Stage
from workflows.mail_steps import MailReason
from workflows.queues import TaskQueue
from workflows.refund.address import refund_workflow_id
from workflows.refund.messages import BeginOutcome, RefundOutcome, RefundStatus, StartRefund
from workflows.refund.workflow import RefundWorkflow

RefundHandle = WorkflowHandle[RefundWorkflow, RefundOutcome]


async def ask_for_a_refund(
    stage: Stage, *, status: str = "complete"
) -> tuple[str, RefundHandle, BeginOutcome]:
    """A refund of an order in this status, for a ticket sold to it."""
    order_id = str(uuid4())
    stage.orders.status[order_id] = status
    stage.tickets.held_by["ticket"] = stage.tickets.sold_to["ticket"] = order_id
    start = WithStartWorkflowOperation(
        RefundWorkflow.run,
        StartRefund(order_id=order_id, ticket_id="ticket"),
        id=refund_workflow_id(order_id),
        task_queue=TaskQueue.PURCHASES,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    begun = await stage.client.execute_update_with_start_workflow(
        RefundWorkflow.begin, start_workflow_operation=start
    )
    return order_id, await start.workflow_handle(), begun.outcome


async def test_a_refund_gives_the_money_back_then_the_ticket_then_writes(stage: Stage) -> None:
    order_id, handle, begun = await ask_for_a_refund(stage)
    outcome = await stage.outcome(handle)

    assert begun is BeginOutcome.BEGUN
    assert outcome.status is RefundStatus.SUCCEEDED
    assert stage.orders.status[order_id] == "refunded"
    assert stage.tickets.held_by == {}
    assert stage.post.sent == [MailReason.REFUNDED]
    assert stage.calls == [
        "begin_refund",
        "refund_payment",
        "note_refund",
        "release_ticket",
        "send_mail",
    ]


async def test_an_order_that_is_not_complete_cannot_be_refunded(stage: Stage) -> None:
    order_id, handle, begun = await ask_for_a_refund(stage, status="awaiting_payment")

    assert begun is BeginOutcome.REFUSED
    assert (await stage.outcome(handle)).status is None
    assert stage.orders.status[order_id] == "awaiting_payment"
    assert stage.calls == ["begin_refund"]


async def test_a_pending_refund_keeps_the_ticket_until_stripe_has_said_its_last_word(
    stage: Stage,
) -> None:
    stage.stripe.refund_answers = [
        RefundStatus.PENDING,
        RefundStatus.PENDING,
        RefundStatus.SUCCEEDED,
    ]
    order_id, handle, _ = await ask_for_a_refund(stage)
    await stage.outcome(handle)

    assert stage.orders.timeline == ["refund pending", "refund succeeded"]
    assert stage.orders.status[order_id] == "refunded"
    assert stage.calls.count("look_at_refund") == 2


async def test_news_of_a_pending_refund_is_looked_at_at_once(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.PENDING, RefundStatus.SUCCEEDED]
    _, handle, _ = await ask_for_a_refund(stage)
    await handle.signal(RefundWorkflow.refund_settled)
    await stage.outcome(handle)

    history = await handle.fetch_history()
    assert not any(event.HasField("timer_fired_event_attributes") for event in history.events)
    assert stage.calls.count("look_at_refund") == 1


async def test_a_failed_refund_is_shown_and_the_ticket_stays_sold(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.FAILED]
    order_id, handle, _ = await ask_for_a_refund(stage)

    assert (await stage.outcome(handle)).status is RefundStatus.FAILED
    assert stage.orders.status[order_id] == "refunding"
    assert stage.orders.timeline == ["refund failed"]
    assert stage.tickets.sold_to["ticket"] == order_id
    assert stage.post.sent == []


async def test_a_refund_that_stripe_refuses_is_a_failed_refund(stage: Stage) -> None:
    stage.script.faults["refund_payment"] = [refusal()]
    _, handle, _ = await ask_for_a_refund(stage)

    assert (await stage.outcome(handle)).status is RefundStatus.FAILED


async def test_a_refund_survives_an_outage_and_a_stored_server_error(stage: Stage) -> None:
    stage.script.faults["refund_payment"] = [outage(), outage(), stored_answer()]
    _, handle, _ = await ask_for_a_refund(stage)

    assert (await stage.outcome(handle)).status is RefundStatus.SUCCEEDED
    assert stage.stripe.attempts == [1, 1, 1, 2]
