"""Records one history per path: ``python -m tests.replay.record`` (``make histories``).

A recorded history stands for the purchases that are open while new code is rolled out. Record anew
only when a path is added or when the old way can no longer be running anywhere; a change that
merely makes an old history fail needs ``workflow.patched`` instead.
"""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from temporalio.client import WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.testing import WorkflowEnvironment

from temporal.client import last_breath
from tests.builders import WINDOW, a_purchase
from tests.fakes import final, outage, refusal, stored_answer
from tests.replay.refusals import REFUSALS
from tests.servers import time_skipping_server
from tests.workflows.refunds import BECAUSE, ask_for_a_refund, when_it_waits
from tests.workflows.stage import Stage
from workflows.closure.address import closure_workflow_id
from workflows.closure.messages import CloseAccount
from workflows.closure.workflow import ClosureWorkflow
from workflows.mail_steps import MailReason
from workflows.messages import Steering
from workflows.orphan.messages import OrphanPayment
from workflows.orphan.workflow import OrphanPaymentWorkflow
from workflows.purchase.messages import (
    BillOrder,
    CancelPurchase,
    CancelReason,
    ExtendPurchase,
    PaymentDeclined,
    StartPurchase,
)
from workflows.purchase.payment_steps import PaymentStanding
from workflows.purchase.workflow import PurchaseWorkflow
from workflows.queues import TaskQueue
from workflows.reconciliation.address import reconciliation_workflow_id
from workflows.reconciliation.messages import Cure, Remedy, StartReconciliation, Suspect
from workflows.reconciliation.workflow import ReconciliationWorkflow
from workflows.refund.address import refund_workflow_id
from workflows.refund.messages import RefundStatus, StartRefund
from workflows.refund.workflow import RefundWorkflow
from workflows.rescue.address import rescue_workflow_id
from workflows.rescue.messages import RescueTask, StartRescue
from workflows.rescue.workflow import RescueWorkflow

HISTORIES: Final = Path(__file__).with_name("histories")
STEERING: Final = Steering(actor="operator-1", why="asked by telephone")
Handle = WorkflowHandle[Any, Any]
Story = Callable[[Stage], Awaitable[Handle]]


async def sold(stage: Stage) -> Handle:
    """Address with the order, paid at once."""
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.pay(handle)
    return handle


async def sold_after_a_decline(stage: Stage) -> Handle:
    """Address later, one card declined, the next one pays."""
    handle, _ = await stage.start(a_purchase())
    await handle.execute_update(PurchaseWorkflow.bill, BillOrder(billing_id="home"))
    declined = PaymentDeclined(attempt_id="ch_1", code="insufficient_funds")
    await handle.signal(PurchaseWorkflow.payment_declined, declined)
    await stage.pay(handle)
    return handle


async def sold_by_the_poll(stage: Stage) -> Handle:
    """No webhook ever came."""
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    stage.stripe.authorize(await stage.now())
    return handle


async def sold_at_another_address(stage: Stage) -> Handle:
    """The address and with it the total changed before the payment."""
    stage.orders.prices = {"home": 11300, "elsewhere": 10500}
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await handle.execute_update(PurchaseWorkflow.bill, BillOrder(billing_id="elsewhere"))
    await stage.pay(handle)
    return handle


async def sold_through_outages(stage: Stage) -> Handle:
    """Stripe and Resend were away at every step, and one answer was stored for good."""
    stage.script.faults["open_payment"] = [outage(), outage()]
    stage.script.faults["capture_payment"] = [outage(), stored_answer()]
    stage.script.faults["send_mail"] = [outage(), outage()]
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.environment.sleep(timedelta(seconds=10))
    await stage.pay(handle)
    return handle


async def expired_without_an_address(stage: Stage) -> Handle:
    """Nothing to pay, nothing to close."""
    handle, _ = await stage.start(a_purchase())
    return handle


async def expired_unpaid(stage: Stage) -> Handle:
    """The till is closed at the deadline."""
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    return handle


async def expired_after_an_extension(stage: Stage) -> Handle:
    """The address came late and moved the deadline."""
    handle, _ = await stage.start(a_purchase())
    await stage.environment.sleep(WINDOW - timedelta(seconds=30))
    await handle.execute_update(PurchaseWorkflow.bill, BillOrder(billing_id="home"))
    return handle


