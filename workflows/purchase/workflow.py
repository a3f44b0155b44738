"""The purchase: reserve, bill, wait, decide."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import FailureError

from workflows.mail import send_mail
from workflows.purchase.till import Till
from workflows.purchase.window import show

with workflow.unsafe.imports_passed_through():
    from workflows.mail_steps import MailReason
    from workflows.policies import DATABASE_STEP, POLL_AFTER, RESERVE_STEP
    from workflows.purchase.messages import (
        Billed,
        BillOrder,
        BillOutcome,
        Cancelled,
        CancelOutcome,
        CancelPurchase,
        CancelReason,
        PaymentAuthorized,
        PaymentDeclined,
        PurchaseOutcome,
        PurchaseStatus,
        Reservation,
        ReserveOutcome,
        StartPurchase,
    )
    from workflows.purchase.payment_steps import PaymentStanding
    from workflows.purchase.steps import (
        AbandonOrder,
        CancelOrder,
        CompleteOrder,
        ExtendHold,
        Hold,
        NoteDecline,
        NoteExtension,
        NotePayment,
        OpenOrder,
        OrderSteps,
        ReserveTicket,
        TicketSteps,
    )

OVER = frozenset(
    {
        PurchaseStatus.COMPLETE,
        PurchaseStatus.CANCELLED,
        PurchaseStatus.UNAVAILABLE,
        PurchaseStatus.ABANDONED,
    }
)


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)
class PurchaseWorkflow:
    """Sell one ticket to one buyer, or give the ticket back."""

    @workflow.init
    def __init__(self, purchase: StartPurchase) -> None:
        self._purchase = purchase
        self._status = PurchaseStatus.CREATED
        self._reservation: Reservation | None = None
        self._deadline = workflow.now() + purchase.window
        self._extended = False
        self._till = Till(purchase.order_id, self._billed)
        self._polls = list(POLL_AFTER)
        self._next_poll: datetime | None = None
        self._authorized_at: datetime | None = None
        self._declined_attempts: set[str] = set()
        self._last_decline: str | None = None
        self._cancel: CancelReason | None = None
        self._deciding = False

    @workflow.run
    async def run(self, purchase: StartPurchase) -> PurchaseOutcome:
        """Tell the story to its end; Temporal's own "cancel" is an operator's cancellation."""
        story = asyncio.create_task(self._sell(purchase))
        try:
            return await asyncio.shield(story)
        except asyncio.CancelledError:
            if not self._deciding:
                self._cancel = self._cancel or CancelReason.OPERATOR
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

        await self._wait_for_payment()
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
        if workflow.now() >= self._deadline:
            return Billed(outcome=BillOutcome.TOO_LATE)
        return Billed(outcome=await self._till.bill(request.billing_id))

    @workflow.update
    async def cancel(self, request: CancelPurchase) -> Cancelled:
        """End the purchase, unless the money is already being taken."""
        asked_before = self._cancel in (CancelReason.BUYER, CancelReason.OPERATOR)
        if not asked_before and (self._deciding or self._authorized_in_time()):
            return Cancelled(outcome=CancelOutcome.TOO_LATE)
        self._cancel = self._cancel or request.reason
        await workflow.wait_condition(lambda: self._status in OVER)
        cancelled = self._status is PurchaseStatus.CANCELLED
        return Cancelled(outcome=CancelOutcome.CANCELLED if cancelled else CancelOutcome.TOO_LATE)

    @workflow.signal
    def withdraw(self) -> None:
        """The buyer was told that nobody answered: do not take the ticket, or give it back."""
        self._cancel = self._cancel or CancelReason.BUYER

    @workflow.signal
    async def payment_authorized(self, event: PaymentAuthorized) -> None:
        """Take Stripe's word that it holds the money; early and repeated deliveries are fine."""
        await self._till.recall()
        if event.payment_intent_id == self._till.payment_intent_id:
            await self._note_authorization(event.authorized_at)

    @workflow.signal
    async def payment_declined(self, event: PaymentDeclined) -> None:
        """Show the buyer why, and go on waiting."""
        await self._note_decline(event.attempt_id, event.code)

    @workflow.query
    def status(self) -> PurchaseStatus:
        """How the purchase stands."""
        return self._status

    def _nobody_waits(self) -> bool:
        waited = workflow.now() - workflow.info().workflow_start_time
        return waited > self._purchase.stale_after or self._cancel is not None

    async def _never_began(self) -> bool:
        """Give the start up for good; False when there is an order, which is then cancelled.

        A worker that died, or hung, in the middle of this task may have reserved the ticket and
        opened the order without leaving a trace in history. So nothing is taken for granted: the
        order is fenced off first, then the ticket.
        """
        fenced = await workflow.execute_local_activity_method(
            OrderSteps.abandon_order,
            AbandonOrder(order_id=self._purchase.order_id),
            **DATABASE_STEP,
        )
        if fenced:
            await self._release_ticket()
        else:
            self._cancel = self._cancel or CancelReason.BUYER
        return fenced

    async def _reserved(self) -> Reservation:
        await workflow.wait_condition(lambda: self._reservation is not None)
        assert self._reservation is not None  # noqa: S101 - just waited for
        return self._reservation

    async def _reserve(self) -> bool:
        self._deadline = workflow.now() + self._purchase.window
        held = await workflow.execute_local_activity_method(
            TicketSteps.reserve_ticket,
            ReserveTicket(
                order_id=self._purchase.order_id,
                ticket_id=self._purchase.ticket_id,
                buyer_id=self._purchase.buyer_id,
                version=self._purchase.ticket_version,
                until=self._deadline,
                at=workflow.now(),
            ),
            **RESERVE_STEP,
        )
        if not held:
            return False
        if not await self._open_order():
            await self._release_ticket()
            return False
        self._reservation = Reservation(outcome=ReserveOutcome.RESERVED, expires_at=self._deadline)
        self._show()
        return True

    async def _open_order(self) -> bool:
        return await workflow.execute_local_activity_method(
            OrderSteps.open_order,
            OpenOrder(
                order_id=self._purchase.order_id,
                ticket_id=self._purchase.ticket_id,
                buyer_id=self._purchase.buyer_id,
                expires_at=self._deadline,
                at=workflow.now(),
            ),
            **DATABASE_STEP,
        )

    async def _billed(self) -> None:
        self._status = PurchaseStatus.AWAITING_PAYMENT
        if self._next_poll is None:
            self._plan_next_poll()
        if not self._extended and self._time_left() < self._purchase.extension:
            await self._extend_hold()
        self._show()

    async def _extend_hold(self) -> None:
        self._extended = True
        deadline = workflow.now() + self._purchase.extension
        await workflow.execute_local_activity_method(
            TicketSteps.extend_hold,
            ExtendHold(**self._hold().model_dump(), until=deadline),
            **DATABASE_STEP,
        )
        await workflow.execute_local_activity_method(
            OrderSteps.note_extension,
            NoteExtension(order_id=self._purchase.order_id, expires_at=deadline, at=workflow.now()),
            **DATABASE_STEP,
        )
        self._deadline = deadline

    async def _wait_for_payment(self) -> None:
        """Until money is held in time, somebody cancels, or the deadline has passed."""
        while True:
            while not self._settled():
                await self._wait_a_while()
            await self._till.stop_billing()
            if self._settled():
                self._deciding = True
                return
            self._till.resume_billing()

    def _settled(self) -> bool:
        return (
            self._authorized_in_time()
            or self._cancel is not None
            or workflow.now() >= self._deadline
        )

    async def _wait_a_while(self) -> None:
        """Until something settles the wait, or a poll is due, or either time has moved."""
        deadline, poll = self._deadline, self._next_poll
        until = deadline if poll is None else min(deadline, poll)
        try:
            await workflow.wait_condition(
                lambda: self._settled() or (self._deadline, self._next_poll) != (deadline, poll),
                timeout=until - workflow.now(),
                timeout_summary="look at Stripe" if until == poll else "payment deadline",
            )
        except TimeoutError:
            if until == poll:
                await self._poll()

    async def _poll(self) -> None:
        self._plan_next_poll()
        seen = await self._till.look()
        if seen is None:
            return
        if seen.declined_attempt_id is not None:
            await self._note_decline(seen.declined_attempt_id, seen.declined_code or "")
        if seen.authorized_at is not None:
            await self._note_authorization(seen.authorized_at)
        if seen.standing is PaymentStanding.CANCELED:
            self._cancel = self._cancel or CancelReason.PAYMENT_FAILED

    def _plan_next_poll(self) -> None:
        pause = self._polls.pop(0) if self._polls else None
        self._next_poll = None if pause is None else workflow.now() + pause

    async def _note_authorization(self, authorized_at: datetime) -> None:
        if self._authorized_at is not None:
            return
        self._authorized_at = authorized_at
        await workflow.execute_local_activity_method(
            OrderSteps.note_authorization,
            NotePayment(order_id=self._purchase.order_id, at=workflow.now()),
            **DATABASE_STEP,
        )

    async def _note_decline(self, attempt_id: str, code: str) -> None:
        if attempt_id in self._declined_attempts:
            return
        self._declined_attempts.add(attempt_id)
        self._last_decline = code
        await workflow.execute_local_activity_method(
            OrderSteps.note_decline,
            NoteDecline(
                order_id=self._purchase.order_id,
                attempt_id=attempt_id,
                code=code,
                at=workflow.now(),
            ),
            **DATABASE_STEP,
        )
        self._show()

    async def _money_is_held(self) -> bool:
        """Close the till, unless money is held in time; Stripe settles the race."""
        if self._authorized_in_time() and self._cancel is None:
            return True
        keep = self._deadline if self._cancel is None else None
        seen = await self._till.close(keep_if_authorized_by=keep)
        return seen is not None and seen.standing is not PaymentStanding.CANCELED

    async def _capture(self) -> bool:
        if await self._till.capture():
            return True
        self._cancel = CancelReason.PAYMENT_FAILED
        left = await self._till.close(keep_if_authorized_by=None)
        if left is not None and left.standing is PaymentStanding.CAPTURED:
            await self._till.give_back()
        return False

    async def _hand_over(self) -> bool:
        sold = await workflow.execute_local_activity_method(
            TicketSteps.sell_ticket, self._hold(), **DATABASE_STEP
        )
        if not sold:
            # Cannot happen while every write to the ticket is fenced. If it does, nobody pays.
            workflow.logger.error("paid for a ticket that is not held")
            await self._till.give_back()
            self._cancel = CancelReason.PAYMENT_FAILED
            return False
        await workflow.execute_local_activity_method(
            OrderSteps.complete_order,
            CompleteOrder(order_id=self._purchase.order_id, at=workflow.now()),
            **DATABASE_STEP,
        )
        return True

    async def _give_the_ticket_back(self) -> None:
        self._cancel = self._cancel or CancelReason.EXPIRED
        # The order first: while it is active, the ticket cannot have another.
        await workflow.execute_local_activity_method(
            OrderSteps.cancel_order,
            CancelOrder(order_id=self._purchase.order_id, reason=self._cancel, at=workflow.now()),
            **DATABASE_STEP,
        )
        await self._release_ticket()

    async def _release_ticket(self) -> None:
        await workflow.execute_local_activity_method(
            TicketSteps.release_ticket, self._hold(), **DATABASE_STEP
        )

    def _bad_news(self) -> MailReason | None:
        """People who cancelled know it; the others are told."""
        if self._cancel is CancelReason.EXPIRED:
            return MailReason.EXPIRED
        if self._cancel is CancelReason.PAYMENT_FAILED:
            return MailReason.PAYMENT_FAILED
        return None

    async def _end(self, status: PurchaseStatus, mail: MailReason | None = None) -> PurchaseOutcome:
        self._status = status
        self._deciding = True
        if self._reservation is None:
            unavailable = status is PurchaseStatus.UNAVAILABLE
            self._reservation = Reservation(
                outcome=ReserveOutcome.UNAVAILABLE if unavailable else ReserveOutcome.ABANDONED
            )
        await self._till.stop_billing()
        self._show()
        if mail is not None:
            await send_mail(self._purchase.order_id, mail)
        await workflow.wait_condition(workflow.all_handlers_finished)
        cancelled = status is PurchaseStatus.CANCELLED
        return PurchaseOutcome(
            order_id=self._purchase.order_id,
            status=status,
            cancel_reason=self._cancel if cancelled else None,
        )

    def _hold(self) -> Hold:
        return Hold(
            order_id=self._purchase.order_id,
            ticket_id=self._purchase.ticket_id,
            at=workflow.now(),
        )

    def _authorized_in_time(self) -> bool:
        return self._authorized_at is not None and self._authorized_at <= self._deadline

    def _time_left(self) -> timedelta:
        return self._deadline - workflow.now()

    def _show(self) -> None:
        show(
            self._status,
            deadline=self._deadline,
            amount=self._till.amount,
            decline=self._last_decline,
            reason=self._cancel,
        )
