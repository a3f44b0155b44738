"""Where reconciliations are found in Temporal."""

from typing import Final

SCHEDULE_ID: Final = "reconciliation"


def reconciliation_workflow_id(order_id: str) -> str:
    """The id of the workflow that checks this one order."""
    return f"reconciliation-{order_id}"
