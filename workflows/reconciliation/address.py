"""Where a reconciliation is found in Temporal."""

from typing import Final

RECONCILIATION: Final = "reconciliation"
"""The id of the schedule; the ids of its workflows begin with it."""


def reconciliation_workflow_id(order_id: str) -> str:
    """The id of the workflow that checks this one order, on demand."""
    return f"{RECONCILIATION}-{order_id}"
