"""The rescue: a purchase was terminated or lost, and somebody has to come to its end."""

from temporalio import workflow
from temporalio.common import VersioningBehavior

from workflows.mail import send_mail
from workflows.outside import ask

with workflow.unsafe.imports_passed_through():
    from workflows.mail_steps import MailReason
    from workflows.policies import DATABASE_STEP, STRIPE_PATIENT
    from workflows.purchase.messages import CancelReason
    from workflows.purchase.payment_steps import (
        ClosePayment,
        LookAtPayment,
        PaymentStanding,
        PaymentSteps,
        ReturnPayment,
    )
    from workflows.purchase.steps import (
        AbandonOrder,
        BillShown,
        CancelOrder,
        CompleteOrder,
        Hold,
        LookAtBill,
        OrderSteps,
        TicketSteps,
    )
    from workflows.rescue.messages import RescueOutcome, RescueTask, StartRescue

NEWS = {
    CancelReason.EXPIRED: MailReason.EXPIRED,
    CancelReason.PAYMENT_FAILED: MailReason.PAYMENT_FAILED,
}


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)
class RescueWorkflow:
    """End one order that has lost its purchase.

    Only with the purchase's own steps, fenced by the order: should the purchase be alive after all,
    or this run twice, the first to decide wins, and nobody pays without getting the ticket.
    """

    @workflow.init
    def __init__(self, rescue: StartRescue) -> None:
        self._order_id = rescue.order_id
        self._ticket_id = rescue.ticket_id

    @workflow.run
    async def run(self, rescue: StartRescue) -> RescueOutcome:
        """Read top to bottom: this is the whole rescue."""
        match rescue.task:
            case RescueTask.MAIL:
                outcome, mail = RescueOutcome.MAILED, rescue.mail
            case RescueTask.RELEASE:
                await self._release_ticket()
                outcome, mail = RescueOutcome.RELEASED, None
            case RescueTask.DECIDE:
                outcome, mail = await self._decide()
        workflow.set_current_details(f"Rescued: **{outcome}**.")
        if mail is not None:
            await send_mail(self._order_id, mail)
        return outcome

    async def _decide(self) -> tuple[RescueOutcome, MailReason | None]:
        if await self._never_was():
            await self._release_ticket()
            return RescueOutcome.NEVER_WAS, None
        bill = await workflow.execute_local_activity_method(
            OrderSteps.look_at_bill, LookAtBill(order_id=self._order_id), **DATABASE_STEP
        )
        reason = CancelReason.EXPIRED
        if bill is not None:
            held = await self._look(bill)
            if await self._close_the_till(bill) is PaymentStanding.CAPTURED:
                if await self._hand_over():
                    return RescueOutcome.SOLD, MailReason.CONFIRMED
                await self._give_back(bill)
            if held in (PaymentStanding.AUTHORIZED, PaymentStanding.CAPTURED):
                reason = CancelReason.PAYMENT_FAILED
        # The order first: while it is active, the ticket cannot have another.
        await workflow.execute_local_activity_method(
            OrderSteps.cancel_order,
            CancelOrder(order_id=self._order_id, reason=reason, at=workflow.now()),
            **DATABASE_STEP,
        )
        await self._release_ticket()
        return RescueOutcome.CANCELLED, NEWS[reason]

    async def _never_was(self) -> bool:
        return await workflow.execute_local_activity_method(
            OrderSteps.abandon_order, AbandonOrder(order_id=self._order_id), **DATABASE_STEP
        )

    async def _look(self, bill: BillShown) -> PaymentStanding:
        seen = await workflow.execute_activity_method(
            PaymentSteps.look_at_payment,
            LookAtPayment(payment_intent_id=bill.payment_intent_id),
            **STRIPE_PATIENT,
        )
        return seen.standing

    async def _close_the_till(self, bill: BillShown) -> PaymentStanding:
        """Void what is held: whoever lost their purchase was promised nothing any more."""
        seen = await ask(
            PaymentSteps.close_payment,
            ClosePayment(
                order_id=self._order_id,
                payment_intent_id=bill.payment_intent_id,
                keep_if_authorized_by=None,
            ),
            patient=STRIPE_PATIENT,
        )
        return seen.standing

    async def _hand_over(self) -> bool:
        sold = await workflow.execute_local_activity_method(
            TicketSteps.sell_ticket, self._hold(), **DATABASE_STEP
        )
        if sold:
            await workflow.execute_local_activity_method(
                OrderSteps.complete_order,
                CompleteOrder(order_id=self._order_id, at=workflow.now()),
                **DATABASE_STEP,
            )
        return sold

    async def _give_back(self, bill: BillShown) -> None:
        await ask(
            PaymentSteps.return_payment,
            ReturnPayment(order_id=self._order_id, payment_intent_id=bill.payment_intent_id),
            patient=STRIPE_PATIENT,
        )

    async def _release_ticket(self) -> None:
        await workflow.execute_local_activity_method(
            TicketSteps.release_ticket, self._hold(), **DATABASE_STEP
        )

    def _hold(self) -> Hold:
        return Hold(order_id=self._order_id, ticket_id=self._ticket_id, at=workflow.now())
