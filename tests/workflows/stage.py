"""A workflow test's stage: fakes behind a real worker, on a clock that skips."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.testing import WorkflowEnvironment

from tests.fakes import (
    FakeChecks,
    FakeClosures,
    FakeOrders,
    FakePost,
    FakeStripe,
    FakeTickets,
    Script,
)
from workers.purchases import (
    WORKFLOWS,
    mail_worker,
    operations_worker,
    payments_worker,
    purchases_worker,
)
from workers.purchases import Steps as StepsOfProcess
from workers.settings import WorkerSettings
from workflows.letters.address import letter_workflow_id
from workflows.letters.steps import SendLetter
from workflows.letters.workflow import LetterWorkflow
from workflows.purchase.address import RESERVE_UPDATE_ID, purchase_workflow_id
from workflows.purchase.messages import (
    PaymentAuthorized,
    PurchaseOutcome,
    Reservation,
    StartPurchase,
)
from workflows.purchase.workflow import PurchaseWorkflow
from workflows.queues import TaskQueue

PATIENCE_SECONDS = 30
Outcome = TypeVar("Outcome")
PurchaseHandle = WorkflowHandle[PurchaseWorkflow, PurchaseOutcome]


@dataclass
class Stage:
    """The fakes of one test, and the server whose clock it moves."""

    environment: WorkflowEnvironment
    script: Script = field(default_factory=Script)

    def __post_init__(self) -> None:
        self.tickets = FakeTickets(self.script)
        self.orders = FakeOrders(self.script)
        self.stripe = FakeStripe(self.script)
        self.post = FakePost(self.script)
        self.closures = FakeClosures(self.script)
        self.checks = FakeChecks(self.script)

    @property
    def client(self) -> Client:
        """A client of the test server."""
        return self.environment.client

    @property
    def calls(self) -> list[str]:
        """The steps taken so far, in order."""
        return self.script.calls

    async def now(self) -> datetime:
        """The server's time."""
        return (await self.environment.get_current_time()).astimezone(UTC)

    async def start(self, purchase: StartPurchase) -> tuple[PurchaseHandle, Reservation]:
        """Start it as the API does."""
        operation = WithStartWorkflowOperation(
            PurchaseWorkflow.run,
            purchase,
            id=purchase_workflow_id(purchase.order_id),
            task_queue=TaskQueue.PURCHASES,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        reservation = await self.client.execute_update_with_start_workflow(
            PurchaseWorkflow.reserve, start_workflow_operation=operation, id=RESERVE_UPDATE_ID
        )
        return await operation.workflow_handle(), reservation

    async def a_letter(self) -> WorkflowHandle[LetterWorkflow, bool]:
        """Start it as the API does; back when it has ended, with the clock at rest."""
        request_id = str(uuid4())
        handle = await self.client.start_workflow(
            LetterWorkflow.run,
            SendLetter(request_id=request_id),
            id=letter_workflow_id(request_id),
            task_queue=TaskQueue.PURCHASES,
        )
        await self.client.get_workflow_handle(handle.id).result()
        return handle

    async def outcome(self, handle: WorkflowHandle[Any, Outcome]) -> Outcome:
        """How it ends; the clock skips until then, if it can.

        The SDK lets time skip only for handles of a plain start, not of an Update-with-Start.
        """
        environment: Any = self.environment
        if not environment.supports_time_skipping:
            return await handle.result()
        async with environment.time_skipping_unlocked():
            return await handle.result()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait, with the clock at rest, for something that the workflow does now."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():  # noqa: ASYNC110 - nothing there sets an event
                await asyncio.sleep(0.02)

    async def says(self, handle: PurchaseHandle) -> str:
        """What Temporal's page shows of it."""
        shown = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        return str(shown.current_details)

    async def pay(self, handle: PurchaseHandle, *, at: datetime | None = None) -> None:
        """The buyer's bank holds the money, and the webhook says so."""
        moment = at or await self.now()
        self.stripe.authorize(moment)
        await handle.signal(
            PurchaseWorkflow.payment_authorized,
            PaymentAuthorized(payment_intent_id="pi_1", authorized_at=moment),
        )

    @asynccontextmanager
    async def workers(
        self, *, build_id: str = "", workflows: Sequence[type] = WORKFLOWS
    ) -> AsyncIterator[None]:
        """Workers of every queue, as a process would run them, with the fakes behind."""
        steps = StepsOfProcess(
            tickets=self.tickets,
            orders=self.orders,
            payments=self.stripe,
            mail=self.post,
            refund_orders=self.orders,
            refund_payments=self.stripe,
            orphans=self.stripe,
            letters=self.post,
            closures=self.closures,
            checks=self.checks,
        )
        settings = WorkerSettings(graceful_seconds=0, build_id=build_id)
        made = (
            purchases_worker(self.client, steps, settings, workflows),
            payments_worker(self.client, steps, settings),
            mail_worker(self.client, steps, settings),
            operations_worker(self.client, steps, settings),
        )
        async with made[0], made[1], made[2], made[3]:
            yield
