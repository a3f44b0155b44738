"""Rules about tickets: I1, I2 and I4. Each yields what is wrong, for a reader in one sentence."""

from datetime import datetime
from typing import Final

from activities.reconciliation.case import Case, Patience, Problem
from activities.reconciliation.problems import (
    Problems,
    payment_stands,
    remedy_for,
    total_of,
    wrong,
)
from activities.reconciliation.words import moment, pause
from services.operations.documents import Invariant
from services.orders.documents import Order, OrderStatus
from services.tickets.documents import Ticket, TicketStatus
from workflows.reconciliation.messages import Remedy

CONCERNS_SALE: Final = (OrderStatus.COMPLETE, OrderStatus.REFUNDING)


def one_order_per_ticket(case: Case, _: datetime, __: Patience) -> Problems:
    """I1: at most one active order claims a ticket."""
    if case.order is not None and len(case.claims) > 1:
        orders = " and ".join(sorted(case.claims))
        detail = f"Orders {orders} both claim ticket {case.order.ticket_id}."
        yield wrong(case, Invariant.ONE_ORDER_PER_TICKET, case.order.ticket_id, detail)


def ticket_agrees_with_its_order(case: Case, now: datetime, patience: Patience) -> Problems:
    """I1: a ticket that is taken is taken by an order that claims it."""
    for ticket in case.tickets:
        if ticket.status is TicketStatus.AVAILABLE:
            continue
        if ticket.held_by is None:
            yield _ticket_wrong(case, ticket, f"Ticket {ticket.id} is {ticket.status} to no order.")
        elif ticket.held_by == case.order_id:
            yield from _held_rightly(case, ticket, now, patience)


def _held_rightly(case: Case, ticket: Ticket, now: datetime, patience: Patience) -> Problems:
    said = f"Ticket {ticket.id} is {ticket.status} to order {case.order_id}"
    if case.order is None:
        if ticket.status is TicketStatus.SOLD:
            yield _ticket_wrong(case, ticket, f"{said}, which does not exist.")
        elif not case.somebody_decides and _is_past(ticket.held_until, now, patience):
            detail = f"{said}, which does not exist, since {moment(ticket.updated_at)}."
            yield _ticket_wrong(
                case, ticket, detail, Remedy.DECIDE, kind=Invariant.NOTHING_HELD_TOO_LONG
            )
    elif case.order.ticket_id != ticket.id:
        yield _ticket_wrong(case, ticket, f"{said}, which is for ticket {case.order.ticket_id}.")
    elif case.is_over and not (case.somebody_decides or case.refund_is_open):
        yield _ticket_wrong(case, ticket, f"{said}, which is {case.order.status}.", Remedy.RELEASE)
    elif case.is_open and ticket.status is TicketStatus.SOLD and not case.somebody_decides:
        yield _ticket_wrong(case, ticket, f"{said}, which is still open.", Remedy.DECIDE)


def open_order_holds_its_ticket(case: Case, _: datetime, __: Patience) -> Problems:
    """I1: an open order has its ticket to itself."""
    order = case.order
    if order is None or not case.is_open or _has_ticket(case, order):
        return
    detail = (
        f"Order {order.id} is {order.status}, but its ticket {order.ticket_id}"
        f" {_ticket_stands(case, order)}."
    )
    cure = None if case.somebody_decides else remedy_for(case, Remedy.DECIDE)
    yield wrong(case, Invariant.ONE_ORDER_PER_TICKET, order.ticket_id, detail, cure=cure)


def captured_means_sold(case: Case, _: datetime, __: Patience) -> Problems:
    """I2: whoever has paid has the ticket, or is getting the money back."""
    order = case.order
    if order is None or order.status not in CONCERNS_SALE or _has_ticket(case, order, sold=True):
        return
    detail = (
        f"Order {order.id} is {order.status} and has paid {total_of(order)}, but ticket"
        f" {order.ticket_id} {_ticket_stands(case, order)}."
    )
    yield wrong(case, Invariant.CAPTURED_MEANS_SOLD, order.id, detail)


def nothing_held_too_long(case: Case, now: datetime, patience: Patience) -> Problems:
    """I4: an open order ends at its deadline, its purchase alive or not."""
    order = case.order
    if order is None or not case.is_open:
        return
    ends = [order.expires_at, *(t.held_until for t in case.tickets if t.held_by == order.id)]
    deadline = min(end for end in ends if end is not None)
    if not _is_past(deadline, now, patience):
        return
    cure = None if case.somebody_decides else remedy_for(case, Remedy.DECIDE)
    works = "is still at work" if case.purchase_is_open else "is gone"
    if case.rescue_is_open:
        works += ", and a rescue is at work"
    detail = (
        f"Ticket {order.ticket_id} is still reserved {pause(now - deadline)} after its deadline"
        f" ({moment(deadline)}). Order {order.id} is {order.status}, {payment_stands(case.own)};"
        f" its purchase {works}."
    )
    yield wrong(case, Invariant.NOTHING_HELD_TOO_LONG, order.ticket_id, detail, cure=cure)


def _ticket_wrong(
    case: Case,
    ticket: Ticket,
    detail: str,
    remedy: Remedy | None = None,
    kind: Invariant = Invariant.ONE_ORDER_PER_TICKET,
) -> Problem:
    cure = remedy_for(case, remedy, ticket_id=ticket.id) if remedy else None
    return wrong(case, kind, ticket.id, detail, cure=cure)._replace(ticket_id=ticket.id)


def _has_ticket(case: Case, order: Order, *, sold: bool = False) -> bool:
    taken = (TicketStatus.SOLD,) if sold else (TicketStatus.RESERVED, TicketStatus.SOLD)
    return any(
        ticket.id == order.ticket_id and ticket.held_by == order.id and ticket.status in taken
        for ticket in case.tickets
    )


def _ticket_stands(case: Case, order: Order) -> str:
    ticket = next((each for each in case.tickets if each.id == order.ticket_id), None)
    if ticket is None:
        return "does not exist"
    if ticket.status is TicketStatus.AVAILABLE:
        return "is for sale"
    return f"is {ticket.status} to order {ticket.held_by}"


def _is_past(deadline: datetime | None, now: datetime, patience: Patience) -> bool:
    return deadline is None or now - deadline > patience.hold
