"""The order steps of a purchase and a refund on a real MongoDB."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry
from temporalio.exceptions import ApplicationError

from activities.orders import OrderActivities
from services.database import Databases
from services.metrics import Funnel
from services.money import Money
from services.orders.documents import BillingRecord, Dispute, Order, OrderStatus
from services.orders.store import OrderStore
from services.tickets.documents import Listing, Ticket
from services.tickets.store import TicketStore
from tests.activities.stripe_builders import run
from tests.order_builders import DEADLINE, LATER, NOON, a_bill, an_order
from workflows.purchase.messages import CancelReason
from workflows.purchase.steps import (
    BillingInForce,
    BillShown,
    CancelOrder,
    CompleteOrder,
    LookAtBill,
    NoteDecline,
    NoteExtension,
    NotePayment,
    OpenOrder,
    Price,
    PriceOrder,
)
from workflows.refund.messages import RefundStatus
from workflows.refund.steps import BeginRefund, NoteRefund, RefundDue

LISTING = Listing(
    title="Front row",
    price=Money(amount=3333),
    venue="Massey Hall",
    starts_at=NOON + timedelta(days=30),
    seat="A1",
    description="Aisle",
)


@pytest.fixture
def steps(databases: Databases) -> OrderActivities:
    return OrderActivities(OrderStore(), TicketStore(), Funnel(CollectorRegistry()))


@pytest.fixture
async def ticket(databases: Databases) -> Ticket:
    """A ticket on the market."""
    return await TicketStore().create("seller", LISTING, NOON)


def an_opening(ticket: Ticket, order: str = "order-1") -> OpenOrder:
    return OpenOrder(
        order_id=order, ticket_id=ticket.id, buyer_id="buyer", expires_at=DEADLINE, at=NOON
    )


def a_cancellation(order: str = "order-1") -> CancelOrder:
    return CancelOrder(order_id=order, reason=CancelReason.BUYER, at=LATER)


def a_billing(order: str = "order-1") -> BillingInForce:
    return BillingInForce(
        order_id=order, billing_id="bill-1", amount=3832, payment_intent_id="pi_1", at=LATER
    )


async def held(ticket: Ticket, order: str = "order-1") -> None:
    """The ticket is reserved for this order."""
    assert await TicketStore().reserve(
        ticket.id,
        order_id=order,
        buyer_id="buyer",
        version=ticket.version,
        until=DEADLINE,
        at=NOON,
    )


async def opened(steps: OrderActivities, ticket: Ticket, region: str = "QC") -> None:
    """An order of this ticket, and an address that it could be billed to."""
    await held(ticket)
    assert await run(steps.open_order, an_opening(ticket))
    await OrderStore().keep_billing(
        BillingRecord(id="bill-1", order_id="order-1", billing=a_bill(region), created_at=NOON)
    )


async def stored(status: OrderStatus) -> Order:
    order = an_order(status)
    assert await OrderStore().open(order)
    return order


async def as_it_is(order_id: str = "order-1") -> Order:
    found = await OrderStore().get(order_id)
    assert found is not None
    return found


def a_refusal(at: datetime) -> NoteDecline:
    return NoteDecline(order_id="order-1", attempt_id="ch_1", code="fraud", at=at)


def story(order: Order) -> list[str]:
    """What the timeline tells."""
    return [entry.what for entry in order.timeline]


class TestOpening:
    """The order holds the ticket as it was when it was reserved."""

    async def test_writes_the_ticket_as_it_is(self, steps: OrderActivities, ticket: Ticket) -> None:
        await held(ticket)
        assert await run(steps.open_order, an_opening(ticket))
        order = await as_it_is()
        assert order.ticket.model_dump() == {"id": ticket.id, **LISTING.model_dump()}
        assert (order.buyer_id, order.seller_id) == ("buyer", "seller")
        assert (order.status, order.active, order.total) == ("created", True, None)
        assert (order.created_at, order.expires_at) == (NOON, DEADLINE)
        assert [(entry.at, entry.what) for entry in order.timeline] == [(NOON, "reserved")]

    async def test_again_changes_nothing(self, steps: OrderActivities, ticket: Ticket) -> None:
        await held(ticket)
        await run(steps.open_order, an_opening(ticket))
        once = await as_it_is()
        later = an_opening(ticket).model_copy(update={"at": LATER, "expires_at": LATER})
        assert await run(steps.open_order, later)
        assert await as_it_is() == once

    async def test_needs_the_ticket_to_be_held_by_the_order(
        self, steps: OrderActivities, ticket: Ticket
    ) -> None:
        assert not await run(steps.open_order, an_opening(ticket))
        await held(ticket, "order-2")
        assert not await run(steps.open_order, an_opening(ticket))
        assert await Order.count() == 0

    async def test_of_a_ticket_that_is_gone_is_refused(
        self, steps: OrderActivities, ticket: Ticket
    ) -> None:
        await TicketStore().delete(ticket.id, ("seller",))
        assert not await run(steps.open_order, an_opening(ticket))

    async def test_is_refused_by_the_orders_own_index_when_the_ticket_store_is_bypassed(
        self, steps: OrderActivities, ticket: Ticket
    ) -> None:
        await OrderStore().open(an_order(ticket_id=ticket.id, order_id="order-0"))
        await held(ticket)
        assert not await run(steps.open_order, an_opening(ticket))
        assert await Order.count() == 1

    async def test_delayed_until_after_the_cancellation_changes_nothing(
        self, steps: OrderActivities, ticket: Ticket
    ) -> None:
        await opened(steps, ticket)
        await run(steps.cancel_order, a_cancellation())
        await TicketStore().release(ticket.id, order_id="order-1", at=LATER)
        cancelled = await as_it_is()
        await run(steps.open_order, an_opening(ticket))
        assert await as_it_is() == cancelled
        assert not cancelled.active

    async def test_delayed_until_after_the_release_opens_nothing(
        self, steps: OrderActivities, ticket: Ticket
    ) -> None:
        await held(ticket)
        await TicketStore().release(ticket.id, order_id="order-1", at=LATER)
        assert not await run(steps.open_order, an_opening(ticket))
        assert await Order.count() == 0


class TestBilling:
    """The server computes every total."""

    @pytest.mark.parametrize(
        ("region", "amount"), [("AB", 3500), ("QC", 3832), ("ON", 3766), ("NS", 3800)]
    )
    async def test_prices_the_order_at_the_stored_address_and_writes_nothing(
        self, steps: OrderActivities, ticket: Ticket, region: str, amount: int
    ) -> None:
        await opened(steps, ticket, region)
        before = await as_it_is()
        price = await run(steps.price_order, PriceOrder(order_id="order-1", billing_id="bill-1"))
        assert price == Price(amount=amount, currency="CAD")
        assert await as_it_is() == before

    async def test_is_found_again_by_whoever_lost_it(
        self, steps: OrderActivities, ticket: Ticket
    ) -> None:
        await opened(steps, ticket)
        assert await run(steps.look_at_bill, LookAtBill(order_id="order-1")) is None
        await run(steps.put_billing_in_force, a_billing())
        order = await as_it_is()
        assert order.total is not None
        assert await run(steps.look_at_bill, LookAtBill(order_id="order-1")) == BillShown(
            payment_intent_id="pi_1", amount=order.total.amount
        )

    async def test_in_force_shows_lines_and_total_to_the_cent(
        self, steps: OrderActivities, ticket: Ticket
    ) -> None:
        await opened(steps, ticket)
        for _ in range(2):
            await run(steps.put_billing_in_force, a_billing())
        order = await as_it_is()
        assert [(line.kind, line.name, line.rate, line.amount.amount) for line in order.lines] == [
            ("ticket", "Ticket", None, 3333),
            ("tax", "GST", "5", 167),
            ("tax", "QST", "9.975", 332),
        ]
        assert order.total == Money(amount=3832)
        assert order.billing == a_bill("QC")
        assert order.payment.payment_intent_id == "pi_1"
        assert (order.status, order.payment.status) == ("awaiting_payment", "requires_payment")
        assert story(order) == ["reserved", "billed"]

    @pytest.mark.parametrize("missing", ["order", "address"])
    async def test_of_what_is_not_written_yet_is_tried_again(
        self, steps: OrderActivities, ticket: Ticket, missing: str
    ) -> None:
        await opened(steps, ticket)
        request = PriceOrder(
            order_id="nothing" if missing == "order" else "order-1",
            billing_id="nothing" if missing == "address" else "bill-1",
        )
        with pytest.raises(ApplicationError) as raised:
            await run(steps.price_order, request)
        assert (raised.value.type, raised.value.non_retryable) == ("NotThereYet", False)


class TestTheStory:
    """A whole purchase and refund, every step twice: told once."""

    async def test_of_a_sale_and_its_refund_is_told_once(
        self, steps: OrderActivities, ticket: Ticket
    ) -> None:
        await opened(steps, ticket)
        at = [LATER + timedelta(seconds=n) for n in range(8)]
        extension = NoteExtension(order_id="order-1", expires_at=DEADLINE + timedelta(1), at=at[0])
        for _ in range(2):
            await run(steps.put_billing_in_force, a_billing())
            await run(steps.note_extension, extension)
        for _ in range(2):
            await run(steps.note_decline, a_refusal(at[1]))
        for _ in range(2):
            await run(steps.note_authorization, NotePayment(order_id="order-1", at=at[2]))
        for _ in range(2):
            await run(steps.complete_order, CompleteOrder(order_id="order-1", at=at[3]))
        await run(steps.cancel_order, a_cancellation())  # too late
        due = [
            await run(steps.begin_refund, BeginRefund(order_id="order-1", at=at[4]))
            for _ in range(2)
        ]
        assert due == [RefundDue(amount=3832, payment_intent_id="pi_1")] * 2
        for status in (RefundStatus.PENDING, RefundStatus.SUCCEEDED):
            note = NoteRefund(order_id="order-1", status=status, at=at[5])
            for _ in range(2):
                await run(steps.note_refund, note)

        order = await as_it_is()
        assert story(order) == [
            "reserved",
            "billed",
            "hold extended",
            "payment declined: fraud",
            "payment authorized",
            "complete",
            "refund requested",
            "refund pending",
            "refunded",
        ]
        assert (order.status, order.active, order.cancel_reason) == ("refunded", False, None)
        assert order.expires_at == DEADLINE + timedelta(1)

    async def test_of_a_cancellation_is_told_once(
        self, steps: OrderActivities, ticket: Ticket
    ) -> None:
        await opened(steps, ticket)
        for _ in range(2):
            await run(steps.cancel_order, a_cancellation())
        await run(steps.complete_order, CompleteOrder(order_id="order-1", at=LATER))  # too late
        order = await as_it_is()
        assert story(order) == ["reserved", "cancelled: buyer"]
        assert (order.status, order.active, order.cancel_reason) == ("cancelled", False, "buyer")


class TestRefunding:
    """Only a complete order, once."""

    @pytest.mark.parametrize(
        "status", [s for s in OrderStatus if s not in (OrderStatus.COMPLETE, OrderStatus.REFUNDING)]
    )
    async def test_is_not_due_unless_the_order_is_complete(
        self, steps: OrderActivities, status: OrderStatus
    ) -> None:
        order = await stored(status)
        due = await run(steps.begin_refund, BeginRefund(order_id=order.id, at=LATER))
        assert due == RefundDue(amount=0)
        assert (await as_it_is(order.id)).status is status

    async def test_of_an_order_that_never_was_is_not_due(self, steps: OrderActivities) -> None:
        due = await run(steps.begin_refund, BeginRefund(order_id=str(uuid4()), at=LATER))
        assert due == RefundDue(amount=0)

    async def test_that_failed_is_shown_and_frees_nothing(self, steps: OrderActivities) -> None:
        order = await stored(OrderStatus.REFUNDING)
        failed = NoteRefund(
            order_id=order.id, status=RefundStatus.FAILED, failure="unknown", at=LATER
        )
        await run(steps.note_refund, failed)
        shown = await as_it_is(order.id)
        assert shown.refund is not None
        assert (shown.refund.status, shown.refund.failure) == ("failed", "unknown")
        assert (shown.status, shown.active) == ("refunding", True)

    async def test_that_is_done_is_not_undone_by_late_news(self, steps: OrderActivities) -> None:
        order = await stored(OrderStatus.REFUNDING)
        for status in (RefundStatus.SUCCEEDED, RefundStatus.PENDING, RefundStatus.FAILED):
            await run(steps.note_refund, NoteRefund(order_id=order.id, status=status, at=LATER))
        done = await as_it_is(order.id)
        assert done.refund is not None
        assert (done.status, done.refund.status) == ("refunded", "succeeded")

    async def test_that_failed_is_due_again_as_the_next_turn_and_its_end_is_told(
        self, steps: OrderActivities
    ) -> None:
        order = await stored(OrderStatus.REFUNDING)
        for turn in (1, 2):
            failed = NoteRefund(order_id=order.id, status=RefundStatus.FAILED, turn=turn, at=LATER)
            begin = BeginRefund(
                order_id=order.id, at=LATER + turn * timedelta(hours=1), actor="op", why="again"
            )
            for _ in range(2):
                await run(steps.note_refund, failed)
            due = [await run(steps.begin_refund, begin) for _ in range(2)]
            assert [each.turn for each in due] == [turn + 1] * 2
            assert due[0].amount > 0
        settled = NoteRefund(
            order_id=order.id,
            status=RefundStatus.SETTLED,
            turn=3,
            at=LATER,
            actor="op",
            why="by bank transfer",
        )
        for _ in range(2):
            await run(steps.note_refund, settled)
        done = await as_it_is(order.id)
        assert done.refund is not None
        assert (done.status, done.refund.status) == ("refunded", "settled")
        assert [(entry.what, entry.about) for entry in done.timeline[1:]] == [
            ("refund failed", None),
            ("refund requested", "try 2"),
            ("refund failed", "try 2"),
            ("refund requested", "try 3"),
            ("refunded by other means", "try 3"),
        ]

    async def test_of_a_disputed_payment_is_not_due(self, steps: OrderActivities) -> None:
        order = await stored(OrderStatus.COMPLETE)
        assert order.total is not None
        dispute = Dispute(
            id="du_1", status="lost", reason="general", amount=order.total, opened_at=NOON
        )
        await OrderStore().note_dispute(order.id, dispute, at=LATER)
        due = await run(steps.begin_refund, BeginRefund(order_id=order.id, at=LATER))
        assert due == RefundDue(disputed=True)
        adopt = BeginRefund(order_id=order.id, at=LATER, adopt="re_9")
        assert (await run(steps.begin_refund, adopt)).amount == order.total.amount
