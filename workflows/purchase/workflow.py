"""The purchase: reserve, bill, wait, decide."""

import asyncio
from typing import Final

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import ApplicationError, FailureError

from workflows.mail import send_mail
from workflows.purchase.seat import Seat
from workflows.purchase.till import Till
from workflows.purchase.wait import Wait
from workflows.purchase.window import Window

with workflow.unsafe.imports_passed_through():
    from workflows.errors import ACTION_REFUSED
    from workflows.mail_steps import MailReason
    from workflows.messages import Steering
    from workflows.policies import DATABASE_STEP, called
    from workflows.purchase.messages import (
        OVER,
        Billed,
        BillOrder,
        BillOutcome,
        Cancelled,
        CancelOutcome,
        CancelPurchase,
        CancelReason,
        Extended,
        ExtendPurchase,
        PaymentAuthorized,
        PaymentDeclined,
        PurchaseOutcome,
        PurchaseState,
        PurchaseStatus,
        Reservation,
        ReserveOutcome,
        StartPurchase,
        WaitingFor,
    )
    from workflows.purchase.payment_steps import PaymentStanding
    from workflows.purchase.steps import NoteRetry, OrderSteps

BAD_NEWS: Final = {
    CancelReason.EXPIRED: MailReason.EXPIRED,
    CancelReason.PAYMENT_FAILED: MailReason.PAYMENT_FAILED,
    CancelReason.OPERATOR: MailReason.CALLED_OFF,
}


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)
class PurchaseWorkflow:
    """Sell one ticket to one buyer, or give the ticket back."""

    @workflow.init
    def __init__(self, purchase: StartPurchase) -> None:
        self._purchase = purchase
        self._status = PurchaseStatus.CREATED
        self._reservation: Reservation | None = None
        self._seat = Seat(purchase)
        self._till = Till(purchase.order_id, billed=self._billed, changed=self._show)
        self._wait = Wait(purchase, self._seat, self._till, changed=self._show)
        self._window = Window()
        self._ending: str | None = None

    @workflow.run
    async def run(self, purchase: StartPurchase) -> PurchaseOutcome:
        """Tell the story to its end; Temporal's own "cancel" is an operator's cancellation."""
        story = asyncio.create_task(self._sell(purchase))
        try:
            return await asyncio.shield(story)
        except asyncio.CancelledError:
            if not self._wait.is_over:
                self._wait.cancel(
                    CancelPurchase(
                        reason=CancelReason.OPERATOR,
                        actor="temporal",
                        why=(workflow.cancellation_reason() or "")[:200] or None,
                    )
                )
            return await story

    async def _sell(self, purchase: StartPurchase) -> PurchaseOutcome:
        """Read top to bottom: this is the whole purchase."""
        if self._nobody_waits() and await self._never_began():
            return await self._end(PurchaseStatus.ABANDONED)
        try:
            if not await self._reserve():
                return await self._end(PurchaseStatus.UNAVAILABLE)
        except FailureError:
            if await self._never_began():
                return await self._end(PurchaseStatus.ABANDONED)
        if purchase.billing_id is not None:
            await self._till.bill(purchase.billing_id)

        await self._wait.through()
        if await self._money_is_held() and await self._capture() and await self._hand_over():
            return await self._end(PurchaseStatus.COMPLETE, mail=MailReason.CONFIRMED)

        await self._give_the_ticket_back()
        return await self._end(PurchaseStatus.CANCELLED, mail=self._bad_news())

    @workflow.update
    async def reserve(self) -> Reservation:
        """Answer the buyer's click; the API starts the workflow with this update.

        "Sold out" is an answer, not a failure.
        """
        return await self._reserved()

    @workflow.update
    async def bill(self, request: BillOrder) -> Billed:
        """Fix lines and total for this address and make the order payable."""
        await self._reserved()
        if workflow.now() >= self._wait.deadline:
            return Billed(outcome=BillOutcome.TOO_LATE)
        return Billed(outcome=await self._till.bill(request.billing_id))

    @workflow.update
    async def cancel(self, request: CancelPurchase) -> Cancelled:
        """End the purchase, unless the money is already being taken."""
        reason = self._wait.cancellation.reason if self._wait.cancellation else None
        asked_before = reason in (CancelReason.BUYER, CancelReason.OPERATOR)
        if not asked_before and (self._wait.is_over or self._wait.authorized_in_time()):
            return Cancelled(outcome=CancelOutcome.TOO_LATE)
        self._wait.cancel(request)
        await workflow.wait_condition(lambda: self._status in OVER)
        cancelled = self._status is PurchaseStatus.CANCELLED
        return Cancelled(outcome=CancelOutcome.CANCELLED if cancelled else CancelOutcome.TOO_LATE)

    @cancel.validator
    def _cancel_says_who_and_why(self, request: CancelPurchase) -> None:
        if request.reason not in (CancelReason.BUYER, CancelReason.OPERATOR):
            raise _refusal("A cancellation is the buyer's or an operator's.")
        if request.reason is CancelReason.OPERATOR and not (request.actor and request.why):
            raise _refusal("An operator's cancellation needs an actor and why.")

    @workflow.update
    async def extend(self, request: ExtendPurchase) -> Extended:
        """Give the buyer more time. The same update id counts once."""
        return Extended(expires_at=await self._wait.extend(request, about=_update_id()))

    @extend.validator
    def _extend_is_possible(self, request: ExtendPurchase) -> None:
        if self._status in OVER:
            raise _refusal(f"The purchase is over: {self._status}.")
        if self._reservation is None:
            raise _refusal("The ticket is not reserved yet.")
        why_not = self._wait.why_not_extend(request.by)
        if why_not is not None:
            raise _refusal(why_not)

    @workflow.update
    async def retry_capture(self, request: Steering) -> None:
        """Ask Stripe now, not when its turn comes, to take, to void or to return the money."""
        self._till.hurry()
        await workflow.execute_local_activity_method(
            OrderSteps.note_retry,
            NoteRetry(
                order_id=self._purchase.order_id,
                at=workflow.now(),
                about=_update_id(),
                actor=request.actor,
                why=request.why,
            ),
            **called(DATABASE_STEP, "Note who had Stripe asked again"),
        )

    @retry_capture.validator
    def _retry_capture_is_possible(self, request: Steering) -> None:  # noqa: ARG002
        if not self._till.can_be_hurried:
            raise _refusal("Nothing waits for another try at Stripe.")

    @workflow.signal
    def withdraw(self) -> None:
        """The buyer was told that nobody answered: do not take the ticket, or give it back."""
        self._wait.cancel(CancelPurchase(reason=CancelReason.BUYER))

    @workflow.signal
    async def payment_authorized(self, event: PaymentAuthorized) -> None:
        """Take Stripe's word that it holds the money; early and repeated deliveries are fine."""
        await self._till.recall()
        if event.payment_intent_id == self._till.payment_intent_id:
            await self._wait.note_authorization(event.authorized_at)

    @workflow.signal
    async def payment_declined(self, event: PaymentDeclined) -> None:
        """Show the buyer why, and go on waiting."""
        await self._wait.note_decline(event.attempt_id, event.code)

    @workflow.query
    def state(self) -> PurchaseState:
        """How the purchase stands."""
        cancellation = self._wait.cancellation
        return PurchaseState(
            status=self._status,
            deadline=self._wait.deadline,
            amount=self._till.amount,
            payment_intent_id=self._till.payment_intent_id,
            authorized_at=self._wait.authorized_at,
            last_decline=self._wait.last_decline,
            cancel_reason=cancellation.reason if cancellation else None,
            waiting_for=self._waiting_for(),
        )

    def _nobody_waits(self) -> bool:
        waited = workflow.now() - workflow.info().workflow_start_time
        return waited > self._purchase.stale_after or self._wait.cancellation is not None

    async def _never_began(self) -> bool:
        never = await self._seat.never_taken()
        if not never:
            self._wait.cancel(CancelPurchase(reason=CancelReason.BUYER))
        return never

    async def _reserved(self) -> Reservation:
        await workflow.wait_condition(lambda: self._reservation is not None)
        assert self._reservation is not None  # noqa: S101 - just waited for
        return self._reservation

    async def _reserve(self) -> bool:
        deadline = self._wait.deadline = workflow.now() + self._purchase.window
        if not await self._seat.take(deadline):
            return False
        self._reservation = Reservation(outcome=ReserveOutcome.RESERVED, expires_at=deadline)
        self._show()
        return True

    async def _billed(self) -> None:
        self._status = PurchaseStatus.AWAITING_PAYMENT
        await self._wait.address_came()
        self._show()

    async def _money_is_held(self) -> bool:
        """Close the till, unless money is held in time; Stripe settles the race."""
        called_off = self._wait.cancellation is not None
        if self._wait.authorized_in_time() and not called_off:
            return True
        keep = None if called_off else self._wait.deadline
        seen = await self._till.close(keep_if_authorized_by=keep)
        return seen is not None and seen.standing is not PaymentStanding.CANCELED

    async def _capture(self) -> bool:
        if await self._till.capture():
            return True
        self._wait.cancellation = CancelPurchase(reason=CancelReason.PAYMENT_FAILED)
        left = await self._till.close(keep_if_authorized_by=None)
        if left is not None and left.standing is PaymentStanding.CAPTURED:
            await self._till.give_back()
        return False

    async def _hand_over(self) -> bool:
        self._show_ending("Handing over the ticket")
        if await self._seat.hand_over():
            return True
        # Cannot happen while every write to the ticket is fenced. If it does, nobody pays.
        workflow.logger.error("paid for a ticket that is not held")
        await self._till.give_back()
        self._wait.cancellation = CancelPurchase(reason=CancelReason.PAYMENT_FAILED)
        return False

    async def _give_the_ticket_back(self) -> None:
        self._wait.cancel(CancelPurchase(reason=CancelReason.EXPIRED))
        assert self._wait.cancellation is not None  # noqa: S101 - just set
        self._show_ending("Freeing the ticket")
        await self._seat.give_back(self._wait.cancellation)

    def _bad_news(self) -> MailReason | None:
        """Buyers who cancelled know it; the others are told."""
        cancellation = self._wait.cancellation
        return BAD_NEWS.get(cancellation.reason) if cancellation is not None else None

    async def _end(self, status: PurchaseStatus, mail: MailReason | None = None) -> PurchaseOutcome:
        self._status = status
        self._wait.is_over = True
        if self._reservation is None:
            unavailable = status is PurchaseStatus.UNAVAILABLE
            self._reservation = Reservation(
                outcome=ReserveOutcome.UNAVAILABLE if unavailable else ReserveOutcome.ABANDONED
            )
        self._ending = None
        await self._till.stop_billing()
        self._window.show(self.state(), mailing=mail is not None)
        if mail is not None:
            await send_mail(self._purchase.order_id, mail)
            self._show()
        await workflow.wait_condition(workflow.all_handlers_finished)
        cancellation = self._wait.cancellation if status is PurchaseStatus.CANCELLED else None
        return PurchaseOutcome(
            order_id=self._purchase.order_id,
            status=status,
            cancel_reason=cancellation.reason if cancellation else None,
        )

    def _waiting_for(self) -> WaitingFor:
        if self._till.away_since is not None:
            return WaitingFor.STRIPE
        if self._reservation is None or self._wait.is_over:
            return WaitingFor.NOTHING
        if self._status is PurchaseStatus.CREATED:
            return WaitingFor.ADDRESS
        return WaitingFor.PAYMENT

    def _show_ending(self, doing: str) -> None:
        self._ending = doing
        self._show()

    def _show(self) -> None:
        self._window.show(
            self.state(),
            doing=self._till.doing or self._ending,
            away_since=self._till.away_since,
            extended=self._wait.extended_by_operator,
        )


def _update_id() -> str:
    update = workflow.current_update_info()
    assert update is not None  # noqa: S101 - asked for in handlers of updates only
    return update.id


def _refusal(sentence: str) -> ApplicationError:
    return ApplicationError(sentence, type=ACTION_REFUSED, non_retryable=True)
