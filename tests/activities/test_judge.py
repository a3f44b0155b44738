"""What is wrong with an order: each rule in both directions, on orders made by hand."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.reconciliation.case import Case, Intent, Patience, Problem
from activities.reconciliation.judge import is_doubtful, judge
from services.database import Databases
from services.money import Money
from services.orders.documents import (
    Dispute,
    Order,
    OrderStatus,
    PaymentStatus,
    Refund,
    TimelineEntry,
)
from services.payments.stripe import Decline
from services.tickets.documents import Ticket, TicketStatus
from tests.order_builders import DEADLINE, NOON, an_order
from workflows.mail_steps import MailReason
from workflows.orphan.address import orphan_workflow_id
from workflows.purchase.address import purchase_workflow_id
from workflows.purchase.payment_steps import PaymentStanding
from workflows.reconciliation.messages import Remedy
from workflows.refund.address import refund_workflow_id
from workflows.rescue.address import rescue_workflow_id

SOON = NOON + timedelta(minutes=10)
"""Before the deadline."""
LATE = DEADLINE + timedelta(minutes=10)
TOTAL = 16800
PATIENCE = Patience()

UNPAID, AUTHORIZED = PaymentStanding.UNPAID, PaymentStanding.AUTHORIZED
CAPTURED, CANCELED = PaymentStanding.CAPTURED, PaymentStanding.CANCELED
OPEN, SETTLED = OrderStatus.AWAITING_PAYMENT, OrderStatus.COMPLETE


@pytest.fixture(autouse=True)
def documents(databases: Databases) -> None:
    """Beanie's documents need a database behind them."""


def a_ticket(order: Order, status: TicketStatus, *, held_by: str | None = None) -> Ticket:
    held = status is not TicketStatus.AVAILABLE
    return Ticket(
        id=order.ticket_id,
        seller_id="seller",
        title="Front row",
        title_key="front row",
        price=Money(amount=16000),
        status=status,
        held_by=held_by or (order.id if held else None),
        held_until=DEADLINE if status is TicketStatus.RESERVED else None,
        created_at=NOON,
        updated_at=NOON,
    )


def an_intent(standing: PaymentStanding, intent_id: str = "pi_own", **more: object) -> Intent:
    received = TOTAL if standing is CAPTURED else 0
    charged_at = None if standing is UNPAID else NOON
    facts: dict[str, Any] = {
        "received": received,
        "given_back": 0,
        "created_at": NOON,
        "charged_at": charged_at,
    }
    return Intent(intent_id, standing, **{**facts, **more})


TAKEN = {
    OrderStatus.CREATED: TicketStatus.RESERVED,
    OPEN: TicketStatus.RESERVED,
    SETTLED: TicketStatus.SOLD,
    OrderStatus.REFUNDING: TicketStatus.SOLD,
    OrderStatus.REFUNDED: TicketStatus.AVAILABLE,
    OrderStatus.CANCELLED: TicketStatus.AVAILABLE,
}
PAID = {
    OPEN: an_intent(UNPAID),
    SETTLED: an_intent(CAPTURED),
    OrderStatus.REFUNDING: an_intent(CAPTURED),
    OrderStatus.REFUNDED: an_intent(CAPTURED, given_back=TOTAL),
    OrderStatus.CANCELLED: an_intent(CANCELED),
}


def a_case(status: OrderStatus, *, workflow: str | None = None, **changes: object) -> Case:
    """An order that is as it should be, but for the changes; ``workflow`` is the one open."""
    own = None if status is OrderStatus.CREATED else "pi_own"
    order = an_order(status, order_id="order", ticket_id="ticket", payment_intent_id=own)
    order.total = Money(amount=TOTAL) if own else None
    if order.refund is not None:
        order.refund.status = "succeeded" if status is OrderStatus.REFUNDED else "pending"
    ids = {
        None: frozenset[str](),
        "purchase": frozenset({purchase_workflow_id("order")}),
        "refund": frozenset({refund_workflow_id("order")}),
        "rescue": frozenset({rescue_workflow_id("order")}),
        "orphan": frozenset({orphan_workflow_id("pi_own"), orphan_workflow_id("pi_odd")}),
    }
    facts: dict[str, Any] = {
        "order": order,
        "tickets": (a_ticket(order, TAKEN[status]),),
        "claims": ("order",) if order.active else (),
        "intents": (PAID[status],) if own else (),
        "open": ids[workflow],
    }
    return Case(order_id="order", **{**facts, **changes})


def found(case: Case, now: datetime = SOON) -> list[tuple[str | None, Remedy | None]]:
    """Kinds and remedies of what is wrong."""
    return [
        (each.kind, each.cure.remedy if each.cure else None) for each in judge(case, now, PATIENCE)
    ]


