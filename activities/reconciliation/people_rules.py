"""Rules about what people wait for: refunds, disputes, mail."""

from datetime import datetime
from typing import Final

from activities.reconciliation.case import Case, Patience
from activities.reconciliation.problems import Problems, remedy_for, total_of, wrong
from activities.reconciliation.words import moment, money
from services.operations.documents import Invariant, Trouble
from services.orders.documents import Order, OrderStatus
from workflows.reconciliation.messages import Remedy

DISPUTED: Final = ("needs_response", "under_review")
"""How the words end that Stripe has for a dispute that is not over."""


def refund_goes_on(case: Case, now: datetime, patience: Patience) -> Problems:
    """A refund has a workflow, knows its result, and has not failed."""
    order = case.order
    if order is None or order.refund is None:
        return
    said = f"The refund of {total_of(order)} for order {order.id}"
    if order.refund.status == "failed":
        detail = f"{said} has failed ({order.refund.failure or 'no reason given'})."
        yield wrong(case, Trouble.REFUND_FAILED, order.id, detail, intent=case.own)
        return
    if order.status is not OrderStatus.REFUNDING or not _is_quiet(order, now, patience):
        return
    if not case.refund_is_open:
        yield wrong(
            case,
            Invariant.CAPTURED_MEANS_SOLD,
            order.id,
            f"{said} is {order.refund.status}, and its workflow is gone.",
            intent=case.own,
            cure=remedy_for(case, Remedy.RESUME_REFUND),
        )
    elif order.refund.status == "pending" and not case.refund_is_moving:
        cure = remedy_for(case, Remedy.TELL_REFUND)
        detail = f"{said} is settled at Stripe, and its workflow does not know it."
        yield wrong(case, None, f"refund-{order.id}", detail, intent=case.own, cure=cure)


def nothing_is_disputed(case: Case, _: datetime, __: Patience) -> Problems:
    """A dispute wants an answer from a person."""
    dispute = case.order.dispute if case.order else None
    if dispute is None or not dispute.status.endswith(DISPUTED):
        return
    detail = (
        f"The buyer of order {case.order_id} disputes {money(dispute.amount.amount)}"
        f" ({dispute.reason}) since {moment(dispute.opened_at)}: {dispute.status}, {dispute.id}."
    )
    yield wrong(case, Trouble.DISPUTE, str(case.order_id), detail, intent=case.own)


def everybody_was_written_to(case: Case, _: datetime, __: Patience) -> Problems:
    """Mail that an order calls for has gone out once its workflows are over."""
    if case.somebody_decides or case.refund_is_open:
        return
    for reason in case.unsent:
        detail = f"The mail that order {case.order_id} is {reason} has not gone out."
        if case.mail_given_up:
            yield wrong(case, Trouble.MAIL_GIVEN_UP, str(case.order_id), detail)
            continue
        cure = remedy_for(case, Remedy.SEND_MAIL, mail=reason)
        yield wrong(case, None, f"mail-{reason}-{case.order_id}", detail, cure=cure)


def _is_quiet(order: Order, now: datetime, patience: Patience) -> bool:
    """Whether nothing has happened to it for so long that nothing is on its way."""
    return now - (order.changed_at or order.created_at) > patience.message
