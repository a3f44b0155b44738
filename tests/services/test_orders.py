"""The orders database: what each write may change, from each status, and what it never changes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from pymongo.errors import DuplicateKeyError

from services.database import Databases
from services.money import Money
from services.orders.documents import BillingRecord, Dispute, Order, OrderStatus, SentMail
from services.orders.refunds import RefundsFrozenError
from services.orders.requests import Remembered, RequestStore
from services.orders.store import OrderStore, paid_with
from services.orders.taxes import order_lines, total_of
from tests.order_builders import DEADLINE, LATER, NOON, PRICE, a_bill, an_order

S = OrderStatus
Transition = Callable[[OrderStore, str], Awaitable[object]]

OPEN: Final = {S.CREATED, S.AWAITING_PAYMENT}
STILL_LATER: Final = LATER + timedelta(minutes=1)
PARTIAL: Final = [(False, "refunded in part"), (True, "refund at Stripe failed")]
FREEZING: Final = [
    "needs_response",
    "under_review",
    "lost",
    "prevented",
    "warning_needs_response",
    "warning_under_review",
    "some_word_of_next_year",
]


def put_billing_in_force(
    orders: OrderStore, order_id: str, *, at: datetime = LATER
) -> Awaitable[bool]:
    billing = a_bill("QC")
    lines = order_lines(PRICE, billing.address)
    return orders.put_billing_in_force(
        order_id,
        billing=billing,
        lines=lines,
        total=total_of(lines),
        billing_id="billing-1",
        payment_intent_id="pi_1",
        at=at,
    )


def extend(orders: OrderStore, order_id: str) -> Awaitable[bool]:
    return orders.extend(order_id, until=DEADLINE + timedelta(minutes=2), at=LATER)


def note_decline(orders: OrderStore, order_id: str) -> Awaitable[bool]:
    return orders.note_decline(order_id, attempt_id="ch_1", code="insufficient_funds", at=LATER)


def note_authorization(orders: OrderStore, order_id: str) -> Awaitable[bool]:
    return orders.note_authorization(order_id, at=LATER)


def complete(orders: OrderStore, order_id: str) -> Awaitable[bool]:
    return orders.complete(order_id, at=LATER)


def cancel(orders: OrderStore, order_id: str) -> Awaitable[bool]:
    return orders.cancel(order_id, reason="expired", at=LATER)


def begin_refund(orders: OrderStore, order_id: str) -> Awaitable[Order | None]:
    return orders.begin_refund(order_id, at=LATER)


def note_refund(orders: OrderStore, order_id: str) -> Awaitable[bool]:
    return orders.note_refund(order_id, status="pending", failure=None, at=LATER)


def finish_refund(orders: OrderStore, order_id: str) -> Awaitable[bool]:
    return orders.finish_refund(order_id, at=LATER)


Changes = tuple[Transition, set[OrderStatus], OrderStatus | None, bool, str]

TABLE: Final[list[Changes]] = [
    # what                  from            to                  claims the ticket   in the timeline
    (put_billing_in_force, OPEN, S.AWAITING_PAYMENT, True, "billed"),
    (extend, OPEN, None, True, "hold extended"),
    (note_decline, OPEN, None, True, "payment declined: insufficient_funds"),
    (note_authorization, OPEN, None, True, "payment authorized"),
    (complete, OPEN, S.COMPLETE, True, "complete"),
    (cancel, OPEN, S.CANCELLED, False, "cancelled: expired"),
    (begin_refund, {S.COMPLETE}, S.REFUNDING, True, "refund requested"),
    (note_refund, {S.REFUNDING}, None, True, "refund pending"),
    (finish_refund, {S.REFUNDING}, S.REFUNDED, False, "refunded"),
]
ALLOWED: Final = [(row, status) for row in TABLE for status in S if status in row[1]]
FORBIDDEN: Final = [(row[0], status) for row in TABLE for status in S if status not in row[1]]


@pytest.fixture
def orders(databases: Databases) -> OrderStore:
    return OrderStore()


async def raw(databases: Databases, order: Order) -> dict[str, Any]:
    """The document as it is in the database, to the last field."""
    found = await databases.orders["orders"].find_one({"_id": order.id})
    assert found is not None
    return found


async def stored(orders: OrderStore, status: OrderStatus) -> Order:
    order = an_order(status)
    assert await orders.open(order)
    return order


async def refund_that_failed(orders: OrderStore) -> Order:
    order = await stored(orders, S.COMPLETE)
    await begin_refund(orders, order.id)
    await orders.note_refund(order.id, status="failed", failure="unknown", at=LATER)
    return order


def a_dispute(status: str) -> Dispute:
    return Dispute(
        id="du_1",
        status=status,
        reason="fraudulent",
        amount=Money(amount=16800),
        opened_at=NOON,
        closed_at=LATER if status in ("won", "lost") else None,
    )


async def as_it_is(orders: OrderStore, order: Order) -> Order:
    found = await orders.get(order.id)
    assert found is not None
    return found


def name(part: object) -> str:
    """A row of the table, in a test's name."""
    row = part[0] if isinstance(part, tuple) else part
    return str(row) if isinstance(row, S) else getattr(row, "__name__", "")