def only(case: Case, now: datetime = SOON) -> Problem:
    """The one thing that is wrong."""
    (problem,) = judge(case, now, PATIENCE)
    return problem


@pytest.mark.parametrize(
    ("status", "workflow"),
    [
        (OrderStatus.CREATED, "purchase"),
        (OPEN, "purchase"),
        (SETTLED, None),
        (SETTLED, "purchase"),
        (OrderStatus.REFUNDING, "refund"),
        (OrderStatus.REFUNDED, None),
        (OrderStatus.REFUNDED, "refund"),
        (OrderStatus.CANCELLED, None),
        (OrderStatus.CANCELLED, "purchase"),
    ],
)
def test_nothing_is_wrong_with_an_order_as_it_should_be(
    status: OrderStatus, workflow: str | None
) -> None:
    assert found(a_case(status, workflow=workflow)) == []


@pytest.mark.parametrize("status", [SETTLED, OrderStatus.REFUNDED, OrderStatus.CANCELLED])
def test_an_order_that_is_done_with_needs_no_look_at_its_workflows(status: OrderStatus) -> None:
    assert not is_doubtful(a_case(status), LATE, PATIENCE)


@pytest.mark.parametrize(
    ("changes", "doubtful"),
    [
        ({"intents": (an_intent(UNPAID),)}, False),
        ({"intents": (an_intent(AUTHORIZED),)}, True),
        ({"intents": (an_intent(UNPAID, decline=Decline("ch_1", "expired_card")),)}, True),
    ],
)
def test_an_open_order_is_doubtful_when_something_could_be_wrong(
    changes: dict[str, Any], doubtful: bool
) -> None:
    assert is_doubtful(a_case(OPEN, **changes), SOON, PATIENCE) is doubtful


# --- I1 -------------------------------------------------------------------------------------------


def test_two_orders_for_one_ticket() -> None:
    assert found(a_case(SETTLED, claims=("order", "other"))) == [("I1", None)]


def test_a_ticket_taken_by_nobody() -> None:
    order = an_order()
    ticket = a_ticket(order, TicketStatus.SOLD)
    ticket.held_by = None
    assert found(Case(order_id=None, tickets=(ticket,))) == [("I1", None)]


def test_a_ticket_sold_to_an_order_that_does_not_exist() -> None:
    ticket = a_ticket(an_order(order_id="order"), TicketStatus.SOLD)
    assert found(Case(order_id="order", tickets=(ticket,))) == [("I1", None)]


def test_a_ticket_reserved_for_an_order_that_does_not_exist_yet_is_left_alone_for_a_while() -> None:
    ticket = a_ticket(an_order(order_id="order"), TicketStatus.RESERVED)
    case = Case(order_id="order", tickets=(ticket,))
    assert found(case) == []
    assert found(case, LATE) == [("I4", Remedy.DECIDE)]
    alive = Case(
        order_id="order", tickets=(ticket,), open=frozenset({purchase_workflow_id("order")})
    )
    assert found(alive, LATE) == []


def test_a_second_ticket_held_by_the_order() -> None:
    case = a_case(SETTLED)
    other = a_ticket(an_order(order_id="order"), TicketStatus.SOLD)
    assert found(replace(case, tickets=(*case.tickets, other))) == [("I1", None)]


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.REFUNDED])
@pytest.mark.parametrize("taken", [TicketStatus.RESERVED, TicketStatus.SOLD])
def test_a_ticket_that_an_order_has_kept_after_its_end(
    status: OrderStatus, taken: TicketStatus
) -> None:
    order = a_case(status).order
    assert order is not None
    kept = (a_ticket(order, taken),)
    assert found(a_case(status, tickets=kept)) == [("I1", Remedy.RELEASE)]
    for workflow in ("purchase", "refund", "rescue"):
        assert found(a_case(status, tickets=kept, workflow=workflow)) == []


def test_an_open_order_without_its_ticket() -> None:
    assert found(a_case(OPEN, tickets=())) == [("I1", Remedy.DECIDE)]
    assert found(a_case(OPEN, tickets=(), workflow="purchase")) == [("I1", None)]


# --- I2 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [SETTLED, OrderStatus.REFUNDING])
def test_whoever_has_paid_has_the_ticket(status: OrderStatus) -> None:
    workflow = "refund" if status is OrderStatus.REFUNDING else None
    order = a_case(status).order
    assert order is not None
    for tickets in (
        (),
        (a_ticket(order, TicketStatus.AVAILABLE),),
        (a_ticket(order, TicketStatus.RESERVED),),
        (a_ticket(order, TicketStatus.SOLD, held_by="other"),),
    ):
        assert found(a_case(status, tickets=tickets, workflow=workflow)) == [("I2", None)]


