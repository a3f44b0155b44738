"""How each remedy is given: a signal to a workflow that is open, or a child that outlives us."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from temporalio import workflow
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from workflows.letters.workflow import LetterWorkflow
from workflows.orphan.workflow import OrphanPaymentWorkflow
from workflows.purchase.workflow import PurchaseWorkflow
from workflows.refund.workflow import RefundWorkflow
from workflows.rescue.workflow import RescueWorkflow

with workflow.unsafe.imports_passed_through():
    from workflows.letters.address import letter_workflow_id
    from workflows.letters.steps import SendLetter
    from workflows.orphan.address import orphan_workflow_id
    from workflows.orphan.messages import OrphanPayment
    from workflows.purchase.address import purchase_workflow_id
    from workflows.purchase.messages import PaymentAuthorized, PaymentDeclined
    from workflows.queues import TaskQueue
    from workflows.reconciliation.messages import Cure, Remedy
    from workflows.refund.address import refund_workflow_id
    from workflows.refund.messages import StartRefund
    from workflows.rescue.address import rescue_workflow_id
    from workflows.rescue.messages import RescueTask, StartRescue


async def give(cure: Cure) -> None:
    """Give the remedy. That the workflow is over, or at it already, is as good as healed.

    Whether it has helped is found out by looking again, never taken for granted.
    """
    try:
        await _REMEDIES[cure.remedy](cure)
    except (FailureError, WorkflowAlreadyStartedError) as error:
        workflow.logger.info("not needed: %s", type(error).__name__, extra={"key": cure.key})


async def _tell_authorized(cure: Cure) -> None:
    assert cure.authorized_at is not None  # noqa: S101 - the time of the charge
    await workflow.get_external_workflow_handle(purchase_workflow_id(cure.order_id)).signal(
        PurchaseWorkflow.payment_authorized,
        PaymentAuthorized(
            payment_intent_id=cure.payment_intent_id, authorized_at=cure.authorized_at
        ),
    )


async def _tell_declined(cure: Cure) -> None:
    await workflow.get_external_workflow_handle(purchase_workflow_id(cure.order_id)).signal(
        PurchaseWorkflow.payment_declined,
        PaymentDeclined(attempt_id=cure.attempt_id, code=cure.code),
    )


async def _tell_refund(cure: Cure) -> None:
    await workflow.get_external_workflow_handle(refund_workflow_id(cure.order_id)).signal(
        RefundWorkflow.refund_settled
    )


async def _settle_orphan(cure: Cure) -> None:
    await workflow.start_child_workflow(
        OrphanPaymentWorkflow.run,
        OrphanPayment(order_id=cure.order_id, payment_intent_id=cure.payment_intent_id),
        id=orphan_workflow_id(cure.payment_intent_id),
        task_queue=TaskQueue.PURCHASES,
        parent_close_policy=ParentClosePolicy.ABANDON,
        static_summary=f"Payment for closed order {cure.order_id}",
    )


async def _resume_refund(cure: Cure) -> None:
    await workflow.start_child_workflow(
        RefundWorkflow.run,
        StartRefund(order_id=cure.order_id, ticket_id=cure.ticket_id),
        id=refund_workflow_id(cure.order_id),
        task_queue=TaskQueue.PURCHASES,
        parent_close_policy=ParentClosePolicy.ABANDON,
        static_summary=f"Refund of order {cure.order_id}, resumed",
    )


async def _rescue(cure: Cure) -> None:
    await workflow.start_child_workflow(
        RescueWorkflow.run,
        StartRescue(
            order_id=cure.order_id,
            ticket_id=cure.ticket_id,
            task=_TASKS[cure.remedy],
            mail=cure.mail,
        ),
        id=rescue_workflow_id(cure.order_id),
        task_queue=TaskQueue.PURCHASES,
        parent_close_policy=ParentClosePolicy.ABANDON,
        static_summary=f"Rescue of order {cure.order_id}: {cure.remedy}",
    )


async def _send_letter(cure: Cure) -> None:
    await workflow.start_child_workflow(
        LetterWorkflow.run,
        SendLetter(request_id=cure.letter_id),
        id=letter_workflow_id(cure.letter_id),
        task_queue=TaskQueue.PURCHASES,
        parent_close_policy=ParentClosePolicy.ABANDON,
        static_summary="Letter about an account",
    )


_TASKS: Final = {
    Remedy.DECIDE: RescueTask.DECIDE,
    Remedy.RELEASE: RescueTask.RELEASE,
    Remedy.SEND_MAIL: RescueTask.MAIL,
}
_REMEDIES: Final[Mapping[Remedy, Callable[[Cure], Awaitable[None]]]] = {
    Remedy.TELL_AUTHORIZED: _tell_authorized,
    Remedy.TELL_DECLINED: _tell_declined,
    Remedy.TELL_REFUND: _tell_refund,
    Remedy.SETTLE_ORPHAN: _settle_orphan,
    Remedy.RESUME_REFUND: _resume_refund,
    Remedy.DECIDE: _rescue,
    Remedy.RELEASE: _rescue,
    Remedy.SEND_MAIL: _rescue,
    Remedy.SEND_LETTER: _send_letter,
}
