"""Runs reconciliations by hand, breaks things by hand, and reads the board."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle
from temporalio.testing import ActivityEnvironment

from services.clock import now
from services.operations.documents import Finding
from services.operations.store import OperationsStore
from tests.api.market import BILLING, Json, Market, Person, intent_of
from workflows.purchase.address import purchase_workflow_id
from workflows.queues import TaskQueue
from workflows.reconciliation.address import reconciliation_workflow_id
from workflows.reconciliation.messages import Reconciled, StartReconciliation
from workflows.reconciliation.workflow import ReconciliationWorkflow

LONG_AGO = timedelta(hours=3)


class Auditor:
    """A person on duty, with their hands in the databases."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._board = OperationsStore()

    async def begin(
        self, start: StartReconciliation | None = None
    ) -> WorkflowHandle[ReconciliationWorkflow, Reconciled]:
        """Begin a check of everything, as the schedule does."""
        return await self.market.temporal.start_workflow(
            ReconciliationWorkflow.run,
            start or StartReconciliation(),
            id=reconciliation_workflow_id(uuid4().hex),
            task_queue=TaskQueue.OPERATIONS,
        )

    async def check(self, order: Json | None = None) -> Reconciled:
        """Check everything, or one order; back when that is done."""
        start = StartReconciliation(order_id=order["id"] if order else None)
        return await (await self.begin(start)).result()

    async def board(self) -> dict[str, Finding]:
        """What is on the board, by kind and subject."""
        return {finding.id: finding for finding in await self._board.board()}

    async def healed(self) -> list[str]:
        """What the board says has been put right, by kind and subject."""
        mended = await self._board.healed(since=now() - timedelta(hours=1))
        return sorted(finding.id for finding in mended)

    async def sold(self, seller: Person, buyer: Person) -> Json:
        """A complete order, with its purchase over and its mail sent."""
        order = await self.billed(seller, buyer)
        await self.market.pay(order)
        complete = await buyer.when_it_is(order, "complete")
        await self.purchase_is_over(order)
        return complete | {"pi": intent_of(order)}

    async def sold_by_check(self, seller: Person, buyer: Person) -> Json:
        """The same while no webhook comes: a reconciliation is what completes it."""
        order = await self.billed(seller, buyer)
        await self.market.pay(order)
        await self.check()
        complete = await buyer.when_it_is(order, "complete")
        await self.purchase_is_over(order)
        return complete | {"pi": intent_of(order)}

    async def billed(self, seller: Person, buyer: Person) -> Json:
        """An order that can be paid."""
        return await buyer.buys(await seller.lists(), billing=BILLING)

    async def purchase_is_over(self, order: Json) -> None:
        """Back when the purchase has closed."""
        await self.market.temporal.get_workflow_handle(purchase_workflow_id(order["id"])).result()

    async def lose_purchase(self, order: Json) -> None:
        """What nobody should do: the purchase is terminated and does nothing more."""
        purchase = self.market.temporal.get_workflow_handle(purchase_workflow_id(order["id"]))
        await purchase.terminate("by hand")

    async def change_order(self, order: Json, **fields: Any) -> None:  # noqa: ANN401 - any value
        """Write into the order by hand."""
        orders = self.market.databases.orders["orders"]
        await orders.update_one({"_id": order["id"]}, {"$set": _dotted(fields)})

    async def change_ticket(self, ticket_id: str, **fields: Any) -> None:  # noqa: ANN401 - any value
        """Write into the ticket by hand."""
        tickets = self.market.databases.tickets["tickets"]
        await tickets.update_one({"_id": ticket_id}, {"$set": fields})

    async def let_the_hold_run_out(self, order: Json) -> None:
        """The deadline has been over for long."""
        found = await self.market.databases.orders["orders"].find_one({"_id": order["id"]})
        assert found is not None
        past = found["created_at"] - LONG_AGO
        await self.change_order(order, expires_at=past)
        await self.change_ticket(order["ticket"]["id"], held_until=past)


def a_step_at(moment: datetime) -> ActivityEnvironment:
    """Runs a step of a check that began at this moment, by Temporal's clock."""
    temporal = ActivityEnvironment()
    temporal.info = replace(temporal.info, started_time=moment)
    return temporal


def _dotted(fields: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("__", "."): value for name, value in fields.items()}
