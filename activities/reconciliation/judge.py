"""What is wrong with an order: a pure function of what is known of it.

One rule per question. Each may assume that the workflows were looked up before everything else was
read: what a workflow that had ended by then has left behind does not move any more.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from activities.reconciliation.case import Case, Intent, Patience, Problem
from activities.reconciliation.words import moment, money, pause
from services.operations.documents import Invariant, Trouble
from services.orders.documents import Order, OrderStatus, PaymentStatus
from services.tickets.documents import Ticket, TicketStatus
from workflows.purchase.payment_steps import PaymentStanding
from workflows.reconciliation.messages import Cure, Remedy, Suspect

DISPUTED: Final = ("needs_response", "under_review")
"""How the words end that Stripe has for a dispute that is not over."""
CONCERNS_SALE: Final = (OrderStatus.COMPLETE, OrderStatus.REFUNDING)

Problems = Iterator[Problem]
Rule = Callable[[Case, datetime, Patience], Problems]


def judge(case: Case, now: datetime, patience: Patience) -> list[Problem]:
    """Everything that is wrong with it; nothing for an order that is as it should be."""
    return [problem for rule in RULES for problem in rule(case, now, patience)]


def is_doubtful(case: Case, now: datetime, patience: Patience) -> bool:
    """Whether something could be wrong, however its workflows stand: then they are looked up."""
    stands = (frozenset[str](), case.workflows)
    return any(judge(replace(case, open=each), now, patience) for each in stands)


def one_order_per_ticket(case: Case, _: datetime, __: Patience) -> Problems:
    """I1: at most one active order claims a ticket."""
    if case.order is not None and len(case.claims) > 1:
        orders = " and ".join(sorted(case.claims))
        detail = f"Orders {orders} both claim ticket {case.order.ticket_id}."
        yield _wrong(case, Invariant.ONE_ORDER_PER_TICKET, case.order.ticket_id, detail)


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
    ticket = next((each for each in case.tickets if each.id == order.ticket_id), None)
    stands = "does not exist" if ticket is None else f"is {ticket.status} to {ticket.held_by}"
    detail = f"Order {order.id} is {order.status}, but its ticket {order.ticket_id} {stands}."
    cure = None if case.somebody_decides else _cure(case, Remedy.DECIDE)
    yield _wrong(case, Invariant.ONE_ORDER_PER_TICKET, order.ticket_id, detail, cure=cure)


def captured_means_sold(case: Case, _: datetime, __: Patience) -> Problems:
    """I2: whoever has paid has the ticket, or is getting the money back."""
    order = case.order
    if order is None or order.status not in CONCERNS_SALE or _has_ticket(case, order, sold=True):
        return
    ticket = next((each for each in case.tickets if each.id == order.ticket_id), None)
    stands = "does not exist" if ticket is None else f"is {ticket.status} to {ticket.held_by}"
    detail = (
        f"Order {order.id} is {order.status} and has paid {_total(order)}, but ticket"
        f" {order.ticket_id} {stands}."
    )
    yield _wrong(case, Invariant.CAPTURED_MEANS_SOLD, order.id, detail)


def sale_matches_the_money(case: Case, _: datetime, __: Patience) -> Problems:
    """I3: of a sale exactly the total is ours; of a refunded one nothing."""
    order = case.order
    if order is None or order.dispute is not None:
        return
    total = order.total.amount if order.total else 0
    kept = case.own.kept if case.own else 0
    received = case.own.received if case.own else 0
    right = {
        OrderStatus.COMPLETE: total > 0 and kept == total,
        OrderStatus.REFUNDING: received == total,
        OrderStatus.REFUNDED: kept == 0 or _settled_by_a_person(order),
    }
    if right.get(order.status, True):
        return
    given_back = received - kept
    detail = (
        f"Order {order.id} is {order.status} with a total of {_total(order)}, but Stripe has"
        f" captured {money(received)} and given back {money(given_back)}"
        f" ({_stands(case.own)})."
    )
    yield _wrong(case, Invariant.MONEY_MATCHES_SALES, order.id, detail, intent=case.own)


def nothing_held_too_long(case: Case, now: datetime, patience: Patience) -> Problems:
    """I4: an open order ends at its deadline, its purchase alive or not."""
    order = case.order
    if order is None or not case.is_open:
        return
    ends = [order.expires_at, *(t.held_until for t in case.tickets if t.held_by == order.id)]
    deadline = min(end for end in ends if end is not None)
    if not _is_past(deadline, now, patience):
        return
    cure = None if case.somebody_decides else _cure(case, Remedy.DECIDE)
    works = "is still at work" if case.somebody_decides else "is gone"
    detail = (
        f"Ticket {order.ticket_id} is still reserved {pause(now - deadline)} after its deadline"
        f" ({moment(deadline)}). Order {order.id} is {order.status}, {_stands(case.own)}; its"
        f" purchase {works}."
    )
    yield _wrong(case, Invariant.NOTHING_HELD_TOO_LONG, order.ticket_id, detail, cure=cure)


def open_purchase_knows_of_its_payment(case: Case, now: datetime, patience: Patience) -> Problems:
    """A webhook that was missed: the purchase is told."""
    order, intent = case.order, case.own
    if order is None or intent is None or not (case.is_open and case.purchase_is_open):
        return
    tried_at = intent.charged_at or intent.created_at
    if now - tried_at <= patience.message:
        return
    held = intent.standing is PaymentStanding.AUTHORIZED
    if held and order.payment.status is not PaymentStatus.AUTHORIZED:
        detail = f"{_held(intent)}, and the purchase of order {order.id} does not know it."
        cure = _cure(case, Remedy.TELL_AUTHORIZED, intent, authorized_at=tried_at)
        yield _wrong(case, None, f"authorized-{intent.id}", detail, intent=intent, cure=cure)
    decline = intent.decline
    known = decline and decline.attempt_id in {entry.about for entry in order.timeline}
    if intent.standing is PaymentStanding.UNPAID and decline and not known:
        detail = f"The bank said {decline.code} to {intent.id}, and order {order.id} does not show."
        cure = _cure(
            case, Remedy.TELL_DECLINED, intent, attempt_id=decline.attempt_id, code=decline.code
        )
        yield _wrong(case, None, f"declined-{intent.id}", detail, intent=intent, cure=cure)


def money_has_somebody_who_decides(case: Case, _: datetime, __: Patience) -> Problems:
    """I6 and I2: money of an open order whose purchase is lost is decided on at once."""
    intent = case.own
    if intent is None or not case.is_open or case.somebody_decides:
        return
    if intent.standing is PaymentStanding.AUTHORIZED and not case.orphan_is_open(intent):
        detail = f"{_held(intent)} for order {case.order_id}, whose purchase is gone."
        yield _wrong(
            case,
            Invariant.EVERY_HOLD_HAS_A_WORKFLOW,
            intent.id,
            detail,
            intent=intent,
            cure=_cure(case, Remedy.DECIDE, intent),
        )
    if intent.standing is PaymentStanding.CAPTURED:
        detail = (
            f"{money(intent.received)} were captured for order {case.order_id}, which is still"
            f" open, and whose purchase is gone."
        )
        yield _wrong(
            case,
            Invariant.CAPTURED_MEANS_SOLD,
            str(case.order_id),
            detail,
            intent=intent,
            cure=_cure(case, Remedy.DECIDE, intent),
        )


def cancelled_order_keeps_no_money(case: Case, now: datetime, patience: Patience) -> Problems:
    """I6, I2 and a forgotten void: nobody pays for an order that is cancelled.

    Whoever cancels an order has closed its till before, so that nobody is still at it.
    """
    order, intent = case.order, case.own
    if order is not None and order.status is OrderStatus.CANCELLED and intent is not None:
        yield from _unwanted(case, intent, now, patience, void_unpaid=True)


def nobody_pays_for_nothing(case: Case, now: datetime, patience: Patience) -> Problems:
    """I6 and I2: money that is no order's own goes back."""
    if case.order is None and case.purchase_is_open:
        return
    for intent in case.strangers:
        yield from _unwanted(case, intent, now, patience, void_unpaid=False)


