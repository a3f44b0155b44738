"""What an operator sees of a purchase in Temporal's own pages."""

from datetime import UTC, datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.purchase.messages import CancelReason, PurchaseStatus
    from workflows.search_attributes import AMOUNT_MINOR, DEADLINE, ORDER_STATUS


def show(
    status: PurchaseStatus,
    *,
    deadline: datetime,
    amount: int,
    decline: str | None,
    reason: CancelReason | None,
) -> None:
    """Keep search attributes and the current details true; neither costs a state transition."""
    workflow.upsert_search_attributes(
        [
            ORDER_STATUS.value_set(status),
            DEADLINE.value_set(deadline),
            AMOUNT_MINOR.value_set(amount),
        ]
    )
    workflow.set_current_details(_sentence(status, deadline, decline, reason))


def _sentence(
    status: PurchaseStatus, deadline: datetime, decline: str | None, reason: CancelReason | None
) -> str:
    until = f"{deadline.astimezone(UTC):%H:%M:%S} UTC"
    match status:
        case PurchaseStatus.CREATED:
            return f"Ticket held until **{until}**; waiting for the billing address."
        case PurchaseStatus.AWAITING_PAYMENT:
            declined = f" Last card declined: `{decline}`." if decline else ""
            return f"Waiting for payment until **{until}**.{declined}"
        case PurchaseStatus.COMPLETE:
            return "Paid, ticket sold."
        case PurchaseStatus.CANCELLED:
            return f"Cancelled: **{reason}**. The ticket is back on the market."
        case PurchaseStatus.UNAVAILABLE:
            return "The ticket was not to be had."
        case PurchaseStatus.ABANDONED:
            return "Nobody was waiting any more when a worker came; the ticket was not touched."