class TestTransitions:
    """Every write is one compare-and-set from the statuses in the table, and from no other."""

    @pytest.mark.parametrize(("row", "status"), ALLOWED, ids=name)
    async def test_from_a_right_status_go_where_they_should_and_tell_it_once(
        self, orders: OrderStore, databases: Databases, row: Changes, status: OrderStatus
    ) -> None:
        transition, _, goal, active, what = row
        order = await stored(orders, status)
        assert await transition(orders, order.id)
        once = await raw(databases, order)
        assert once["status"] == (goal or status)
        assert once["active"] is active
        assert [(entry["at"], entry["what"]) for entry in once["timeline"]] == [
            (NOON, "reserved"),
            (LATER, what),
        ]
        await transition(orders, order.id)
        assert await raw(databases, order) == once

    @pytest.mark.parametrize(("transition", "status"), FORBIDDEN, ids=name)
    async def test_from_a_wrong_status_change_nothing(
        self, orders: OrderStore, databases: Databases, transition: Transition, status: OrderStatus
    ) -> None:
        order = await stored(orders, status)
        before = await raw(databases, order)
        answer = await transition(orders, order.id)
        assert await raw(databases, order) == before
        # A refund that has begun is also the answer to a repeated beginning.
        begun = transition is begin_refund and status is S.REFUNDING
        assert bool(answer) is begun

    @pytest.mark.parametrize("transition", [row[0] for row in TABLE], ids=name)
    async def test_of_an_order_that_is_not_there_make_none(
        self, orders: OrderStore, transition: Transition
    ) -> None:
        assert not await transition(orders, "nothing")
        assert await Order.count() == 0

    async def test_that_exclude_each_other_happen_once(self, orders: OrderStore) -> None:
        """Complete or cancelled: twenty at once, and one wins."""
        order = await stored(orders, S.AWAITING_PAYMENT)
        answers = await asyncio.gather(
            *((complete if n % 2 else cancel)(orders, order.id) for n in range(20))
        )
        assert sum(answers) == 1


class TestOpening:
    """A ticket has one active order, whatever else goes wrong."""

    async def test_of_an_abandoned_order_is_impossible_however_late(
        self, orders: OrderStore
    ) -> None:
        order = an_order()
        assert await orders.abandon(order.id)
        assert not await orders.open(order)
        assert await orders.abandon(order.id)
        assert await orders.get(order.id) is None

    async def test_comes_before_abandoning_which_then_changes_nothing(
        self, orders: OrderStore, databases: Databases
    ) -> None:
        order = await stored(orders, S.CREATED)
        before = await raw(databases, order)
        assert not await orders.abandon(order.id)
        assert await raw(databases, order) == before

    async def test_again_changes_nothing(self, orders: OrderStore, databases: Databases) -> None:
        order = an_order()
        assert await orders.open(order)
        before = await raw(databases, order)
        assert await orders.open(an_order(order_id=order.id, buyer_id="somebody else"))
        assert await raw(databases, order) == before

    async def test_a_second_active_order_for_a_ticket_is_impossible(
        self, orders: OrderStore
    ) -> None:
        assert await orders.open(an_order(ticket_id="ticket"))
        assert not await orders.open(an_order(ticket_id="ticket"))
        assert await Order.count() == 1

    async def test_of_many_at_once_leaves_one(self, orders: OrderStore) -> None:
        answers = await asyncio.gather(
            *(orders.open(an_order(ticket_id="ticket")) for _ in range(20))
        )
        assert sum(answers) == 1
        assert await Order.count() == 1

    @pytest.mark.parametrize("status", [S.AWAITING_PAYMENT, S.COMPLETE, S.REFUNDING])
    async def test_is_refused_while_an_order_goes_on(
        self, orders: OrderStore, status: OrderStatus
    ) -> None:
        await orders.open(an_order(status, ticket_id="ticket"))
        assert not await orders.open(an_order(ticket_id="ticket"))

    @pytest.mark.parametrize("status", [S.CANCELLED, S.REFUNDED])
    async def test_is_free_again_once_an_order_is_over(
        self, orders: OrderStore, status: OrderStatus
    ) -> None:
        await orders.open(an_order(status, ticket_id="ticket"))
        assert await orders.open(an_order(ticket_id="ticket"))


