"""What enters and leaves a reconciliation."""

from workflows.messages import Message


class StartReconciliation(Message):
    """Check everything of late, or this one order."""

    order_id: str | None = None


class Reconciled(Message):
    """What a reconciliation has done."""

    orders_checked: int = 0
    healed: int = 0
    found: int = 0
