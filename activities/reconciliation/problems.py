"""How a rule says what is wrong, and what would put it right."""

from collections.abc import Iterator
from typing import Any

from activities.reconciliation.case import Case, Intent, Problem
from activities.reconciliation.words import money
from services.operations.documents import Invariant, Trouble
from services.orders.documents import Order
from workflows.reconciliation.messages import Cure, Remedy, Suspect

Problems = Iterator[Problem]


def wrong(
    case: Case,
    kind: Invariant | Trouble | None,
    subject: str,
    detail: str,
    *,
    intent: Intent | None = None,
    cure: Cure | None = None,
) -> Problem:
    """A problem of this case; a cure is named after what it is for."""
    problem = Problem(
        kind,
        subject,
        detail,
        order_id=case.order_id,
        ticket_id=case.order.ticket_id if case.order else None,
        payment_intent_id=intent.id if intent else None,
    )
    if cure is None:
        return problem
    return problem._replace(cure=cure.model_copy(update={"key": problem.key, "detail": detail}))


def remedy_for(
    case: Case,
    remedy: Remedy,
    intent: Intent | None = None,
    **more: Any,  # noqa: ANN401 - fields of ``Cure``
) -> Cure:
    """A remedy with what it needs to know of the case, and where to look whether it has helped."""
    order_id = case.order_id or ""
    ticket_id = more.pop("ticket_id", case.order.ticket_id if case.order else "")
    intent_id = intent.id if intent else None
    return Cure(
        key="",
        remedy=remedy,
        suspect=Suspect(
            order_id=case.order_id, ticket_id=ticket_id or None, payment_intent_id=intent_id
        ),
        order_id=order_id,
        ticket_id=ticket_id,
        payment_intent_id=intent_id or "",
        **more,
    )


def total_of(order: Order) -> str:
    """What the order costs."""
    return money(order.total.amount, order.total.currency) if order.total else "nothing"


def payment_stands(intent: Intent | None) -> str:
    """How its payment stands."""
    if intent is None:
        return "no payment"
    return f"payment {intent.id} is {intent.standing}"