class TestBilling:
    """An address counts once it is in force."""

    async def test_shows_lines_total_and_address_and_lets_the_buyer_pay(
        self, orders: OrderStore
    ) -> None:
        order = await stored(orders, S.CREATED)
        await put_billing_in_force(orders, order.id)
        billed = await as_it_is(orders, order)
        assert [(line.name, line.amount.amount) for line in billed.lines] == [
            ("Ticket", 16000),
            ("GST", 800),
            ("QST", 1596),
        ]
        assert billed.total is not None
        assert billed.total.amount == 18396
        assert billed.billing == a_bill("QC")
        assert billed.payment.model_dump() == {
            "status": "requires_payment",
            "last_error": None,
            "payment_intent_id": "pi_1",
        }

    async def test_kept_under_its_id_changes_no_order(
        self, orders: OrderStore, databases: Databases
    ) -> None:
        order = await stored(orders, S.CREATED)
        before = await raw(databases, order)
        record = BillingRecord(id="b1", order_id=order.id, billing=a_bill(), created_at=NOON)
        for _ in range(2):
            await orders.keep_billing(record)
        assert await orders.billing("b1") == a_bill()
        assert await orders.billing("b2") is None
        assert await raw(databases, order) == before

    async def test_a_payment_intent_belongs_to_one_order(self, orders: OrderStore) -> None:
        one, other = await stored(orders, S.CREATED), await stored(orders, S.CREATED)
        await put_billing_in_force(orders, one.id)
        with pytest.raises(DuplicateKeyError):
            await put_billing_in_force(orders, other.id)
        assert (await as_it_is(orders, other)).status is S.CREATED


class TestPayments:
    """What the buyer sees of the payment."""

    async def test_a_refusal_is_shown_until_another_card_is_good(self, orders: OrderStore) -> None:
        order = await stored(orders, S.AWAITING_PAYMENT)
        await note_decline(orders, order.id)
        payment = (await as_it_is(orders, order)).payment
        assert (payment.status, payment.last_error) == ("declined", "insufficient_funds")
        await note_authorization(orders, order.id)
        payment = (await as_it_is(orders, order)).payment
        assert (payment.status, payment.last_error) == ("authorized", None)
        await complete(orders, order.id)
        assert (await as_it_is(orders, order)).payment.status == "captured"

    async def test_two_refusals_are_two_things_that_happened(self, orders: OrderStore) -> None:
        order = await stored(orders, S.AWAITING_PAYMENT)
        await note_decline(orders, order.id)
        await orders.note_decline(
            order.id, attempt_id="ch_2", code="insufficient_funds", at=STILL_LATER
        )
        assert len((await as_it_is(orders, order)).timeline) == 3

    async def test_a_step_that_runs_again_after_a_crash_tells_its_story_once(
        self, orders: OrderStore
    ) -> None:
        order = await stored(orders, S.CREATED)
        await put_billing_in_force(orders, order.id)
        await put_billing_in_force(orders, order.id, at=STILL_LATER)
        told = (await as_it_is(orders, order)).timeline
        assert [(entry.at, entry.what) for entry in told[1:]] == [(LATER, "billed")]

    async def test_a_cancelled_order_says_why(self, orders: OrderStore) -> None:
        order = await stored(orders, S.AWAITING_PAYMENT)
        await cancel(orders, order.id)
        cancelled = await as_it_is(orders, order)
        assert (cancelled.cancel_reason, cancelled.payment.status) == ("expired", "canceled")

    async def test_an_extension_moves_the_deadline(self, orders: OrderStore) -> None:
        order = await stored(orders, S.AWAITING_PAYMENT)
        await extend(orders, order.id)
        assert (await as_it_is(orders, order)).expires_at == DEADLINE + timedelta(minutes=2)


