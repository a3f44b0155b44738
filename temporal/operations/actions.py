"""The one way in which operators steer purchases, whether from a page or from a command line.

Every call is limited in time and safe to repeat: an update carries an id made of what was seen when
it was asked for, so that the same click twice is one update, and what was done is answered as done.
"""

from datetime import datetime, timedelta
from typing import Final

from temporalio.client import (
    Client,
    ScheduleOverlapPolicy,
    WithStartWorkflowOperation,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError, RPCStatusCode

from temporal.calls import NobodyAnsweredError, RefusedError, TooLateError, answered
from temporal.lookup import WorkflowLookup
from workflows.messages import Steering
from workflows.purchase.address import purchase_workflow_id
from workflows.purchase.messages import (
    Cancelled,
    CancelOutcome,
    CancelPurchase,
    CancelReason,
    Extended,
    ExtendPurchase,
    PurchaseOutcome,
    PurchaseState,
)
from workflows.purchase.workflow import PurchaseWorkflow
from workflows.queues import TaskQueue
from workflows.reconciliation.address import SCHEDULE_ID, reconciliation_workflow_id
from workflows.reconciliation.messages import Reconciled, StartReconciliation
from workflows.refund.address import refund_workflow_id
from workflows.refund.messages import BeginOutcome, RefundOutcome, RefundState, StartRefund
from workflows.refund.workflow import RefundWorkflow
from workflows.search_attributes import TICKET_ID

__all__ = ["NotScheduledError", "Operations", "Steering"]

CHECK_WITHIN: Final = timedelta(seconds=20)
"""How long a person waits for the check of one order, which asks Stripe."""

NOT_REFUNDABLE: Final = "Only a complete order can be refunded, and only once."
DISPUTED: Final = (
    "The buyer's bank disputes this payment: what is refunded now could be lost twice."
)


class NotScheduledError(NobodyAnsweredError):
    """This namespace has no reconciliation: ``python -m temporal.bootstrap`` makes it."""


class Operations:
    """Steers purchases and refunds, and has them checked.

    Raises ``RefusedError`` with the workflow's sentence, ``TooLateError`` when there is no such
    workflow or it has ended, and ``NobodyAnsweredError``: then it may still happen.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lookup = WorkflowLookup(client)

    async def extend(
        self, order_id: str, by: timedelta, steering: Steering, *, seen: datetime | None = None
    ) -> datetime:
        """Move the deadline; the new one.

        ``seen`` is the deadline that ``by`` is meant to be added to; with the same one again it is
        the same extension. Without it, the deadline of this moment.
        """
        if seen is None:
            seen = (await self.state(order_id)).deadline
        place = int(seen.timestamp() * 1000) if seen else 0
        async with answered():
            extended: Extended = await self._purchase(order_id).execute_update(
                "extend",
                ExtendPurchase(**steering.model_dump(), by=by),
                id=f"extend-{place}-{int(by.total_seconds())}",
                result_type=Extended,
            )
        return extended.expires_at

    async def cancel(self, order_id: str, steering: Steering) -> None:
        """End the purchase: void what the bank holds, free the ticket."""
        async with answered():
            cancelled: Cancelled = await self._purchase(order_id).execute_update(
                PurchaseWorkflow.cancel,
                CancelPurchase(reason=CancelReason.OPERATOR, **steering.model_dump()),
                id="cancel-by-operator",
            )
        if cancelled.outcome is CancelOutcome.TOO_LATE:
            raise TooLateError

    async def retry_capture(self, order_id: str, steering: Steering) -> None:
        """Have a purchase that waits for Stripe try again now, under the same key."""
        async with answered():
            await self._purchase(order_id).execute_update("retry_capture", steering)

    async def refund(self, order_id: str, ticket_id: str, steering: Steering) -> None:
        """Begin the refund of a complete order, or have one that has failed try again."""
        waiting = await self._waiting_refund(order_id)
        if waiting is None:
            await self._begin_refund(order_id, ticket_id, steering)
            return
        async with answered():
            await self._refund(order_id).execute_update(
                "refund", steering, id=f"refund-{waiting.attempt}"
            )

    async def settle_refund(self, order_id: str, steering: Steering) -> None:
        """The money went back by other means: the order is refunded."""
        async with answered():
            await self._refund(order_id).execute_update("settle", steering, id="settle")

    async def check(self, order_id: str) -> Reconciled:
        """Hold one order against Stripe and Temporal, and heal what is safe."""
        async with answered(within=CHECK_WITHIN):
            handle = await self._client.start_workflow(
                "ReconciliationWorkflow",
                StartReconciliation(order_id=order_id),
                id=reconciliation_workflow_id(order_id),
                task_queue=TaskQueue.OPERATIONS,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                result_type=Reconciled,
                static_summary=f"Check of order {order_id}",
            )
            try:
                reconciled: Reconciled = await handle.result()
            except WorkflowFailureError as error:
                raise NobodyAnsweredError from error
        return reconciled

    async def reconcile(self) -> None:
        """Check everything now, unless that is being done already. Raises ``NotScheduledError``."""
        async with answered():
            try:
                await self._client.get_schedule_handle(SCHEDULE_ID).trigger(
                    overlap=ScheduleOverlapPolicy.SKIP
                )
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    raise NotScheduledError from error
                raise

    async def state(self, order_id: str) -> PurchaseState:
        """How the purchase stands, in its own words."""
        async with answered():
            state: PurchaseState = await self._purchase(order_id).query(
                "state", result_type=PurchaseState
            )
        return state

    async def _waiting_refund(self, order_id: str) -> RefundState | None:
        """A refund that goes on only with a person's help."""
        async with answered():
            if not (await self._lookup.find(refund_workflow_id(order_id))).is_open:
                return None
            state = await self._refund(order_id).query("state", result_type=RefundState)
        return state if state.waits_for_person else None

    async def _begin_refund(self, order_id: str, ticket_id: str, steering: Steering) -> None:
        start = WithStartWorkflowOperation(
            RefundWorkflow.run,
            StartRefund(order_id=order_id, ticket_id=ticket_id, **steering.model_dump()),
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
                raise RefusedError(NOT_REFUNDABLE)
            case BeginOutcome.DISPUTED:
                raise RefusedError(DISPUTED)

    def _purchase(self, order_id: str) -> WorkflowHandle[PurchaseWorkflow, PurchaseOutcome]:
        return self._client.get_workflow_handle_for(
            PurchaseWorkflow.run, purchase_workflow_id(order_id)
        )

    def _refund(self, order_id: str) -> WorkflowHandle[RefundWorkflow, RefundOutcome]:
        return self._client.get_workflow_handle_for(
            RefundWorkflow.run, refund_workflow_id(order_id)
        )
