"""Where a purchase is found in Temporal."""

from typing import Final

RESERVE_UPDATE_ID: Final = "reserve"
"""Fixed, so that a repeated click gets the answer of the first one."""


def purchase_workflow_id(order_id: str) -> str:
    """The id of the workflow that carries this order."""
    return f"purchase-{order_id}"
