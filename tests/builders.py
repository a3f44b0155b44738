"""What tests need to begin with, with one sensible value for everything."""

from datetime import timedelta
from uuid import uuid4

from workflows.purchase.messages import StartPurchase

WINDOW = timedelta(minutes=15)


def a_purchase(
    *,
    ticket_id: str | None = None,
    billing_id: str | None = None,
    window: timedelta = WINDOW,
    extension: timedelta = timedelta(minutes=2),
    stale_after: timedelta = timedelta(seconds=30),
) -> StartPurchase:
    """A purchase of a ticket of its own."""
    return StartPurchase(
        order_id=str(uuid4()),
        ticket_id=ticket_id or str(uuid4()),
        ticket_version=1,
        buyer_id="buyer",
        billing_id=billing_id,
        window=window,
        extension=extension,
        stale_after=stale_after,
    )
