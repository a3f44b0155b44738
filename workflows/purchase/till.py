"""The order's one PaymentIntent: opened with the address, closed before the seat is freed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.outside import ask
from workflows.patience import Patience

with workflow.unsafe.imports_passed_through():
    from workflows.errors import StepFailure, failure_of
    from workflows.messages import OutsideRequest
    from workflows.policies import DATABASE_STEP, STRIPE_GLANCE, STRIPE_PATIENT, called
    from workflows.purchase.messages import BillOutcome
    from workflows.purchase.payment_steps import (
        CapturePayment,
        ChangePayment,
        ClosePayment,
        LookAtPayment,
        OpenPayment,
        PaymentSeen,
        PaymentSteps,
        ReturnPayment,
    )
    from workflows.purchase.steps import BillingInForce, LookAtBill, OrderSteps, Price, PriceOrder


Request = TypeVar("Request", bound=OutsideRequest)
Answer = TypeVar("Answer")

OPENING: Final = "Open the payment"
CHANGING: Final = "Change the amount"


class Till:
    """Opens, changes and closes what the buyer can pay.

    ``billed`` is called with the till locked, each time an address has come into force, and
    ``changed`` when operators have something new to see.
    """

    def __init__(
        self,
        order_id: str,
        *,
        billed: Callable[[], Awaitable[None]],
        changed: Callable[[], None],
    ) -> None:
        self._order_id = order_id
        self._billed = billed
        self._changed = changed
        self._patience = Patience(changed)
        self._turn = asyncio.Lock()
        self._closing = False
        self._wanted: str | None = None
        self._in_force: str | None = None
        self._opening: OpenPayment | None = None
        self._opened_after = workflow.info().workflow_start_time
        self._changes = 0
        self._later: asyncio.Task[None] | None = None
        self._late_since: datetime | None = None
        self._interrupted = False
        self._asked = 0
        self.doing: str | None = None
        """What is asked of Stripe now that the wait is over."""
        self.payment_intent_id: str | None = None
        self.amount = 0
        """What the buyer has been shown, in minor units; 0 before there is an address."""

    @property
    def away_since(self) -> datetime | None:
        """Since when Stripe has not done what it was asked, in UTC; None if it has."""
        return self._late_since or self._patience.since

    @property
    def can_be_hurried(self) -> bool:
        """Whether taking, closing or returning the payment waits for the next try at Stripe."""
        return self._patience.can_be_hurried

    def hurry(self) -> None:
        """Try again now, under the same idempotency key, and never twice at once."""
        self._patience.hurry()

    async def bill(self, billing_id: str) -> BillOutcome:
        """Make the order payable at this address; a Stripe that is away is asked again later."""
        if self._closing:
            return BillOutcome.TOO_LATE
        self._wanted = billing_id
        if self._goes_on_by_itself():
            return BillOutcome.UNSETTLED
        async with self._turn:
            return await self._bill_promptly()

    async def stop_billing(self) -> None:
        """Finish or give up what is under way, and take no address any more."""
        self._closing = True
        self._interrupted = self._goes_on_by_itself()
        if self._later is not None:
            self._later.cancel()
            await workflow.wait([self._later])
            self._late_since = None
        async with self._turn:
            return

    def resume_billing(self) -> None:
        """The deadline has moved at the last moment: go on, also with what was given up."""
        self._closing = False
        if self._interrupted:
            self._go_on_by_itself()

    async def recall(self) -> None:
        """Learn of a bill that came into force in a task that was lost, with the address in it.

        A worker that hung may have let the buyer pay without a trace in history: the order tells.
        """
        if self.payment_intent_id is not None:
            return
        shown = await workflow.execute_local_activity_method(
            OrderSteps.look_at_bill,
            LookAtBill(order_id=self._order_id),
            **called(DATABASE_STEP, "Which bill was the buyer shown?"),
        )
        if shown is not None and self.payment_intent_id is None:
            self.payment_intent_id = shown.payment_intent_id
            self.amount = self._asked = shown.amount

    async def look(self) -> PaymentSeen | None:
        """How the payment stands, or None when Stripe does not answer at once."""
        if self.payment_intent_id is None:
            return None
        try:
            return await workflow.execute_local_activity_method(
                PaymentSteps.look_at_payment,
                LookAtPayment(payment_intent_id=self.payment_intent_id),
                **called(STRIPE_GLANCE, "Has the buyer paid?"),
            )
        except FailureError:
            return None

    async def capture(self) -> bool:
        """Take exactly what the buyer was shown; False when Stripe will never allow it."""
        assert self.payment_intent_id is not None  # noqa: S101 - nothing is authorised before it
        try:
            await self._insist(
                "Taking the money",
                PaymentSteps.capture_payment,
                CapturePayment(
                    order_id=self._order_id,
                    payment_intent_id=self.payment_intent_id,
                    amount=self.amount,
                ),
            )
        except FailureError:
            return False
        return True

    async def close(self, *, keep_if_authorized_by: datetime | None) -> PaymentSeen | None:
        """Let nobody pay any more, whatever it takes; None when there was nothing to pay.

        A PaymentIntent that neither history nor the order knows has a client secret that nobody
        has seen: it cannot be paid, and the seat need not wait for it.
        """
        await self.recall()
        if self.payment_intent_id is None:
            return None
        return await self._insist(
            "Closing the payment",
            PaymentSteps.close_payment,
            ClosePayment(
                order_id=self._order_id,
                payment_intent_id=self.payment_intent_id,
                keep_if_authorized_by=keep_if_authorized_by,
            ),
        )

    async def give_back(self) -> None:
        """Refund what was captured, because the ticket cannot be handed over."""
        assert self.payment_intent_id is not None  # noqa: S101 - it was captured
        await self._insist(
            "Giving the money back",
            PaymentSteps.return_payment,
            ReturnPayment(order_id=self._order_id, payment_intent_id=self.payment_intent_id),
        )

    async def _insist(
        self, doing: str, step: Callable[[Any, Request], Awaitable[Answer]], request: Request
    ) -> Answer:
        self.doing = doing
        self._changed()
        try:
            return await ask(
                step, request, patient=STRIPE_PATIENT, summary=doing, patience=self._patience
            )
        finally:
            self.doing = None

    async def _bill_promptly(self) -> BillOutcome:
        if self._closing:
            return BillOutcome.TOO_LATE
        if self._goes_on_by_itself():
            # Another address, sent at the same time, has met a Stripe that is away.
            return BillOutcome.UNSETTLED
        try:
            return await self._settle(promptly=True)
        except FailureError as error:
            if failure_of(error) == StepFailure.PAYMENT_REFUSED:
                return BillOutcome.REFUSED
        self._go_on_by_itself()
        return BillOutcome.UNSETTLED

    def _goes_on_by_itself(self) -> bool:
        return self._later is not None and not self._later.done()

    def _go_on_by_itself(self) -> None:
        self._late_since = workflow.now()
        self._later = asyncio.create_task(self._bill_later())
        self._changed()

    async def _bill_later(self) -> None:
        async with self._turn:
            while self._in_force != self._wanted and not self._closing:
                try:
                    await self._settle(promptly=False)
                except FailureError as error:
                    workflow.logger.warning("billing given up: %s", failure_of(error))
                    break
            self._late_since = None
            self._changed()

    async def _settle(self, *, promptly: bool) -> BillOutcome:
        wanted = self._wanted
        assert wanted is not None  # noqa: S101 - set by whoever asks for a settlement
        price = await workflow.execute_local_activity_method(
            OrderSteps.price_order,
            PriceOrder(order_id=self._order_id, billing_id=wanted),
            **called(DATABASE_STEP, "Work out the total"),
        )
        if self.payment_intent_id is None:
            await self._open(price, promptly=promptly)
        if self._asked != price.amount:
            await self._change(price, promptly=promptly)
        if self._asked != price.amount:
            self._wanted = self._in_force
            return BillOutcome.TOO_LATE
        await self._put_in_force(wanted, price)
        return BillOutcome.BILLED

    async def _open(self, price: Price, *, promptly: bool) -> None:
        # What goes with one idempotency key never changes: the first price asked opens the
        # PaymentIntent, a later one changes it.
        self._opening = self._opening or OpenPayment(
            order_id=self._order_id,
            amount=price.amount,
            currency=price.currency,
            opened_after=self._opened_after,
        )
        if promptly:
            opened = await workflow.execute_local_activity_method(
                PaymentSteps.open_payment, self._opening, **called(STRIPE_GLANCE, OPENING)
            )
        else:
            opened = await ask(
                PaymentSteps.open_payment,
                self._opening,
                prompt=None,
                patient=STRIPE_PATIENT,
                summary=OPENING,
            )
        self.payment_intent_id = opened.payment_intent_id
        self._asked = opened.amount

    async def _change(self, price: Price, *, promptly: bool) -> None:
        assert self.payment_intent_id is not None  # noqa: S101 - opened just before
        self._changes += 1
        change = ChangePayment(
            order_id=self._order_id,
            payment_intent_id=self.payment_intent_id,
            amount=price.amount,
            revision=self._changes,
        )
        if promptly:
            changed = await workflow.execute_local_activity_method(
                PaymentSteps.change_payment, change, **called(STRIPE_GLANCE, CHANGING)
            )
        else:
            changed = await ask(
                PaymentSteps.change_payment,
                change,
                prompt=None,
                patient=STRIPE_PATIENT,
                summary=CHANGING,
            )
        self._asked = changed.amount

    async def _put_in_force(self, billing_id: str, price: Price) -> None:
        assert self.payment_intent_id is not None  # noqa: S101 - opened just before
        await workflow.execute_local_activity_method(
            OrderSteps.put_billing_in_force,
            BillingInForce(
                order_id=self._order_id,
                billing_id=billing_id,
                amount=price.amount,
                payment_intent_id=self.payment_intent_id,
                at=workflow.now(),
            ),
            **called(DATABASE_STEP, "Show the bill and let the buyer pay"),
        )
        self._in_force = billing_id
        self._late_since = None
        self.amount = price.amount
        await self._billed()
