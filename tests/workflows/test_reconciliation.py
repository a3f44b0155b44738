"""How a reconciliation goes from page to page, and what each remedy sets going."""

from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle

from tests.builders import a_purchase
from tests.fakes import CHECKED_AT, final, outage
from tests.workflows.stage import Stage
from workflows.mail_steps import MailReason
from workflows.purchase.messages import PurchaseStatus
from workflows.purchase.payment_steps import PaymentStanding
from workflows.queues import TaskQueue
from workflows.reconciliation.address import reconciliation_workflow_id
from workflows.reconciliation.messages import (
    Cure,
    Reconciled,
    Remedy,
    StartReconciliation,
    Suspect,
)
from workflows.reconciliation.workflow import ReconciliationWorkflow
from workflows.refund.messages import RefundStatus

Handle = WorkflowHandle[ReconciliationWorkflow, Reconciled]


def a_cure(remedy: Remedy, order_id: str = "order", **more: object) -> Cure:
    facts = {
        "order_id": order_id,
        "ticket_id": "ticket",
        "payment_intent_id": "pi_1",
        "authorized_at": CHECKED_AT,
        "letter_id": "letter",
        **more,
    }
    suspect = Suspect(order_id=order_id)
    return Cure.model_validate(
        {"key": f"I6:{uuid4()}", "remedy": remedy, "suspect": suspect, **facts}
    )


async def begin(stage: Stage, start: StartReconciliation | None = None) -> Handle:
    return await stage.client.start_workflow(
        ReconciliationWorkflow.run,
        start or StartReconciliation(),
        id=reconciliation_workflow_id(str(uuid4())),
        task_queue=TaskQueue.OPERATIONS,
    )


async def check(stage: Stage, *cures: Cure) -> Reconciled:
    stage.checks.pages = [list(cures)]
    return await (await begin(stage)).result()


async def until_called(stage: Stage, step: str) -> None:
    for _ in range(100):
        if step in stage.calls:
            return
        await stage.environment.sleep(timedelta(seconds=1))
    pytest.fail(f"never called: {step}")


async def test_every_page_is_looked_at_and_what_is_well_costs_one_look(stage: Stage) -> None:
    stage.checks.pages = [[], [], []]
    result = await (await begin(stage)).result()
    assert result == Reconciled(orders_checked=3, healed=0, found=0)
    assert stage.calls == ["begin_check", *["check_page"] * 3, "end_check"]


async def test_a_long_check_goes_on_where_it_was_under_a_new_run(stage: Stage) -> None:
    stage.checks.pages = [[], [], [], [], []]
    handle = await begin(stage, StartReconciliation(pages=2))
    result = await handle.result()
    assert result.orders_checked == 5
    assert stage.calls == ["begin_check", *["check_page"] * 5, "end_check"]
    described = await stage.client.get_workflow_handle(handle.id).describe()
    assert described.run_id != handle.first_execution_run_id


async def test_one_order_is_one_look(stage: Stage) -> None:
    handle = await begin(stage, StartReconciliation(order_id="order"))
    assert (await handle.result()).orders_checked == 1
    assert stage.calls == ["begin_check", "check_order", "end_check"]


async def test_what_has_helped_is_healed_and_what_has_not_is_looked_at_three_times(
    stage: Stage,
) -> None:
    cure = a_cure(Remedy.SETTLE_ORPHAN)
    stage.checks.looks_until_healed = 2
    assert (await check(stage, cure)).healed == 1
    assert stage.calls.count("check_again") == 2
    stage.checks.looks_until_healed = 99
    result = await check(stage, a_cure(Remedy.SETTLE_ORPHAN, payment_intent_id="pi_2"))
    assert (result.healed, result.found) == (0, 1)
    assert stage.calls.count("check_again") == 2 + 3


