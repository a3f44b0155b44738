"""What the simulator can account for: money that moved, and deliveries that were made."""

from collections import Counter, defaultdict

from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.store import Store

COLUMNS = ("authorized", "captured", "refunded", "voided")
TAKEN_OUT = {"refund_failed": "refunded", "dispute_won": "disputed"}
"""Moves that undo those of another column."""


def ledger(store: Store, intent_id: str | None) -> Document:
    """Per PaymentIntent and in total, in minor units, summed from the moves themselves.

    ``refunded`` counts pending and succeeded refunds; a refund that failed is taken out again.
    ``disputed``, where there was a dispute, is what the bank has taken back and kept.
    """
    rows = store.sql.execute(
        "SELECT * FROM ledger WHERE ?1 IS NULL OR payment_intent = ?1 ORDER BY seq", (intent_id,)
    ).fetchall()
    intents: defaultdict[str, Document] = defaultdict(
        lambda: {**dict.fromkeys(COLUMNS, 0), "captures": [], "refunds": []}
    )
    totals: Counter[str] = Counter(dict.fromkeys(COLUMNS, 0))
    for row in rows:
        account = intents[row["payment_intent"]]
        column = TAKEN_OUT.get(row["what"], row["what"])
        amount = -row["amount"] if row["what"] in TAKEN_OUT else row["amount"]
        account[column] = account.get(column, 0) + amount
        totals[column] += amount
        move = {"amount": amount, "created": row["created"]}
        if column == "captured":
            account["captures"].append({"charge": row["object"], **move})
        if column == "refunded":
            account["refunds"].append({"refund": row["object"], **move})
    return {"payment_intents": dict(intents), "totals": dict(totals)}


def deliveries(store: Store, event_id: str | None) -> list[Document]:
    """Webhook deliveries, oldest first, with their attempts and last status."""
    rows = store.sql.execute(
        "SELECT id, event, type, state, attempts, last_status, last_error FROM deliveries"
        " WHERE ?1 IS NULL OR event = ?1 ORDER BY id",
        (event_id,),
    )
    return [dict(row) for row in rows]
