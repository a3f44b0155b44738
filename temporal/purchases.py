"""The one way to start and to message purchases and refunds.

Every call is one round trip to Temporal, limited to ``ANSWER_WITHIN``, and safe to repeat.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import structlog
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
)
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from temporal.calls import ANSWER_WITHIN, NobodyAnsweredError, TooLateError, answered
from workflows.messages import Steering
from workflows.orphan.address import orphan_workflow_id
from workflows.orphan.messages import OrphanPayment
from workflows.orphan.workflow import OrphanPaymentWorkflow
from workflows.purchase.address import RESERVE_UPDATE_ID, purchase_workflow_id
from workflows.purchase.messages import (
    BillOrder,
    BillOutcome,
    CancelOutcome,
    CancelPurchase,
    CancelReason,
    PaymentAuthorized,
    PaymentDeclined,
    PurchaseOutcome,
    ReserveOutcome,
    StartPurchase,
)
from workflows.purchase.workflow import PurchaseWorkflow
from workflows.queues import TaskQueue
from workflows.refund.address import refund_workflow_id
from workflows.refund.messages import BeginOutcome, StartRefund
from workflows.refund.workflow import RefundWorkflow
from workflows.search_attributes import BUYER_ID, TICKET_ID

GOODBYE_WITHIN: Final = timedelta(milliseconds=800)
"""How long we try to take back a start that nobody answered."""
START_WITHIN: Final = ANSWER_WITHIN - GOODBYE_WITHIN
"""How long a start waits for a worker: with the goodbye it takes no longer than any other call."""


class TicketUnavailableError(Exception):
    """Somebody else has the ticket, or it is not as the buyer saw it."""


class PurchaseAbandonedError(Exception):
    """This start was given up before it touched the ticket; it can never succeed any more."""


class PaymentProviderAwayError(Exception):
    """Stripe did not answer promptly; the purchase goes on trying by itself."""


class PaymentRefusedError(Exception):
    """Stripe will not take this order."""


class DisputedError(Exception):
    """The buyer's bank has been asked for the money: nothing is refunded until that is over."""


class TakenBackError(NobodyAnsweredError):
    """Nobody answered, and the start has been told so: it keeps no ticket, whoever takes it."""