class TestRefunds:
    """Once, from ``complete``, and seen to its end."""

    async def test_are_claimed_once_and_repeating_is_safe(self, orders: OrderStore) -> None:
        order = await stored(orders, S.COMPLETE)
        first = await begin_refund(orders, order.id)
        again = await orders.begin_refund(order.id, at=STILL_LATER)
        assert first is not None
        assert again == first
        assert first.refund is not None
        assert first.refund.model_dump() == {
            "status": "requested",
            "amount": {"amount": 16800, "currency": "CAD"},
            "failure": None,
            "requested_at": LATER,
            "settled_at": None,
            "id": None,
            "turn": 1,
        }

    async def test_show_how_they_stand_until_they_are_done(self, orders: OrderStore) -> None:
        order = await stored(orders, S.COMPLETE)
        await begin_refund(orders, order.id)
        await orders.note_refund(order.id, status="failed", failure="unknown", at=LATER)
        failed = await as_it_is(orders, order)
        assert failed.refund is not None
        assert (failed.status, failed.active) == (S.REFUNDING, True)
        assert (failed.refund.status, failed.refund.failure) == ("failed", "unknown")

        await orders.finish_refund(order.id, at=STILL_LATER)
        done = await as_it_is(orders, order)
        assert done.refund is not None
        assert (done.refund.status, done.refund.failure) == ("succeeded", None)
        assert done.refund.settled_at == STILL_LATER
        assert (done.status, done.active) == (S.REFUNDED, False)

    async def test_that_failed_are_claimed_again_for_their_next_turn_by_somebody_with_a_name(
        self, orders: OrderStore
    ) -> None:
        order = await refund_that_failed(orders)
        again = [
            await orders.begin_refund(order.id, at=STILL_LATER, actor="op", why="new card")
            for _ in range(2)
        ]
        assert again[0] is not None
        assert again == again[:1] * 2
        assert again[0].refund is not None
        assert (again[0].refund.turn, again[0].refund.status) == (2, "requested")
        assert (again[0].refund.failure, again[0].refund.id) == (None, None)
        entry = again[0].timeline[-1]
        assert (entry.what, entry.about, entry.actor, entry.why) == (
            "refund requested",
            "try 2",
            "op",
            "new card",
        )

    async def test_that_failed_twice_are_told_twice(self, orders: OrderStore) -> None:
        order = await refund_that_failed(orders)
        await orders.begin_refund(order.id, at=STILL_LATER)
        for _ in range(2):
            await orders.note_refund(
                order.id, status="failed", failure="closed", at=STILL_LATER, about="try 2"
            )
        found = await as_it_is(orders, order)
        assert found.refund is not None
        assert (found.refund.status, found.refund.failure) == ("failed", "closed")
        assert [entry.what for entry in found.timeline].count("refund failed") == 2

    async def test_a_claim_that_hung_does_not_come_back_as_another(
        self, orders: OrderStore, databases: Databases
    ) -> None:
        order = await refund_that_failed(orders)
        before = await raw(databases, order)
        assert await orders.begin_refund(order.id, at=LATER) is None
        assert await raw(databases, order) == before

    async def test_that_are_settled_by_an_operator_end_like_others(
        self, orders: OrderStore
    ) -> None:
        order = await refund_that_failed(orders)
        for _ in range(2):
            await orders.settle_refund(
                order.id, at=STILL_LATER, about=None, actor="op", why="by bank transfer"
            )
        done = await as_it_is(orders, order)
        assert done.refund is not None
        assert (done.status, done.active, done.refund.status) == (S.REFUNDED, False, "settled")
        assert (done.refund.failure, done.refund.settled_at) == (None, STILL_LATER)
        entry = done.timeline[-1]
        assert (entry.what, entry.actor, entry.why) == (
            "refunded by other means",
            "op",
            "by bank transfer",
        )
        assert [each.what for each in done.timeline].count(entry.what) == 1

    async def test_that_are_lost_after_the_end_leave_the_ticket_alone_and_can_be_made_again(
        self, orders: OrderStore
    ) -> None:
        order = await stored(orders, S.COMPLETE)
        await begin_refund(orders, order.id)
        await orders.finish_refund(order.id, at=LATER, refund_id="re_1")
        for _ in range(2):
            await orders.lose_refund(order.id, refund_id="re_1", failure="closed", at=LATER)
        lost = await as_it_is(orders, order)
        assert lost.refund is not None
        assert (lost.status, lost.active) == (S.REFUNDED, False)
        assert (lost.refund.status, lost.refund.failure) == ("failed", "closed")
        assert [entry.what for entry in lost.timeline][-2:] == ["refunded", "refund failed"]

        await orders.open(an_order(S.COMPLETE, ticket_id=order.ticket_id))  # sold again
        again = await orders.begin_refund(order.id, at=STILL_LATER)
        assert again is not None
        assert (again.status, again.active) == (S.REFUNDING, False)
        await orders.finish_refund(order.id, at=STILL_LATER, refund_id="re_2")
        # What is heard of the first one once more is old news.
        assert not await orders.lose_refund(order.id, refund_id="re_1", failure=None, at=LATER)
        done = await as_it_is(orders, order)
        assert done.refund is not None
        assert (done.refund.status, done.refund.id, done.refund.turn) == ("succeeded", "re_2", 2)

    async def test_that_were_made_at_stripe_say_so(self, orders: OrderStore) -> None:
        order = await stored(orders, S.COMPLETE)
        adopted = await orders.begin_refund(order.id, at=LATER, adopt="re_9")
        assert adopted is not None
        assert adopted.refund is not None
        assert adopted.refund.id == "re_9"
        entry = adopted.timeline[-1]
        assert (entry.what, entry.about) == ("refund made at Stripe", "re_9")

    @pytest.mark.parametrize(("lost", "what"), PARTIAL)
    async def test_of_a_part_are_noted_and_nothing_else(
        self, orders: OrderStore, *, lost: bool, what: str
    ) -> None:
        order = await stored(orders, S.COMPLETE)
        for _ in range(2):
            await orders.note_partial_refund(order.id, refund_id="re_1", lost=lost, at=LATER)
        found = await as_it_is(orders, order)
        assert [(each.what, each.about) for each in found.timeline[1:]] == [(what, "re_1")]
        story = {"timeline", "changed_at"}
        assert found.model_dump(exclude=story) == order.model_dump(exclude=story)