async def cancelled_by_the_buyer(stage: Stage) -> Handle:
    """Changed their mind."""
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await handle.execute_update(PurchaseWorkflow.cancel, CancelPurchase())
    return handle


async def cancelled_by_an_operator(stage: Stage) -> Handle:
    """The event is off."""
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await handle.execute_update(
        PurchaseWorkflow.cancel,
        CancelPurchase(reason=CancelReason.OPERATOR, **STEERING.model_dump()),
    )
    return handle


async def cancelled_through_temporal(stage: Stage) -> Handle:
    """With Temporal's own means."""
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await handle.cancel()
    return handle


async def sold_after_extensions(stage: Stage) -> Handle:
    """An operator gave more time before the address and after it."""
    handle, _ = await stage.start(a_purchase())
    more = ExtendPurchase(by=timedelta(minutes=10), **STEERING.model_dump())
    await handle.execute_update(PurchaseWorkflow.extend, more, id="first")
    await handle.execute_update(PurchaseWorkflow.bill, BillOrder(billing_id="home"))
    await handle.execute_update(PurchaseWorkflow.extend, more, id="second")
    await stage.environment.sleep(WINDOW + timedelta(minutes=12))
    await stage.pay(handle)
    return handle


async def sold_by_another_try(stage: Stage) -> Handle:
    """An operator did not wait for Stripe's turn: once in vain, once with success."""
    stage.script.faults["capture_payment"] = [outage() for _ in range(1000)]
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.pay(handle)
    await stage.environment.sleep(timedelta(minutes=2))
    await handle.execute_update(PurchaseWorkflow.retry_capture, STEERING, id="in vain")
    await stage.environment.sleep(timedelta(minutes=2))
    stage.script.faults.clear()
    await handle.execute_update(PurchaseWorkflow.retry_capture, STEERING, id="at last")
    return handle


async def capture_refused(stage: Stage) -> Handle:
    """The bank's hold was gone."""
    stage.script.faults["capture_payment"] = [refusal()]
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.pay(handle)
    return handle


async def sold_out(stage: Stage) -> Handle:
    """Somebody else was faster."""
    first = a_purchase()
    await stage.start(first)
    handle, _ = await stage.start(a_purchase(ticket_id=first.ticket_id))
    return handle


async def waiting_for_payment(stage: Stage) -> Handle:
    """Still open: the history of a purchase that new code has to carry on."""
    handle, _ = await stage.start(a_purchase(billing_id="home", window=timedelta(days=1)))
    return handle


async def refunded(stage: Stage) -> Handle:
    """At once."""
    return (await ask_for_a_refund(stage)).handle


async def refunded_after_waiting(stage: Stage) -> Handle:
    """Stripe took its time."""
    stage.stripe.refund_answers = [RefundStatus.PENDING, RefundStatus.SUCCEEDED]
    return (await ask_for_a_refund(stage)).handle


async def refund_waits_for_a_person(stage: Stage) -> Handle:
    """The card's account was closed; still open."""
    stage.stripe.refund_answers = [RefundStatus.FAILED]
    asked = await ask_for_a_refund(stage)
    await when_it_waits(asked.handle)
    return asked.handle


async def refund_tried_again(stage: Stage) -> Handle:
    """Refused, looked at in vain, tried again by a person, pending, done."""
    stage.script.faults["refund_payment"] = [refusal()]
    stage.stripe.refund_answers = [
        RefundStatus.FAILED,
        RefundStatus.PENDING,
        RefundStatus.SUCCEEDED,
    ]
    handle = (await ask_for_a_refund(stage)).handle
    await when_it_waits(handle)
    await stage.environment.sleep(timedelta(hours=13))
    await handle.execute_update(RefundWorkflow.refund, BECAUSE)
    return handle


async def refund_settled_by_hand(stage: Stage) -> Handle:
    """The money went back by other means."""
    handle = await refund_waits_for_a_person(stage)
    await handle.execute_update(RefundWorkflow.settle, BECAUSE)
    return handle