def refund_goes_on(case: Case, now: datetime, patience: Patience) -> Problems:
    """A refund has a workflow, knows its result, and has not failed."""
    order = case.order
    if order is None or order.refund is None:
        return
    said = f"The refund of {_total(order)} for order {order.id}"
    if order.refund.status == "failed":
        detail = f"{said} has failed ({order.refund.failure or 'no reason given'})."
        yield _wrong(case, Trouble.REFUND_FAILED, order.id, detail, intent=case.own)
        return
    if order.status is not OrderStatus.REFUNDING or not _is_quiet(order, now, patience):
        return
    if not case.refund_is_open:
        yield _wrong(
            case,
            Invariant.CAPTURED_MEANS_SOLD,
            order.id,
            f"{said} is {order.refund.status}, and its workflow is gone.",
            intent=case.own,
            cure=_cure(case, Remedy.RESUME_REFUND),
        )
    elif order.refund.status == "pending" and not case.refund_is_moving:
        cure = _cure(case, Remedy.TELL_REFUND)
        detail = f"{said} is settled at Stripe, and its workflow does not know it."
        yield _wrong(case, None, f"refund-{order.id}", detail, intent=case.own, cure=cure)


def nothing_is_disputed(case: Case, _: datetime, __: Patience) -> Problems:
    """A dispute wants an answer from a person."""
    dispute = case.order.dispute if case.order else None
    if dispute is None or not dispute.status.endswith(DISPUTED):
        return
    detail = (
        f"The buyer of order {case.order_id} disputes {money(dispute.amount.amount)}"
        f" ({dispute.reason}) since {moment(dispute.opened_at)}: {dispute.status}, {dispute.id}."
    )
    yield _wrong(case, Trouble.DISPUTE, str(case.order_id), detail, intent=case.own)


