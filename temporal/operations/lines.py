"""What the command says, as plain lines."""

from collections.abc import Iterator
from datetime import UTC, datetime

from temporal.operations.listing import Listed
from temporal.operations.looking import Seen, Workflows
from workflows.purchase.messages import PurchaseState
from workflows.reconciliation.messages import Reconciled


def moment(at: datetime | None) -> str:
    """In UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else "-"


def of_list(found: list[Listed]) -> Iterator[str]:
    """One line for each purchase."""
    if not found:
        yield "None."
    for each in found:
        amount = "-" if each.amount is None else str(each.amount)
        yield (
            f"{each.order_id}  {each.status:<16}  until {moment(each.deadline)}  "
            f"{amount:>8} minor  ticket {each.ticket_id or '-'}"
        )


def of_purchase(workflows: Workflows, state: PurchaseState | None) -> Iterator[str]:
    """How one purchase stands."""
    yield from _of_workflow(workflows.purchase)
    if state is not None:
        yield from (f"  {name}: {value}" for name, value in _facts(state) if value is not None)
    for other in (workflows.refund, workflows.rescue, workflows.orphan):
        if other is not None and other.is_there:
            yield from _of_workflow(other)


def of_check(reconciled: Reconciled) -> str:
    """What a check has done."""
    return (
        f"{reconciled.orders_checked} checked, {reconciled.healed} healed, "
        f"{reconciled.found} need a person."
    )


def _of_workflow(seen: Seen) -> Iterator[str]:
    found = seen.found
    if found is None:
        yield f"{seen.workflow_id}: Temporal did not answer"
        return
    until = f", ended {moment(found.closed_at)}" if found.closed_at else ""
    yield f"{seen.workflow_id}: {found.standing}, began {moment(found.started_at)}{until}"
    if seen.says is not None:
        yield from (f"  | {line}" for line in seen.says.splitlines())


def _facts(state: PurchaseState) -> Iterator[tuple[str, object]]:
    yield "status", state.status
    yield "deadline", moment(state.deadline)
    yield "waiting for", state.waiting_for
    yield "amount", f"{state.amount} minor units"
    yield "PaymentIntent", state.payment_intent_id
    yield "authorized", moment(state.authorized_at) if state.authorized_at else None
    yield "last decline", state.last_decline
    yield "cancelled because", state.cancel_reason
