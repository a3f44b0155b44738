"""Where a rescue is found in Temporal."""


def rescue_workflow_id(order_id: str) -> str:
    """The id of the workflow that does for this order what its purchase no longer can."""
    return f"rescue-{order_id}"