def everybody_was_written_to(case: Case, _: datetime, __: Patience) -> Problems:
    """Mail that an order calls for has gone out once its workflows are over."""
    if case.somebody_decides or case.refund_is_open:
        return
    for reason in case.unsent:
        detail = f"The mail that order {case.order_id} is {reason} has not gone out."
        if case.mail_given_up:
            yield _wrong(case, Trouble.MAIL_GIVEN_UP, str(case.order_id), detail)
            continue
        cure = _cure(case, Remedy.SEND_MAIL, mail=reason)
        yield _wrong(case, None, f"mail-{reason}-{case.order_id}", detail, cure=cure)


RULES: Final[tuple[Rule, ...]] = (
    one_order_per_ticket,
    ticket_agrees_with_its_order,
    open_order_holds_its_ticket,
    captured_means_sold,
    sale_matches_the_money,
    nothing_held_too_long,
    open_purchase_knows_of_its_payment,
    money_has_somebody_who_decides,
    cancelled_order_keeps_no_money,
    nobody_pays_for_nothing,
    refund_goes_on,
    nothing_is_disputed,
    everybody_was_written_to,
)


def _unwanted(
    case: Case, intent: Intent, now: datetime, patience: Patience, *, void_unpaid: bool
) -> Problems:
    """Money at Stripe that nobody is entitled to keep."""
    held = intent.standing is PaymentStanding.AUTHORIZED
    taken = intent.standing is PaymentStanding.CAPTURED and intent.kept > 0
    unpaid = void_unpaid and intent.standing is PaymentStanding.UNPAID
    if not (held or taken or unpaid):
        return
    whose = _whose(case, intent)
    if case.orphan_is_open(intent):
        if (held or taken) and now - (intent.charged_at or intent.created_at) > patience.message:
            detail = f"{_stands(intent).capitalize()} {whose}; giving it back is still under way."
            yield _wrong(case, Trouble.ORPHAN_PAYMENT, intent.id, detail, intent=intent)
        return
    cure = _cure(case, Remedy.SETTLE_ORPHAN, intent)
    if held:
        kind, subject, detail = (
            Invariant.EVERY_HOLD_HAS_A_WORKFLOW,
            intent.id,
            f"{_held(intent)} {whose}, and nobody is voiding it.",
        )
    elif taken:
        kind, subject, detail = (
            Invariant.CAPTURED_MEANS_SOLD,
            intent.id,
            f"{money(intent.kept)} of {intent.id} were captured {whose}, and are not given back.",
        )
    else:
        detail = f"{intent.id} can still be paid {whose}."
        yield _wrong(case, None, f"unpaid-{intent.id}", detail, intent=intent, cure=cure)
        return
    yield _wrong(case, kind, subject, detail, intent=intent, cure=cure)


def _whose(case: Case, intent: Intent) -> str:
    if case.order is None:
        return f"for order {case.order_id}, which does not exist"
    if intent is case.own:
        return f"for order {case.order_id}, which is {case.order.status}"
    return f"beside the payment of order {case.order_id}"


def _ticket_wrong(
    case: Case,
    ticket: Ticket,
    detail: str,
    remedy: Remedy | None = None,
    kind: Invariant = Invariant.ONE_ORDER_PER_TICKET,
) -> Problem:
    cure = _cure(case, remedy, ticket_id=ticket.id) if remedy else None
    return _wrong(case, kind, ticket.id, detail, cure=cure)._replace(ticket_id=ticket.id)


def _wrong(
    case: Case,
    kind: Invariant | Trouble | None,
    subject: str,
    detail: str,
    *,
    intent: Intent | None = None,
    cure: Cure | None = None,
) -> Problem:
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
    return problem._replace(cure=cure.model_copy(update={"key": problem.key}))


def _cure(
    case: Case,
    remedy: Remedy,
    intent: Intent | None = None,
    **more: Any,  # noqa: ANN401 - fields of ``Cure``
) -> Cure:
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


def _has_ticket(case: Case, order: Order, *, sold: bool = False) -> bool:
    taken = (TicketStatus.SOLD,) if sold else (TicketStatus.RESERVED, TicketStatus.SOLD)
    return any(
        ticket.id == order.ticket_id and ticket.held_by == order.id and ticket.status in taken
        for ticket in case.tickets
    )


def _is_past(deadline: datetime | None, now: datetime, patience: Patience) -> bool:
    return deadline is None or now - deadline > patience.hold


def _is_quiet(order: Order, now: datetime, patience: Patience) -> bool:
    """Whether nothing has happened to it for so long that nothing is on its way."""
    return now - (order.changed_at or order.created_at) > patience.message


def _settled_by_a_person(order: Order) -> bool:
    """Whether an operator said that the money went back by other means."""
    return any(
        entry.actor is not None and ("settled" in entry.what or entry.what == "refunded")
        for entry in order.timeline
    )


def _total(order: Order) -> str:
    return money(order.total.amount, order.total.currency) if order.total else "nothing"


def _held(intent: Intent) -> str:
    since = f" since {moment(intent.charged_at)}" if intent.charged_at else ""
    return f"The bank holds money for {intent.id}{since}"


def _stands(intent: Intent | None) -> str:
    if intent is None:
        return "no payment"
    return f"payment {intent.id} is {intent.standing}"
