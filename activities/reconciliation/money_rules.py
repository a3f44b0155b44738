"""Rules about money: I2, I3 and I6, and webhooks that were missed."""

from datetime import datetime

from activities.reconciliation.case import Case, Intent, Patience
from activities.reconciliation.problems import (
    Problems,
    payment_stands,
    remedy_for,
    total_of,
    wrong,
)
from activities.reconciliation.words import moment, money
from services.operations.documents import Invariant, Trouble
from services.orders.documents import Order, OrderStatus, PaymentStatus
from workflows.purchase.payment_steps import PaymentStanding
from workflows.reconciliation.messages import Remedy


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
        f"Order {order.id} is {order.status} with a total of {total_of(order)}, but Stripe has"
        f" captured {money(received)} and given back {money(given_back)}"
        f" ({payment_stands(case.own)})."
    )
    yield wrong(case, Invariant.MONEY_MATCHES_SALES, order.id, detail, intent=case.own)


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
        cure = remedy_for(case, Remedy.TELL_AUTHORIZED, intent, authorized_at=tried_at)
        yield wrong(case, None, f"authorized-{intent.id}", detail, intent=intent, cure=cure)
    decline = intent.decline
    known = decline and decline.attempt_id in {entry.about for entry in order.timeline}
    if intent.standing is PaymentStanding.UNPAID and decline and not known:
        detail = f"The bank said {decline.code} to {intent.id}, and order {order.id} does not show."
        cure = remedy_for(
            case, Remedy.TELL_DECLINED, intent, attempt_id=decline.attempt_id, code=decline.code
        )
        yield wrong(case, None, f"declined-{intent.id}", detail, intent=intent, cure=cure)


def money_has_somebody_who_decides(case: Case, _: datetime, __: Patience) -> Problems:
    """I6 and I2: money of an open order whose purchase is lost is decided on at once.

    That a rescue has begun is not enough: it may wait for Stripe for hours. What it has not decided
    when it is looked at for the last time, a person hears of.
    """
    intent = case.own
    if intent is None or not case.is_open or case.purchase_is_open:
        return
    whose = "whose purchase is gone" + ("; a rescue is at it" if case.rescue_is_open else "")
    if intent.standing is PaymentStanding.AUTHORIZED and not case.orphan_is_open(intent):
        detail = f"{_held(intent)} for order {case.order_id}, {whose}."
        yield wrong(
            case,
            Invariant.EVERY_HOLD_HAS_A_WORKFLOW,
            intent.id,
            detail,
            intent=intent,
            cure=remedy_for(case, Remedy.DECIDE, intent),
        )
    if intent.standing is PaymentStanding.CAPTURED:
        detail = (
            f"{money(intent.received)} were captured for order {case.order_id}, which is still"
            f" open, and {whose}."
        )
        yield wrong(
            case,
            Invariant.CAPTURED_MEANS_SOLD,
            str(case.order_id),
            detail,
            intent=intent,
            cure=remedy_for(case, Remedy.DECIDE, intent),
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
            detail = (
                f"Payment {intent.id} is {intent.standing} {whose}; giving it back is under way."
            )
            yield wrong(case, Trouble.ORPHAN_PAYMENT, intent.id, detail, intent=intent)
        return
    cure = remedy_for(case, Remedy.SETTLE_ORPHAN, intent)
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
        yield wrong(case, None, f"unpaid-{intent.id}", detail, intent=intent, cure=cure)
        return
    yield wrong(case, kind, subject, detail, intent=intent, cure=cure)


def _whose(case: Case, intent: Intent) -> str:
    if case.order is None:
        return f"for order {case.order_id}, which does not exist"
    if intent is case.own:
        return f"for order {case.order_id}, which is {case.order.status}"
    return f"beside the payment of order {case.order_id}"


def _settled_by_a_person(order: Order) -> bool:
    """Whether an operator said that the money went back by other means."""
    return order.refund is not None and order.refund.status == "settled"


def _held(intent: Intent) -> str:
    since = f" since {moment(intent.charged_at)}" if intent.charged_at else ""
    return f"The bank holds money for {intent.id}{since}"