def test_money_taken_for_an_open_order() -> None:
    taken = (an_intent(CAPTURED),)
    assert found(a_case(OPEN, intents=taken, workflow="purchase")) == []
    assert found(a_case(OPEN, intents=taken)) == [("I2", Remedy.DECIDE)]
    being_rescued = a_case(OPEN, intents=taken, workflow="rescue")
    assert found(being_rescued) == [("I2", Remedy.DECIDE)], "until the rescue has decided"


def test_money_taken_for_a_cancelled_order() -> None:
    taken = (an_intent(CAPTURED),)
    assert found(a_case(OrderStatus.CANCELLED, intents=taken)) == [("I2", Remedy.SETTLE_ORPHAN)]
    back = (an_intent(CAPTURED, given_back=TOTAL),)
    assert found(a_case(OrderStatus.CANCELLED, intents=back)) == []


@pytest.mark.parametrize("status", list(OrderStatus))
def test_money_taken_beside_the_orders_own_payment(status: OrderStatus) -> None:
    workflow = {OrderStatus.REFUNDING: "refund", OPEN: "purchase", OrderStatus.CREATED: "purchase"}
    usual = a_case(status, workflow=workflow.get(status))
    odd = (*usual.intents, an_intent(CAPTURED, "pi_odd"))
    case = a_case(status, intents=odd, workflow=workflow.get(status))
    assert found(case) == [("I2", Remedy.SETTLE_ORPHAN)]
    assert only(case).subject == "pi_odd"


def test_a_refund_that_nobody_carries_on() -> None:
    case = a_case(OrderStatus.REFUNDING)
    assert found(case) == [("I2", Remedy.RESUME_REFUND)]
    assert found(case, NOON + timedelta(seconds=30)) == [], "it may have begun just now"


# --- I3 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "intents"),
    [
        (SETTLED, (an_intent(CAPTURED, received=TOTAL - 1),)),
        (SETTLED, (an_intent(CAPTURED, given_back=1),)),
        (SETTLED, (an_intent(AUTHORIZED),)),
        (SETTLED, (an_intent(CANCELED),)),
        (SETTLED, ()),
        (OrderStatus.REFUNDING, (an_intent(CAPTURED, received=1),)),
        (OrderStatus.REFUNDED, (an_intent(CAPTURED),)),
        (OrderStatus.REFUNDED, (an_intent(CAPTURED, given_back=TOTAL - 1),)),
    ],
)
def test_money_that_does_not_match(status: OrderStatus, intents: tuple[Intent, ...]) -> None:
    workflow = "refund" if status is OrderStatus.REFUNDING else None
    assert found(a_case(status, intents=intents, workflow=workflow)) == [("I3", None)]


def test_a_refund_that_a_person_has_settled_by_other_means_matches() -> None:
    case = a_case(OrderStatus.REFUNDED, intents=(an_intent(CAPTURED),))
    assert case.order is not None
    refund = Refund(status="succeeded", amount=Money(amount=TOTAL), requested_at=NOON)
    case.order.refund = refund
    assert found(case) == [("I3", None)]
    case.order.refund = refund.model_copy(update={"status": "settled"})
    assert found(case) == []


# --- I4 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [OrderStatus.CREATED, OPEN])
def test_an_open_order_past_its_deadline(status: OrderStatus) -> None:
    in_grace = DEADLINE + timedelta(seconds=60)
    assert found(a_case(status), in_grace) == []
    assert found(a_case(status), LATE) == [("I4", Remedy.DECIDE)]
    for workflow in ("purchase", "rescue"):
        assert found(a_case(status, workflow=workflow), LATE) == [("I4", None)]
    assert "10 min after its deadline" in only(a_case(status), LATE).detail


# --- I6 -------------------------------------------------------------------------------------------


def test_money_held_for_an_open_order() -> None:
    held = (an_intent(AUTHORIZED),)
    assert found(a_case(OPEN, intents=held)) == [("I6", Remedy.DECIDE)]
    being_rescued = a_case(OPEN, intents=held, workflow="rescue")
    assert found(being_rescued) == [("I6", Remedy.DECIDE)], "until the rescue has decided"
    assert "a rescue is at it" in only(being_rescued).detail
    assert found(a_case(OPEN, intents=held, workflow="purchase")) == [
        (None, Remedy.TELL_AUTHORIZED)
    ]
    assert found(a_case(OPEN, intents=held, workflow="purchase"), NOON) == [], "it is on its way"
    known = a_case(OPEN, intents=held, workflow="purchase")
    assert known.order is not None
    known.order.payment.status = PaymentStatus.AUTHORIZED
    assert found(known) == []


def test_money_of_an_open_order_that_an_orphan_handler_is_letting_go() -> None:
    assert found(a_case(OPEN, intents=(an_intent(AUTHORIZED),), workflow="orphan")) == []


