"""Purchases as a table of comma-separated values."""

import csv
from io import StringIO
from typing import Final

from api.operations.schemas import PurchaseView

COLUMNS: Final = (
    *("order_id", "status", "cancel_reason", "ticket_id", "ticket_title"),
    *("buyer_id", "seller_id", "price_minor", "total_minor", "currency"),
    *("payment_status", "payment_intent_id", "refund_status", "dispute_status"),
    *("created_at", "expires_at", "findings"),
)
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet compute a cell instead of showing it."""


def header() -> str:
    """The first line."""
    return _line(COLUMNS)


def row(purchase: PurchaseView) -> str:
    """One purchase. Amounts are integer minor units, times are UTC."""
    return _line(
        (
            purchase.order_id,
            purchase.status,
            purchase.cancel_reason,
            purchase.ticket_id,
            purchase.ticket_title,
            purchase.buyer_id,
            purchase.seller_id,
            purchase.price.amount,
            purchase.total.amount if purchase.total else None,
            purchase.price.currency,
            purchase.payment_status,
            purchase.payment_intent_id,
            purchase.refund_status,
            purchase.dispute_status,
            purchase.created_at.isoformat(),
            purchase.expires_at.isoformat(),
            purchase.findings,
        )
    )


def _line(cells: tuple[str | int | None, ...]) -> str:
    """One line; a text that begins like a formula begins with an apostrophe instead."""
    out = StringIO()
    csv.writer(out).writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: str | int | None) -> str | int | None:
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return cell
