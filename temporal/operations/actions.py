"""The one way in which operators steer purchases, whether from a page or from a command line.

Every call is limited in time and safe to repeat: an update carries an id made of what was seen when
it was asked for, so that the same click twice is one update, and what was done is answered as done.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from temporalio.client import (
    Client,
    ScheduleOverlapPolicy,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from temporal.calls import NobodyAnsweredError, TooLateError, answered
from temporal.lookup import WorkflowLookup
from temporal.purchases import DisputedError, Purchases
from workflows.messages import Steering
from workflows.purchase.address import purchase_workflow_id
from workflows.purchase.messages import (
    CancelOutcome,
    CancelPurchase,
    CancelReason,
    ExtendPurchase,
    PurchaseOutcome,
    PurchaseState,
)
from workflows.purchase.workflow import PurchaseWorkflow
from workflows.queues import TaskQueue
from workflows.reconciliation.address import RECONCILIATION, reconciliation_workflow_id
from workflows.reconciliation.messages import Reconciled, StartReconciliation
from workflows.reconciliation.workflow import ReconciliationWorkflow
from workflows.refund.address import refund_workflow_id
from workflows.refund.messages import RefundOutcome
from workflows.refund.words import DISPUTED
from workflows.refund.workflow import RefundWorkflow
from workflows.search_attributes import TICKET_ID

__all__ = ["NotScheduledError", "Operations", "RefusedError", "Steering"]

CHECK_WITHIN: Final = timedelta(seconds=30)
"""How long a person waits for the check of one order: healing is looked after for 20 s."""

NOT_REFUNDABLE: Final = "Only a complete order can be refunded, and only once."


WORKFLOW_ENDED: Final = "AcceptedUpdateCompletedWorkflow"
"""What Temporal itself calls it when a workflow ended before it had answered."""


class RefusedError(TooLateError):
    """The workflow does not do that now; the text is its sentence about why."""


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
        self._purchases = Purchases(client)

    async def extend(
        self, order_id: str, by: timedelta, steering: Steering, *, seen: datetime | None = None
    ) -> datetime:
        """Move the deadline; the new one.

        ``seen`` is the deadline that ``by`` is meant to be added to; with the same one again it is
        the same extension. Without it, the deadline of this moment.
        """
        if seen is None:
            seen = (await self.state(order_id)).deadline
        place = int(seen.timestamp() * 1000)
        async with _steered():
            extended = await self._purchase(order_id).execute_update(
                PurchaseWorkflow.extend,
                ExtendPurchase(**steering.model_dump(), by=by),
                id=f"extend-{place}-{int(by.total_seconds())}",
            )
        return extended.expires_at

    async def cancel(self, order_id: str, steering: Steering) -> None:
        """End the purchase: void what the bank holds, free the ticket."""
        async with _steered():
            cancelled = await self._purchase(order_id).execute_update(
                PurchaseWorkflow.cancel,
                CancelPurchase(reason=CancelReason.OPERATOR, **steering.model_dump()),
                id="cancel-by-operator",
            )
        if cancelled.outcome is CancelOutcome.TOO_LATE:
            raise TooLateError

    async def retry_capture(self, order_id: str, steering: Steering) -> None:
        """Have a purchase that waits for Stripe try again now, under the same key."""
        async with _steered():
            await self._purchase(order_id).execute_update(PurchaseWorkflow.retry_capture, steering)

    async def refund(self, order_id: str, ticket_id: str, steering: Steering) -> None:
        """Begin the refund of a complete order, or have one that has failed try again."""
        if not await self._waits_for_person(order_id):
            await self._begin_refund(order_id, ticket_id, steering)
            return
        # Without a fixed id: what is refused for a dispute today may be done when that is won. The
        # second of two clicks is refused by the workflow.
        async with _steered():
            await self._refund(order_id).execute_update(RefundWorkflow.refund, steering)

    async def settle_refund(self, order_id: str, steering: Steering) -> None:
        """The money went back by other means: the order is refunded."""
        async with _steered():
            await self._refund(order_id).execute_update(
                RefundWorkflow.settle, steering, id="settle"
            )

    async def check(self, order_id: str) -> Reconciled:
        """Hold one order against Stripe and Temporal, and heal what is safe."""
        async with answered(within=CHECK_WITHIN):
            handle = await self._client.start_workflow(
                ReconciliationWorkflow.run,
                StartReconciliation(order_id=order_id),
                id=reconciliation_workflow_id(order_id),
                task_queue=TaskQueue.OPERATIONS,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"Check of order {order_id}",
            )
            try:
                return await handle.result()
            except WorkflowFailureError as error:
                raise NobodyAnsweredError from error

    async def reconcile(self) -> None:
        """Check everything now, unless that is being done already. Raises ``NotScheduledError``."""
        async with answered():
            try:
                await self._client.get_schedule_handle(RECONCILIATION).trigger(
                    overlap=ScheduleOverlapPolicy.SKIP
                )
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    raise NotScheduledError from error
                raise

    async def state(self, order_id: str) -> PurchaseState:
        """How the purchase stands, in its own words."""
        async with answered():
            return await self._purchase(order_id).query(PurchaseWorkflow.state)

    async def ticket_of(self, order_id: str) -> str:
        """Which ticket a purchase is about, as Temporal remembers it."""
        async with answered():
            described = await self._purchase(order_id).describe()
        ticket_id = described.typed_search_attributes.get(TICKET_ID)
        if ticket_id is None:
            raise RefusedError("Temporal does not know which ticket this purchase is about.")
        return ticket_id

    async def _waits_for_person(self, order_id: str) -> bool:
        """Whether there is a refund that goes on only with a person's help."""
        async with answered():
            if not (await self._lookup.find(refund_workflow_id(order_id))).is_open:
                return False
            return (await self._refund(order_id).query(RefundWorkflow.state)).waits_for_person

    async def _begin_refund(self, order_id: str, ticket_id: str, steering: Steering) -> None:
        try:
            await self._purchases.refund(order_id, ticket_id, steering=steering)
        except DisputedError as error:
            raise RefusedError(DISPUTED) from error
        except TooLateError as error:
            raise RefusedError(NOT_REFUNDABLE) from error

    def _purchase(self, order_id: str) -> WorkflowHandle[PurchaseWorkflow, PurchaseOutcome]:
        return self._client.get_workflow_handle_for(
            PurchaseWorkflow.run, purchase_workflow_id(order_id)
        )

    def _refund(self, order_id: str) -> WorkflowHandle[RefundWorkflow, RefundOutcome]:
        return self._client.get_workflow_handle_for(
            RefundWorkflow.run, refund_workflow_id(order_id)
        )


@asynccontextmanager
async def _steered() -> AsyncIterator[None]:
    """An update that a validator or the workflow may refuse, in a sentence for a person."""
    try:
        async with answered():
            yield
    except TooLateError as error:
        failure = error.__cause__
        cause = failure.cause if isinstance(failure, WorkflowUpdateFailedError) else None
        if isinstance(cause, ApplicationError) and cause.type != WORKFLOW_ENDED:
            raise RefusedError(cause.message) from error
        raise
