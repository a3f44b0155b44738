"""What settles a purchase: money held in time, a cancellation, or the deadline."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

from workflows.purchase.seat import Seat
from workflows.purchase.till import Till

with workflow.unsafe.imports_passed_through():
    from workflows.policies import DATABASE_STEP, POLL_AFTER, called
    from workflows.purchase.messages import (
        LONGEST_EXTENSION,
        CancelPurchase,
        CancelReason,
        ExtendPurchase,
        StartPurchase,
    )
    from workflows.purchase.payment_steps import PaymentStanding
    from workflows.purchase.steps import LookAtDeadline, NoteDecline, NotePayment, OrderSteps
    from workflows.purchase.words import decline_in_words


class Wait:
    """For the payment. ``changed`` is called when operators have something new to see."""

    def __init__(
        self, purchase: StartPurchase, seat: Seat, till: Till, changed: Callable[[], None]
    ) -> None:
        self._order_id = purchase.order_id
        self._seat = seat
        self._till = till
        self._changed = changed
        self._late_extension = purchase.extension
        self._polls = list(POLL_AFTER)
        self._next_poll: datetime | None = None
        self._declined_attempts: set[str] = set()
        self._turn = asyncio.Lock()
        self.deadline = workflow.now() + purchase.window
        self.authorized_at: datetime | None = None
        self.last_decline: str | None = None
        self.cancellation: CancelPurchase | None = None
        self.extended_by_operator = False
        self.is_over = False
        """From now on nothing moves the deadline, and no cancellation is taken."""

    async def through(self) -> None:
        """Until it is settled how the purchase ends."""
        while True:
            while not self._settled():
                await self._a_while()
            await self._till.stop_billing()
            await self._recall_deadline()
            if self._settled():
                self.is_over = True
                return
            self._till.resume_billing()

    def cancel(self, cancellation: CancelPurchase) -> None:
        """Remember who wants the end of the purchase; the first one counts."""
        self.cancellation = self.cancellation or cancellation

    def authorized_in_time(self) -> bool:
        """Whether money is held since before the deadline."""
        return self.authorized_at is not None and self.authorized_at <= self.deadline

    async def address_came(self) -> None:
        """There is something to pay: look at Stripe now and then, and leave time to pay."""
        if self._next_poll is None:
            self._plan_next_poll()
        if self._late_extension and self._late_extension > self._time_left():
            until, self._late_extension = workflow.now() + self._late_extension, timedelta(0)
            self.deadline = until
            async with self._turn:
                await self._seat.keep(until)

    def why_not_extend(self, by: timedelta) -> str | None:
        """One sentence for the operator, or None: the extension is possible."""
        if self.cancellation is not None:
            return f"The purchase is being cancelled: {self.cancellation.reason}."
        if self.authorized_in_time():
            return "The money is held in time; the purchase needs no extension."
        if self.is_over:
            return "The deadline has passed; the purchase is being ended."
        if by <= timedelta(0):
            return "An extension adds time; this one does not."
        if by > LONGEST_EXTENSION - self._time_left():
            minutes = LONGEST_EXTENSION // timedelta(minutes=1)
            return f"The deadline would be more than {minutes} minutes from now."
        return None

    async def extend(self, extension: ExtendPurchase, *, about: str) -> datetime:
        """Add to the deadline; ``about`` tells this extension from others.

        The wait goes on at once, so that an extension that was accepted holds even if the old
        deadline passes while it is written down. A worker that dies over the writing gets the
        same update once more, finds the same deadline, and tells it under the same ``about``.
        """
        until = self.deadline = self.deadline + extension.by
        self.extended_by_operator = True
        async with self._turn:  # a later deadline is written after an earlier one
            await self._seat.keep(until, about=about, actor=extension.actor, why=extension.why)
        self._changed()
        return until

    async def note_authorization(self, authorized_at: datetime) -> None:
        """The bank holds the money from this moment; it is told once."""
        if self.authorized_at is not None:
            return
        self.authorized_at = authorized_at
        await workflow.execute_local_activity_method(
            OrderSteps.note_authorization,
            NotePayment(order_id=self._order_id, at=workflow.now()),
            **called(DATABASE_STEP, "Show that the bank holds the money"),
        )

    async def note_decline(self, attempt_id: str, code: str) -> None:
        """The bank refused this attempt; it is told once."""
        if attempt_id in self._declined_attempts:
            return
        self._declined_attempts.add(attempt_id)
        self.last_decline = code
        await workflow.execute_local_activity_method(
            OrderSteps.note_decline,
            NoteDecline(
                order_id=self._order_id, attempt_id=attempt_id, code=code, at=workflow.now()
            ),
            **called(DATABASE_STEP, f"Card declined: {decline_in_words(code)}"),
        )
        self._changed()

    def _settled(self) -> bool:
        return (
            self.authorized_in_time()
            or self.cancellation is not None
            or workflow.now() >= self.deadline
        )

    async def _a_while(self) -> None:
        """Until something settles the wait, or a poll is due, or either time has moved."""
        deadline, poll = self.deadline, self._next_poll
        until = deadline if poll is None else min(deadline, poll)
        try:
            await workflow.wait_condition(
                lambda: self._settled() or (self.deadline, self._next_poll) != (deadline, poll),
                timeout=until - workflow.now(),
                timeout_summary="Look at Stripe" if until == poll else "Payment deadline",
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
            await self.note_decline(seen.declined_attempt_id, seen.declined_code or "")
        if seen.authorized_at is not None:
            await self.note_authorization(seen.authorized_at)
        if seen.standing is PaymentStanding.CANCELED:
            self.cancel(CancelPurchase(reason=CancelReason.PAYMENT_FAILED))

    def _plan_next_poll(self) -> None:
        pause = self._polls.pop(0) if self._polls else None
        self._next_poll = None if pause is None else workflow.now() + pause

    async def _recall_deadline(self) -> None:
        """Learn of an extension that was written down in a task that was lost.

        What the buyer was shown holds: nobody's time runs out before the order says so.
        """
        if self.authorized_in_time() or self.cancellation is not None:
            return
        shown = await workflow.execute_local_activity_method(
            OrderSteps.look_at_deadline,
            LookAtDeadline(order_id=self._order_id),
            **called(DATABASE_STEP, "Which deadline was the buyer shown?"),
        )
        if shown is not None and shown > self.deadline:
            self.deadline = shown
            self._changed()

    def _time_left(self) -> timedelta:
        return self.deadline - workflow.now()
