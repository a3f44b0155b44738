"""What Stripe does by itself when its time has come."""

from devstack.simulators.stripe import disputes, refunds, settlement
from devstack.simulators.stripe.work import Work


def run_due(work: Work) -> int:
    """Do everything whose time has come; how much that was."""
    rows = work.store.sql.execute(
        "SELECT * FROM timers WHERE due <= ? ORDER BY due, id", (work.clock.exact(),)
    ).fetchall()
    for row in rows:
        match row["action"]:
            case "expire_authorization":
                settlement.expire_authorization(work, row["object"])
            case "open_dispute":
                disputes.open_by_card(work, row["object"])
            case _:
                refunds.settle(work, row["object"])
        work.store.sql.execute("DELETE FROM timers WHERE id = ?", (row["id"],))
    return len(rows)


def seconds_to_next(work: Work) -> float | None:
    """How long until there is something to do again, in simulator time."""
    due = work.store.sql.execute("SELECT min(due) AS due FROM timers").fetchone()["due"]
    return None if due is None else max(0.0, due - work.clock.exact())