def test_money_held_for_a_cancelled_order() -> None:
    held = (an_intent(AUTHORIZED),)
    cancelled = OrderStatus.CANCELLED
    assert found(a_case(cancelled, intents=held)) == [("I6", Remedy.SETTLE_ORPHAN)]
    for workflow in ("purchase", "rescue"):
        case = a_case(cancelled, intents=held, workflow=workflow)
        assert found(case) == [("I6", Remedy.SETTLE_ORPHAN)]
    under_way = a_case(cancelled, intents=held, workflow="orphan")
    assert found(under_way) == [("orphan_payment", None)]
    assert found(under_way, NOON) == [], "it has begun just now"


def test_a_cancelled_order_that_can_still_be_paid() -> None:
    unpaid = (an_intent(UNPAID),)
    assert found(a_case(OrderStatus.CANCELLED, intents=unpaid)) == [(None, Remedy.SETTLE_ORPHAN)]
    assert found(a_case(OrderStatus.CANCELLED, intents=unpaid, workflow="orphan")) == []


def test_money_for_an_order_that_does_not_exist() -> None:
    def case(standing: PaymentStanding, *workflows: str) -> Case:
        intents = (an_intent(standing, "pi_odd"),)
        return Case(order_id="order", intents=intents, open=frozenset(workflows))

    assert found(case(AUTHORIZED)) == [("I6", Remedy.SETTLE_ORPHAN)]
    assert found(case(CAPTURED)) == [("I2", Remedy.SETTLE_ORPHAN)]
    assert found(case(UNPAID)) == []
    assert found(case(CANCELED)) == []
    assert found(case(AUTHORIZED, purchase_workflow_id("order"))) == []
    assert found(case(CAPTURED, orphan_workflow_id("pi_odd"))) == [("orphan_payment", None)]


# --- What a person, or a message, is needed for ---------------------------------------------------


def test_a_refusal_that_the_purchase_has_not_heard_of() -> None:
    refused = (an_intent(UNPAID, charged_at=NOON, decline=Decline("ch_1", "expired_card")),)
    case = a_case(OPEN, intents=refused, workflow="purchase")
    assert found(case) == [(None, Remedy.TELL_DECLINED)]
    assert found(case, NOON) == []
    assert case.order is not None
    case.order.timeline.append(
        TimelineEntry(at=NOON, what="payment declined: expired_card", about="ch_1")
    )
    assert found(case) == []


@pytest.mark.parametrize("status", [OrderStatus.REFUNDING, OrderStatus.REFUNDED])
@pytest.mark.parametrize("workflow", ["refund", None])
def test_a_refund_that_failed_needs_a_person(status: OrderStatus, workflow: str | None) -> None:
    case = a_case(status, workflow=workflow)
    assert case.order is not None
    assert case.order.refund is not None
    case.order.refund.status = "failed"
    assert found(case) == [("refund_failed", None)]


def test_a_refund_that_stripe_has_settled_is_told_to_its_workflow() -> None:
    case = a_case(OrderStatus.REFUNDING, workflow="refund", refund_is_moving=False)
    assert found(case) == [(None, Remedy.TELL_REFUND)]
    assert found(case, NOON + timedelta(seconds=30)) == []


@pytest.mark.parametrize(
    ("status", "open_"),
    [
        ("needs_response", True),
        ("under_review", True),
        ("warning_needs_response", True),
        ("warning_closed", False),
        ("won", False),
        ("lost", False),
    ],
)
def test_a_dispute_needs_a_person_until_it_is_decided(status: str, open_: bool) -> None:
    case = a_case(SETTLED)
    assert case.order is not None
    case.order.dispute = Dispute(
        id="du_1",
        status=status,
        reason="fraudulent",
        amount=Money(amount=TOTAL),
        opened_at=NOON,
    )
    assert found(case) == ([("dispute", None)] if open_ else [])


def test_a_mail_that_is_missing_is_sent_once_nobody_else_does() -> None:
    unsent = (MailReason.CONFIRMED,)
    assert found(a_case(SETTLED, unsent=unsent)) == [(None, Remedy.SEND_MAIL)]
    for workflow in ("purchase", "rescue"):
        assert found(a_case(SETTLED, unsent=unsent, workflow=workflow)) == []
    given_up = a_case(SETTLED, unsent=unsent, mail_given_up=True)
    assert found(given_up) == [("mail_given_up", None)]
    assert found(a_case(SETTLED, mail_given_up=True)) == []


def test_a_cure_says_what_it_is_for() -> None:
    cure = only(a_case(OPEN, intents=(an_intent(AUTHORIZED),))).cure
    assert cure is not None
    assert (cure.key, cure.order_id, cure.payment_intent_id) == ("I6:pi_own", "order", "pi_own")
    assert cure.suspect.order_id == "order"
    unheard = only(a_case(SETTLED, unsent=(MailReason.CONFIRMED,))).cure
    assert unheard is not None
    assert unheard.key == "unheard:mail-confirmed-order"
