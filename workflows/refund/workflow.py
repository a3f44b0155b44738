"""The refund: claim the order, give the money back, then put the ticket on the market."""

from contextlib import suppress
from datetime import timedelta
from itertools import chain, repeat
from typing import Final

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import ActivityError

from workflows.mail import send_mail
from workflows.outside import ask

with workflow.unsafe.imports_passed_through():
    from workflows.errors import failure_of
    from workflows.mail_steps import MailReason
    from workflows.policies import DATABASE_STEP, STRIPE_PATIENT
    from workflows.purchase.steps import Hold, TicketSteps
    from workflows.refund.messages import (
        BeginOutcome,
        Begun,
        RefundOutcome,
        RefundStatus,
        StartRefund,
    )
    from workflows.refund.steps import (
        BeginRefund,
        LookAtRefund,
        NoteRefund,
        RefundDue,
        RefundOrderSteps,
        RefundPayment,
        RefundPaymentSteps,
        RefundSeen,
    )
    from workflows.search_attributes import AMOUNT_MINOR, ORDER_STATUS

LOOK_AFTER: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
LOOK_DAILY: Final = timedelta(hours=12)


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class RefundWorkflow:
    """Refund one complete order, once."""

    @workflow.init
    def __init__(self, refund: StartRefund) -> None:
        self._refund = refund
        self._begun: Begun | None = None
        self._hint = False

    @workflow.run
    async def run(self, refund: StartRefund) -> RefundOutcome:
        """Read top to bottom: this is the whole refund."""
        due = await self._claim_the_order()
        if due is None:
            return await self._end(None)

        seen = await self._give_the_money_back(due)
        if seen.status is RefundStatus.PENDING:
            seen = await self._wait_for_the_final_word(seen)

        await self._note(seen)
        if seen.status is RefundStatus.SUCCEEDED:
            await self._put_the_ticket_back()
            await send_mail(refund.order_id, MailReason.REFUNDED)
        return await self._end(seen.status)

    @workflow.update
    async def begin(self) -> Begun:
        """Answer the buyer's click once the order is ``refunding``, or cannot be."""
        await workflow.wait_condition(lambda: self._begun is not None)
        assert self._begun is not None  # noqa: S101 - just waited for
        return self._begun

    @workflow.signal
    def refund_settled(self) -> None:
        """Stripe has news of this refund: look now, not at the next poll."""
        self._hint = True

    async def _claim_the_order(self) -> RefundDue | None:
        due = await workflow.execute_local_activity_method(
            RefundOrderSteps.begin_refund,
            BeginRefund(order_id=self._refund.order_id, at=workflow.now()),
            **DATABASE_STEP,
        )
        claimed = due.amount > 0
        self._begun = Begun(outcome=BeginOutcome.BEGUN if claimed else BeginOutcome.REFUSED)
        if not claimed:
            return None
        workflow.upsert_search_attributes(
            [ORDER_STATUS.value_set("refunding"), AMOUNT_MINOR.value_set(due.amount)]
        )
        workflow.set_current_details("Giving the money back.")
        return due

    async def _give_the_money_back(self, due: RefundDue) -> RefundSeen:
        try:
            return await ask(
                RefundPaymentSteps.refund_payment,
                RefundPayment(
                    order_id=self._refund.order_id,
                    payment_intent_id=due.payment_intent_id,
                    amount=due.amount,
                ),
                patient=STRIPE_PATIENT,
            )
        except ActivityError as error:
            return RefundSeen(refund_id="", status=RefundStatus.FAILED, failure=failure_of(error))

    async def _wait_for_the_final_word(self, seen: RefundSeen) -> RefundSeen:
        await self._note(seen)
        for pause in chain(LOOK_AFTER, repeat(LOOK_DAILY)):
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: self._hint, timeout=pause, timeout_summary="look at the refund"
                )
            self._hint = False
            seen = await ask(
                RefundPaymentSteps.look_at_refund,
                LookAtRefund(refund_id=seen.refund_id),
                patient=STRIPE_PATIENT,
            )
            if seen.status is not RefundStatus.PENDING:
                return seen
        raise AssertionError("the pauses never end")

    async def _note(self, seen: RefundSeen) -> None:
        await workflow.execute_local_activity_method(
            RefundOrderSteps.note_refund,
            NoteRefund(
                order_id=self._refund.order_id,
                status=seen.status,
                failure=seen.failure,
                at=workflow.now(),
            ),
            **DATABASE_STEP,
        )
        workflow.set_current_details(f"Stripe's refund: **{seen.status}**.")

    async def _put_the_ticket_back(self) -> None:
        await workflow.execute_local_activity_method(
            TicketSteps.release_ticket,
            Hold(
                order_id=self._refund.order_id,
                ticket_id=self._refund.ticket_id,
                at=workflow.now(),
            ),
            **DATABASE_STEP,
        )
        workflow.upsert_search_attributes([ORDER_STATUS.value_set("refunded")])

    async def _end(self, status: RefundStatus | None) -> RefundOutcome:
        await workflow.wait_condition(workflow.all_handlers_finished)
        return RefundOutcome(order_id=self._refund.order_id, status=status, ended_at=workflow.now())
