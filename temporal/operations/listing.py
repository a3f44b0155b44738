"""Purchases as Temporal's search knows them: a moment late, and without a database of ours."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from temporalio.client import Client, WorkflowExecution

from temporal.calls import answered
from workflows.search_attributes import AMOUNT_MINOR, DEADLINE, ORDER_STATUS, TICKET_ID

OPEN: Final = "open"
ANY: Final = "any"
STATUSES: Final = (
    *("created", "awaiting_payment", "complete", "cancelled"),
    *("refunding", "refund_failed", "refunded", "unavailable", "abandoned"),
)
STATES: Final = (OPEN, ANY, *STATUSES)
FOREVER: Final = datetime.max.replace(tzinfo=UTC)
MOST: Final = 1_000
"""Temporal's search cannot sort: so many are read to find those with the nearest deadline."""


@dataclass(frozen=True)
class Listed:
    """One purchase, or one refund."""

    order_id: str
    status: str
    deadline: datetime | None
    amount: int | None
    """In minor units."""
    ticket_id: str | None


async def listed(client: Client, state: str, limit: int) -> list[Listed]:
    """Open ones begin with the nearest deadline, all others with the newest."""
    wanted = MOST if state == OPEN else limit
    async with answered():
        found = [
            _read(workflow) async for workflow in client.list_workflows(_query(state), limit=wanted)
        ]
    if state == OPEN:
        found.sort(key=lambda each: each.deadline or FOREVER)
    return list(islice(found, limit))


def _query(state: str) -> str:
    """A purchase that is being refunded is found by its refund, which is what goes on then."""
    match state:
        case "open":
            return (
                "WorkflowType = 'PurchaseWorkflow' AND ExecutionStatus = 'Running' "
                "AND OrderStatus IN ('created', 'awaiting_payment')"
            )
        case "any":
            return "WorkflowType = 'PurchaseWorkflow'"
        case _:
            return f"OrderStatus = '{state}'"


def _read(workflow: WorkflowExecution) -> Listed:
    known = workflow.typed_search_attributes
    return Listed(
        order_id=workflow.id.partition("-")[2],
        status=known.get(ORDER_STATUS) or "starting",
        deadline=known.get(DEADLINE),
        amount=known.get(AMOUNT_MINOR),
        ticket_id=known.get(TICKET_ID),
    )
