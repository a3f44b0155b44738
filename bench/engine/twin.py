"""The twin of a purchase, and the workflow that does nothing: what the engine alone costs.

The twin leaves the history of a purchase that comes with its address and is paid: the same events
in the same order, with messages of the same kind in them. It decides nothing and its steps return
constants, so whatever a purchase takes longer is the application's.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from bench.engine import constants
    from workflows.mail_steps import MailReason, SendMail
    from workflows.messages import Message
    from workflows.policies import DATABASE_STEP, PROMPT_STEP, called
    from workflows.purchase.messages import (
        PaymentAuthorized,
        PurchaseStatus,
        Reservation,
        ReserveOutcome,
        StartPurchase,
    )
    from workflows.purchase.payment_steps import CapturePayment, OpenPayment
    from workflows.purchase.steps import (
        BillingInForce,
        CompleteOrder,
        Hold,
        NotePayment,
        OpenOrder,
        PriceOrder,
        ReserveTicket,
    )
    from workflows.search_attributes import AMOUNT_MINOR, DEADLINE, ORDER_STATUS

QUEUE: Final = "bench"
FIRST_POLL: Final = timedelta(seconds=30)

Asked = TypeVar("Asked", bound=Message)
Answer = TypeVar("Answer")


class TwinOutcome(Message):
    """How a twin ended."""

    order_id: str
    completed_at: datetime
    """When the step ran that stands for the completion of the order, in UTC."""


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)
class TwinWorkflow:
    """Leaves the history of a paid purchase."""

    @workflow.init
    def __init__(self, purchase: StartPurchase) -> None:
        self._order_id = purchase.order_id
        self._hold = Hold(
            order_id=purchase.order_id, ticket_id=purchase.ticket_id, at=workflow.now()
        )
        self._deadline = workflow.now() + purchase.window
        self._reserved = False
        self._paid = False

    @workflow.run
    async def run(self, purchase: StartPurchase) -> TwinOutcome:
        """Step by step what a purchase does, without its decisions."""
        await self._reserve(purchase)
        await self._bill(purchase.billing_id or "")
        await workflow.wait_condition(
            lambda: self._paid, timeout=FIRST_POLL, timeout_summary="Look at Stripe"
        )
        await _regular(
            constants.capture_payment,
            CapturePayment(
                order_id=self._order_id,
                payment_intent_id=constants.PAYMENT,
                amount=constants.PRICE.amount,
            ),
        )
        await _local(constants.sell_ticket, self._hold)
        completed_at = await _local(
            constants.complete_order, CompleteOrder(order_id=self._order_id, at=workflow.now())
        )
        self._show(PurchaseStatus.COMPLETE)
        await _regular(
            constants.send_mail, SendMail(order_id=self._order_id, reason=MailReason.CONFIRMED)
        )
        return TwinOutcome(order_id=self._order_id, completed_at=completed_at)

    @workflow.update
    async def reserve(self) -> Reservation:
        """Answer as a purchase does."""
        await workflow.wait_condition(lambda: self._reserved)
        return Reservation(outcome=ReserveOutcome.RESERVED, expires_at=self._deadline)

    @workflow.signal
    async def payment_authorized(self, event: PaymentAuthorized) -> None:
        """Go on."""
        self._paid = True
        await _local(
            constants.note_authorization,
            NotePayment(order_id=self._order_id, at=event.authorized_at),
        )

    async def _reserve(self, purchase: StartPurchase) -> None:
        await _local(
            constants.reserve_ticket,
            ReserveTicket(
                **self._hold.model_dump(),
                buyer_id=purchase.buyer_id,
                version=purchase.ticket_version,
                until=self._deadline,
            ),
        )
        await _local(
            constants.open_order,
            OpenOrder(
                order_id=self._order_id,
                ticket_id=purchase.ticket_id,
                buyer_id=purchase.buyer_id,
                expires_at=self._deadline,
                at=workflow.now(),
            ),
        )
        self._reserved = True
        self._show(PurchaseStatus.CREATED)

    async def _bill(self, billing_id: str) -> None:
        price = await _local(
            constants.price_order, PriceOrder(order_id=self._order_id, billing_id=billing_id)
        )
        opened = await _local(
            constants.open_payment,
            OpenPayment(
                order_id=self._order_id,
                amount=price.amount,
                currency=price.currency,
                opened_after=workflow.info().workflow_start_time,
            ),
        )
        await _local(
            constants.put_billing_in_force,
            BillingInForce(
                order_id=self._order_id,
                billing_id=billing_id,
                amount=price.amount,
                payment_intent_id=opened.payment_intent_id,
                at=workflow.now(),
            ),
        )
        self._show(PurchaseStatus.AWAITING_PAYMENT)

    def _show(self, status: PurchaseStatus) -> None:
        workflow.upsert_search_attributes(
            [
                ORDER_STATUS.value_set(status),
                DEADLINE.value_set(self._deadline),
                AMOUNT_MINOR.value_set(constants.PRICE.amount),
            ]
        )


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)
class NoopWorkflow:
    """Begins and ends."""

    @workflow.run
    async def run(self) -> None:
        """Nothing."""


async def _local(step: Callable[[Asked], Awaitable[Answer]], request: Asked) -> Answer:
    answer: Any = await workflow.execute_local_activity(
        step, request, **called(DATABASE_STEP, "A step of the twin")
    )
    return answer  # type: ignore[no-any-return]  # as the step declares it


async def _regular(step: Callable[[Asked], Awaitable[None]], request: Asked) -> None:
    await workflow.execute_activity(step, request, **called(PROMPT_STEP, "A step of the twin"))