class TestDisputes:
    """What Stripe says now is shown; the ways there are told once."""

    async def test_are_shown_as_they_stand_and_told_once(self, orders: OrderStore) -> None:
        order = await stored(orders, S.COMPLETE)
        for status in ("needs_response", "under_review", "needs_response", "lost", "lost"):
            await orders.note_dispute(order.id, a_dispute(status), at=LATER)
        await orders.note_dispute(order.id, a_dispute("lost"), at=STILL_LATER)
        found = await as_it_is(orders, order)
        assert found.dispute == a_dispute("lost")
        assert found.dispute.closed_at == LATER, "it ended when we first heard so"
        assert [(each.what, each.about) for each in found.timeline[1:]] == [
            ("payment disputed", "du_1"),
            ("dispute: under_review", "du_1"),
            ("dispute: lost", "du_1"),
        ]
        assert found.status is S.COMPLETE

    @pytest.mark.parametrize("status", FREEZING)
    async def test_keep_money_from_going_back_twice(
        self, orders: OrderStore, databases: Databases, status: str
    ) -> None:
        for order in (await stored(orders, S.COMPLETE), await refund_that_failed(orders)):
            await orders.note_dispute(order.id, a_dispute(status), at=LATER)
            before = await raw(databases, order)
            with pytest.raises(RefundsFrozenError):
                await orders.begin_refund(order.id, at=STILL_LATER)
            assert await raw(databases, order) == before

    @pytest.mark.parametrize("status", ["won", "warning_closed"])
    async def test_that_left_the_money_with_us_keep_nothing_back(
        self, orders: OrderStore, status: str
    ) -> None:
        order = await stored(orders, S.COMPLETE)
        await orders.note_dispute(order.id, a_dispute("needs_response"), at=LATER)
        await orders.note_dispute(order.id, a_dispute(status), at=LATER)
        assert await begin_refund(orders, order.id) is not None

    async def test_do_not_keep_back_what_has_gone_back_already(self, orders: OrderStore) -> None:
        order = await stored(orders, S.COMPLETE)
        await orders.note_dispute(order.id, a_dispute("needs_response"), at=LATER)
        assert await orders.begin_refund(order.id, at=LATER, adopt="re_9") is not None

    async def test_of_an_order_that_cannot_be_refunded_are_no_reason(
        self, orders: OrderStore
    ) -> None:
        order = await stored(orders, S.REFUNDED)
        await orders.note_dispute(order.id, a_dispute("needs_response"), at=LATER)
        assert await begin_refund(orders, order.id) is None