class Purchases:
    """Starts and messages purchases, refunds and orphan payments."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(
        self,
        *,
        order_id: str,
        ticket_id: str,
        ticket_version: int,
        buyer_id: str,
        billing_id: str | None,
        window: timedelta,
        extension: timedelta,
        summary: str,
    ) -> datetime:
        """Reserve the ticket for this order; when the hold ends, in UTC.

        A repeat joins the same purchase and gets the same answer. Raises
        ``TicketUnavailableError``, ``PurchaseAbandonedError`` or ``NobodyAnsweredError``; in the
        last case the start, if there is one, is told not to take the ticket (``TakenBackError``
        when it has been told).
        """
        _about(order_id, purchase_workflow_id(order_id))
        start = WithStartWorkflowOperation(
            PurchaseWorkflow.run,
            StartPurchase(
                order_id=order_id,
                ticket_id=ticket_id,
                ticket_version=ticket_version,
                buyer_id=buyer_id,
                billing_id=billing_id,
                window=window,
                extension=extension,
            ),
            id=purchase_workflow_id(order_id),
            task_queue=TaskQueue.PURCHASES,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=TypedSearchAttributes(
                [
                    SearchAttributePair(TICKET_ID, ticket_id),
                    SearchAttributePair(BUYER_ID, buyer_id),
                ]
            ),
            static_summary=summary,
            static_details=_details(order_id, ticket_id, ticket_version, buyer_id),
        )
        try:
            async with answered(start, within=START_WITHIN):
                reservation = await self._client.execute_update_with_start_workflow(
                    PurchaseWorkflow.reserve, start_workflow_operation=start, id=RESERVE_UPDATE_ID
                )
        except NobodyAnsweredError as error:
            if await self._take_back(order_id):
                raise TakenBackError from error
            raise
        except WorkflowAlreadyStartedError as error:
            # Over, and it never heard of the click: a server that went down forgot it.
            raise PurchaseAbandonedError from error
        match reservation.outcome:
            case ReserveOutcome.UNAVAILABLE:
                raise TicketUnavailableError
            case ReserveOutcome.ABANDONED:
                raise PurchaseAbandonedError
        assert reservation.expires_at is not None  # noqa: S101 - comes with every reservation
        return reservation.expires_at

    async def bill(self, order_id: str, billing_id: str) -> None:
        """Make the order payable at this stored address.

        Raises ``TooLateError``, ``PaymentProviderAwayError``, ``PaymentRefusedError`` or
        ``NobodyAnsweredError``.
        """
        async with answered():
            billed = await self._purchase(order_id).execute_update(
                PurchaseWorkflow.bill, BillOrder(billing_id=billing_id), id=f"bill-{billing_id}"
            )
        match billed.outcome:
            case BillOutcome.TOO_LATE:
                raise TooLateError
            case BillOutcome.UNSETTLED:
                raise PaymentProviderAwayError
            case BillOutcome.REFUSED:
                raise PaymentRefusedError

    async def cancel(self, order_id: str) -> None:
        """End the purchase for its buyer. Raises ``TooLateError`` or ``NobodyAnsweredError``."""
        async with answered():
            cancelled = await self._purchase(order_id).execute_update(
                PurchaseWorkflow.cancel, CancelPurchase(reason=CancelReason.BUYER)
            )
        if cancelled.outcome is CancelOutcome.TOO_LATE:
            raise TooLateError

    async def refund(
        self,
        order_id: str,
        ticket_id: str,
        *,
        steering: Steering | None = None,
        adopt: str | None = None,
    ) -> None:
        """Begin the refund of a complete order, or of one whose refund failed after it was done.

        ``steering`` says which operator asks; ``adopt`` names a refund that was made at Stripe, so
        that none is made. Raises ``TooLateError`` when the order cannot be refunded,
        ``DisputedError``, or ``NobodyAnsweredError``: then the refund, if it was started, still
        happens once a worker is back.
        """
        _about(order_id, refund_workflow_id(order_id))
        start = WithStartWorkflowOperation(
            RefundWorkflow.run,
            StartRefund(
                order_id=order_id,
                ticket_id=ticket_id,
                actor=steering.actor if steering else None,
                why=steering.why if steering else None,
                adopt=adopt,
            ),
            id=refund_workflow_id(order_id),
            task_queue=TaskQueue.PURCHASES,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            # The order's own compare-and-set is what allows only one refund.
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            search_attributes=TypedSearchAttributes([SearchAttributePair(TICKET_ID, ticket_id)]),
            static_summary=f"Refund of order {order_id}",
        )
        async with answered(start):
            begun = await self._client.execute_update_with_start_workflow(
                RefundWorkflow.begin, start_workflow_operation=start
            )
        match begun.outcome:
            case BeginOutcome.REFUSED:
                raise TooLateError
            case BeginOutcome.DISPUTED:
                raise DisputedError

    async def payment_authorized(
        self, order_id: str, payment_intent_id: str, authorized_at: datetime
    ) -> None:
        """Stripe holds the money. Raises ``TooLateError`` when the purchase is closed."""
        async with answered():
            await self._purchase(order_id).signal(
                PurchaseWorkflow.payment_authorized,
                PaymentAuthorized(payment_intent_id=payment_intent_id, authorized_at=authorized_at),
            )

    async def payment_declined(self, order_id: str, attempt_id: str, code: str) -> None:
        """The bank said no. Raises ``TooLateError`` when the purchase is closed."""
        async with answered():
            await self._purchase(order_id).signal(
                PurchaseWorkflow.payment_declined, PaymentDeclined(attempt_id=attempt_id, code=code)
            )

    async def refund_settled(self, order_id: str) -> None:
        """Stripe has news of an open refund. Raises ``TooLateError`` when it is closed."""
        _about(order_id, refund_workflow_id(order_id))
        async with answered():
            await self._client.get_workflow_handle(refund_workflow_id(order_id)).signal(
                RefundWorkflow.refund_settled
            )

    async def payment_orphaned(self, order_id: str, payment_intent_id: str) -> None:
        """Give back money that no purchase waits for. Joins a handler that is at work already."""
        _about(order_id, orphan_workflow_id(payment_intent_id))
        async with answered():
            await self._client.start_workflow(
                OrphanPaymentWorkflow.run,
                OrphanPayment(order_id=order_id, payment_intent_id=payment_intent_id),
                id=orphan_workflow_id(payment_intent_id),
                task_queue=TaskQueue.PURCHASES,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"Payment for closed order {order_id}",
            )

    def _purchase(self, order_id: str) -> WorkflowHandle[PurchaseWorkflow, PurchaseOutcome]:
        _about(order_id, purchase_workflow_id(order_id))
        return self._client.get_workflow_handle_for(
            PurchaseWorkflow.run, purchase_workflow_id(order_id)
        )

    async def _take_back(self, order_id: str) -> bool:
        with suppress(RPCError, TimeoutError):
            async with asyncio.timeout(GOODBYE_WITHIN.total_seconds()):
                await self._purchase(order_id).signal(PurchaseWorkflow.withdraw)
                return True
        return False


def _about(order_id: str, workflow_id: str) -> None:
    """What is logged of this request from here on names them."""
    structlog.contextvars.bind_contextvars(order_id=order_id, workflow_id=workflow_id)


def _details(order_id: str, ticket_id: str, ticket_version: int, buyer_id: str) -> str:
    """What Temporal's page shows of a purchase for good: ids only, in Markdown."""
    return (
        f"Order `{order_id}`: ticket `{ticket_id}` (version {ticket_version}) "
        f"for buyer `{buyer_id}`."
    )