async def refund_adopted(stage: Stage) -> Handle:
    """Somebody had made it in Stripe's dashboard."""
    return (await ask_for_a_refund(stage, adopt="re_9")).handle


async def refund_disputed(stage: Stage) -> Handle:
    """The buyer's bank was faster."""
    stage.orders.disputed = True
    return (await ask_for_a_refund(stage)).handle


async def orphan_settled(stage: Stage) -> Handle:
    """Money came for a purchase that was over."""
    await stage.client.start_workflow(
        OrphanPaymentWorkflow.run,
        OrphanPayment(order_id=str(uuid4()), payment_intent_id="pi_1"),
        id="orphan-pi_1",
        task_queue=TaskQueue.PURCHASES,
    )
    handle = stage.client.get_workflow_handle("orphan-pi_1")
    await handle.result()  # with the clock at rest: nothing here waits for it
    return handle


async def sold_without_mail(stage: Stage) -> Handle:
    """The post refused the mail, and people on duty were told."""
    stage.script.faults["send_mail"] = [final(), final()]
    return await sold(stage)


async def rescued(stage: Stage) -> Handle:
    """A purchase was lost, and its money with it."""
    purchase = a_purchase(billing_id="home")
    lost, _ = await stage.start(purchase)
    stage.stripe.authorize(await stage.now())
    await lost.terminate()
    return await _rescue(stage, purchase, RescueTask.DECIDE)


async def rescued_complete(stage: Stage) -> Handle:
    """A purchase was lost after it had taken the money."""
    purchase = a_purchase(billing_id="home")
    lost, _ = await stage.start(purchase)
    stage.stripe.standing = PaymentStanding.CAPTURED
    await lost.terminate()
    return await _rescue(stage, purchase, RescueTask.DECIDE)


async def rescued_mail(stage: Stage) -> Handle:
    """Nobody had been written to."""
    return await _rescue(stage, a_purchase(), RescueTask.MAIL)


async def rescued_start(stage: Stage) -> Handle:
    """A purchase was lost before it had written its order."""
    return await _rescue(stage, a_purchase(), RescueTask.DECIDE)


async def rescued_ticket(stage: Stage) -> Handle:
    """A ticket was held for an order that is over."""
    return await _rescue(stage, a_purchase(), RescueTask.RELEASE)


async def reconciled(stage: Stage) -> Handle:
    """Two pages; what was wrong on the first had helped at the second look."""
    cure = Cure(
        key="I6:pi_1",
        remedy=Remedy.SETTLE_ORPHAN,
        suspect=Suspect(order_id="order", payment_intent_id="pi_1"),
        order_id="order",
        payment_intent_id="pi_1",
    )
    stage.checks.pages = [[cure], []]
    stage.checks.looks_until_healed = 2
    return await _check(stage, StartReconciliation())


async def reconciled_one_order(stage: Stage) -> Handle:
    """On demand."""
    return await _check(stage, StartReconciliation(order_id="order"))


async def letter_sent(stage: Stage) -> Handle:
    """The post was away at first."""
    stage.script.faults["send_letter"] = [outage()]
    return await stage.a_letter()


async def letter_given_up(stage: Stage) -> Handle:
    """The post refused it."""
    stage.script.faults["send_letter"] = [final(), final()]
    return await stage.a_letter()