async def test_a_look_that_fails_for_good_fails_the_run_and_ends_nothing(stage: Stage) -> None:
    stage.script.faults["check_page"] = [outage(), final()]
    with pytest.raises(WorkflowFailureError):
        await (await begin(stage)).result()
    assert "end_check" not in stage.calls


async def test_the_purchase_is_told_that_money_is_held(stage: Stage) -> None:
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    stage.stripe.authorize(await stage.now())
    order_id = handle.id.removeprefix("purchase-")
    at = await stage.now()
    await check(stage, a_cure(Remedy.TELL_AUTHORIZED, order_id, authorized_at=at))
    assert (await handle.result()).status is PurchaseStatus.COMPLETE
    assert "look_at_payment" not in stage.calls, "before its own first poll"


async def test_the_purchase_is_told_of_a_refusal(stage: Stage) -> None:
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    order_id = handle.id.removeprefix("purchase-")
    declined = a_cure(Remedy.TELL_DECLINED, order_id, attempt_id="ch_1", code="expired_card")
    await check(stage, declined)
    await until_called(stage, "note_decline")
    assert stage.orders.timeline == ["declined: expired_card"]


async def test_a_signal_to_a_purchase_that_is_over_does_not_fail_the_run(stage: Stage) -> None:
    result = await check(stage, a_cure(Remedy.TELL_AUTHORIZED), a_cure(Remedy.TELL_REFUND))
    assert result.healed == 2


async def test_a_refund_is_resumed_once_however_often_it_is_asked_for(stage: Stage) -> None:
    stage.orders.status["order"] = "refunding"
    stage.stripe.refund_answers = [RefundStatus.PENDING, RefundStatus.SUCCEEDED]
    cures = [a_cure(Remedy.RESUME_REFUND), a_cure(Remedy.RESUME_REFUND)]
    await check(stage, *cures)
    await until_called(stage, "refund_payment")
    await check(stage, a_cure(Remedy.TELL_REFUND))
    await until_called(stage, "send_mail")
    assert stage.orders.status["order"] == "refunded"
    assert stage.calls.count("refund_payment") == 1


async def test_a_letter_is_sent(stage: Stage) -> None:
    await check(stage, a_cure(Remedy.SEND_LETTER))
    await until_called(stage, "send_letter")
    assert stage.post.letters == ["letter"]


async def test_a_lost_purchase_is_decided_on_with_its_till_closed_first(stage: Stage) -> None:
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await handle.terminate()
    stage.calls.clear()
    order_id = handle.id.removeprefix("purchase-")
    await check(stage, a_cure(Remedy.DECIDE, order_id))
    await until_called(stage, "send_mail")
    steps = [call for call in stage.calls if "check" not in call]
    assert steps == [
        "abandon_order",
        "look_at_bill",
        "look_at_payment",
        "close_payment",
        "cancel_order",
        "release_ticket",
        "send_mail",
    ]
    assert stage.post.sent == [MailReason.EXPIRED]


async def test_a_lost_purchase_whose_money_was_taken_hands_the_ticket_over(stage: Stage) -> None:
    purchase = a_purchase(billing_id="home")
    handle, _ = await stage.start(purchase)
    await handle.terminate()
    stage.stripe.standing = PaymentStanding.CAPTURED
    await check(stage, a_cure(Remedy.DECIDE, purchase.order_id, ticket_id=purchase.ticket_id))
    await until_called(stage, "send_mail")
    assert stage.orders.status[purchase.order_id] == "complete"
    assert stage.tickets.sold_to[purchase.ticket_id] == purchase.order_id


async def test_mail_that_is_given_up_is_reported(stage: Stage) -> None:
    stage.script.faults["send_mail"] = [outage(), final()]
    await check(stage, a_cure(Remedy.SEND_MAIL, mail=MailReason.CONFIRMED))
    await until_called(stage, "report_unsent")
    assert stage.post.given_up == [MailReason.CONFIRMED]
    assert stage.post.sent == []