class TestPaymentIntents:
    """An order is found by what it is paid with."""

    async def test_lead_to_their_order_and_to_no_other(self, orders: OrderStore) -> None:
        order = an_order(S.COMPLETE, payment_intent_id="pi_1")
        await orders.open(order)
        await orders.open(an_order(S.COMPLETE, payment_intent_id="pi_2"))
        await orders.open(an_order(S.CREATED))
        found = await orders.of_payment("pi_1")
        assert found is not None
        assert found.id == order.id
        assert await orders.of_payment("pi_3") is None

    @pytest.mark.parametrize(
        ("query", "stage"),
        [
            (paid_with("pi_1"), "IXSCAN"),
            ({"payment.payment_intent_id": "pi_1"}, "COLLSCAN"),  # why the type is there
        ],
    )
    async def test_lead_there_by_the_index(
        self, databases: Databases, query: dict[str, Any], stage: str
    ) -> None:
        plan = await databases.orders["orders"].find(query).explain()
        assert stage in str(plan["queryPlanner"]["winningPlan"])


class TestReading:
    """A buyer's orders, newest first."""

    async def test_pages_through_the_buyers_own_orders(self, orders: OrderStore) -> None:
        moments = [NOON, NOON, NOON + timedelta(seconds=1), NOON + timedelta(seconds=2)]
        mine = [an_order(created_at=moment) for moment in moments]
        for order in [*mine, an_order(buyer_id="somebody else")]:
            await orders.open(order)
        newest_first = sorted(mine, key=lambda order: (order.created_at, order.id), reverse=True)

        found: list[Order] = []
        before = None
        while page := await orders.of_buyer(("buyer",), limit=1, before=before):
            found += page
            before = (page[-1].created_at, page[-1].id)
        assert [order.id for order in found] == [order.id for order in newest_first]

    async def test_finds_nothing_where_nothing_is(self, orders: OrderStore) -> None:
        assert await orders.get("nothing") is None
        assert await orders.of_buyer(("nobody",), limit=10) == []


class TestRequests:
    """The same ``Idempotency-Key`` means the same body."""

    async def test_the_same_body_again_is_fine_and_another_is_not(
        self, databases: Databases
    ) -> None:
        requests = RequestStore()
        assert await requests.remember("order-1", "body", NOON)
        assert await requests.remember("order-1", "body", LATER)
        assert not await requests.remember("order-1", "another body", LATER)
        assert await requests.remember("order-1", "body", LATER)
        assert await requests.remember("order-2", "another body", LATER)

    async def test_of_different_bodies_at_once_one_counts(self, databases: Databases) -> None:
        answers = await asyncio.gather(
            *(RequestStore().remember("order-1", f"body {n}", NOON) for n in range(20))
        )
        assert sum(answer is not None for answer in answers) == 1

    async def test_a_key_is_new_once_and_tells_what_it_has_spent(
        self, databases: Databases
    ) -> None:
        requests = RequestStore()
        assert await requests.remember("order-1", "body", NOON) == Remembered(is_new=True)
        assert await requests.remember("order-1", "body", NOON) == Remembered(is_new=False)
        for order_id in ("order-1", "order-2", "order-1"):
            await requests.spend("order-1", order_id)
        remembered = await requests.remember("order-1", "body", LATER)
        assert remembered == Remembered(is_new=False, spent=("order-1", "order-2"))


class TestSentMail:
    """A mail is in the log once, as it was first sent."""

    async def test_the_first_entry_stays(self, orders: OrderStore) -> None:
        key = "confirmed:order-1:buyer"
        assert not await orders.mail_was_sent(key)
        for provider_id in ("first", "second"):
            await orders.log_mail(
                SentMail(id=key, order_id="order-1", provider_id=provider_id, sent_at=NOON)
            )
        assert await orders.mail_was_sent(key)
        [entry] = await SentMail.find_all().to_list()
        assert entry.provider_id == "first"