async def account_closed(stage: Stage) -> Handle:
    """A ticket of theirs was on hold at the first two looks."""
    stage.closures.left = [1, 1]
    start = WithStartWorkflowOperation(
        ClosureWorkflow.run,
        CloseAccount(user_id=str(uuid4()), absorbed=[str(uuid4())]),
        id=closure_workflow_id(str(uuid4())),
        task_queue=TaskQueue.PURCHASES,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    await stage.client.execute_update_with_start_workflow(
        ClosureWorkflow.forgotten, start_workflow_operation=start
    )
    return await start.workflow_handle()


PATHS: Final[tuple[Story, ...]] = (
    sold,
    sold_after_a_decline,
    sold_by_the_poll,
    sold_at_another_address,
    sold_through_outages,
    expired_without_an_address,
    expired_unpaid,
    expired_after_an_extension,
    cancelled_by_the_buyer,
    cancelled_by_an_operator,
    cancelled_through_temporal,
    sold_after_extensions,
    sold_by_another_try,
    capture_refused,
    sold_out,
    waiting_for_payment,
    refunded,
    refunded_after_waiting,
    refund_waits_for_a_person,
    refund_tried_again,
    refund_settled_by_hand,
    refund_adopted,
    refund_disputed,
    orphan_settled,
    sold_without_mail,
    rescued,
    rescued_complete,
    rescued_mail,
    rescued_start,
    rescued_ticket,
    reconciled,
    reconciled_one_order,
    letter_sent,
    letter_given_up,
    account_closed,
    *REFUSALS,
)
STILL_OPEN: Final = (waiting_for_payment, refund_waits_for_a_person)
OF_OLDER_CODE: Final = ("refund_failed",)
"""Paths that only older code took; their histories are kept as it left them, and never recorded.

``refund_failed``: a refund that failed was the end of its workflow (decision 0017).
"""


async def record(path: Story, environment: WorkflowEnvironment) -> dict[str, object]:
    """The history of one path, without what names this machine."""
    stage = Stage(environment)
    async with stage.workers():
        handle = await path(stage)
        if path not in STILL_OPEN:
            await stage.outcome(handle)
        history = json.loads((await handle.fetch_history()).to_json())
    return {"events": _anonymous(history["events"])}


def _anonymous(value: object) -> object:
    """The same without stack traces and process names: they say where it was recorded."""
    if isinstance(value, dict):
        return {
            key: _anonymous(each)
            for key, each in value.items()
            if key not in ("stackTrace", "identity", "workerInstanceKey")
        }
    if isinstance(value, list):
        return [_anonymous(each) for each in value]
    return value


async def _rescue(stage: Stage, purchase: StartPurchase, task: RescueTask) -> Handle:
    handle = await stage.client.start_workflow(
        RescueWorkflow.run,
        StartRescue(
            order_id=purchase.order_id,
            ticket_id=purchase.ticket_id,
            task=task,
            mail=MailReason.CONFIRMED if task is RescueTask.MAIL else None,
        ),
        id=rescue_workflow_id(purchase.order_id),
        task_queue=TaskQueue.PURCHASES,
    )
    return stage.client.get_workflow_handle(handle.id)


async def _check(stage: Stage, start: StartReconciliation) -> Handle:
    handle = await stage.client.start_workflow(
        ReconciliationWorkflow.run,
        start,
        id=reconciliation_workflow_id(start.order_id or "all"),
        task_queue=TaskQueue.OPERATIONS,
    )
    return stage.client.get_workflow_handle(handle.id)


async def _refund(stage: Stage) -> Handle:
    order_id = str(uuid4())
    stage.orders.status[order_id] = "complete"
    start = WithStartWorkflowOperation(
        RefundWorkflow.run,
        StartRefund(order_id=order_id, ticket_id="ticket"),
        id=refund_workflow_id(order_id),
        task_queue=TaskQueue.PURCHASES,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    await stage.client.execute_update_with_start_workflow(
        RefundWorkflow.begin, start_workflow_operation=start
    )
    return await start.workflow_handle()


async def main(names: Sequence[str]) -> None:
    """Record every path anew, or only these."""
    logging.disable(logging.WARNING)  # the outages are part of the script
    if not names:
        for file in HISTORIES.glob("*.json"):
            if file.stem not in OF_OLDER_CODE:
                file.unlink()
    async with last_breath():
        for path in PATHS:
            if names and path.__name__ not in names:
                continue
            async with time_skipping_server() as environment:
                history = await record(path, environment)
            file = HISTORIES / f"{path.__name__}.json"
            file.write_text(json.dumps(history, indent=1) + "\n", encoding="utf-8")
            sys.stdout.write(f"{file.name}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.replay.record",
        description="Record the history of every path anew, over the recorded ones; or, with "
        "names, of these paths only.",
    )
    parser.add_argument("names", nargs="*", metavar="PATH")
    names = parser.parse_args().names
    if unknown := set(names) - {path.__name__ for path in PATHS}:
        parser.error(f"no such path: {', '.join(sorted(unknown))}")
    asyncio.run(main(names))
