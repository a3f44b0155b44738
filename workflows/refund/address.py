"""Where a refund is found in Temporal."""


def refund_workflow_id(order_id: str) -> str:
    """The id of the workflow that refunds this order."""
    return f"refund-{order_id}"
