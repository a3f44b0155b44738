"""A purchase counts once, whatever is repeated, and never before it is written down."""

from datetime import timedelta
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from activities.orders import OrderActivities
from services.database import Databases
from services.metrics import Funnel, Outcome
from services.orders.documents import Order, OrderStatus
from services.orders.store import OrderStore
from services.tickets.store import TicketStore
from tests.activities.stripe_builders import run
from tests.activities.test_orders import LISTING
from tests.order_builders import DEADLINE, LATER, NOON, an_order
from workflows.purchase.messages import CancelReason
from workflows.purchase.steps import CancelOrder, CompleteOrder, OpenOrder
from workflows.refund.messages import RefundStatus
from workflows.refund.steps import NoteRefund

LATE = timedelta(seconds=7)


class Worker:
    """The steps of one process, and what that has counted."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.steps = OrderActivities(OrderStore(), TicketStore(), Funnel(self._registry))

    def counted(self) -> dict[str, float]:
        """Outcomes that are not zero."""
        counts = {outcome: self._sample("te_purchases_total", outcome) for outcome in Outcome}
        return {str(outcome): count for outcome, count in counts.items() if count}

    def seconds_late(self) -> float:
        """All lags together."""
        found = self._registry.get_sample_value("te_deadline_lag_seconds_sum")
        assert found is not None
        return found

    def _sample(self, name: str, outcome: str) -> float:
        found = self._registry.get_sample_value(name, {"outcome": outcome})
        assert found is not None, "a series that does not exist yet is no zero"
        return found


@pytest.fixture
def worker(databases: Databases) -> Worker:
    return Worker()


async def stored(status: OrderStatus) -> Order:
    order = an_order(status, order_id=str(uuid4()))
    assert await OrderStore().open(order)
    return order


def a_cancellation(order: Order, reason: CancelReason) -> CancelOrder:
    return CancelOrder(order_id=order.id, reason=reason, at=DEADLINE + LATE)


async def an_opening() -> OpenOrder:
    """Of a ticket that is held for it."""
    ticket, order_id = await TicketStore().create("seller", LISTING, NOON), str(uuid4())
    held = await TicketStore().reserve(
        ticket.id,
        order_id=order_id,
        buyer_id="buyer",
        version=ticket.version,
        until=DEADLINE,
        at=NOON,
    )
    assert held
    return OpenOrder(
        order_id=order_id, ticket_id=ticket.id, buyer_id="buyer", expires_at=DEADLINE, at=NOON
    )


async def test_a_reservation_counts_once_however_often_the_step_runs(worker: Worker) -> None:
    opening = await an_opening()
    for _ in range(3):
        assert await run(worker.steps.open_order, opening)
    assert worker.counted() == {"reserved": 1}


async def test_a_reservation_that_is_refused_does_not_count(worker: Worker) -> None:
    opening = await an_opening()
    rival = an_order(ticket_id=opening.ticket_id, order_id=str(uuid4()))
    assert await OrderStore().open(rival)
    assert not await run(worker.steps.open_order, opening)
    assert worker.counted() == {}


async def test_a_sale_counts_once(worker: Worker) -> None:
    order = await stored(OrderStatus.AWAITING_PAYMENT)
    for _ in range(3):
        await run(worker.steps.complete_order, CompleteOrder(order_id=order.id, at=LATER))
    await run(worker.steps.cancel_order, a_cancellation(order, CancelReason.BUYER))  # too late
    assert worker.counted() == {"paid": 1}


@pytest.mark.parametrize(
    "reason", [CancelReason.BUYER, CancelReason.OPERATOR, CancelReason.PAYMENT_FAILED]
)
async def test_a_cancellation_counts_once(worker: Worker, reason: CancelReason) -> None:
    order = await stored(OrderStatus.AWAITING_PAYMENT)
    for _ in range(3):
        await run(worker.steps.cancel_order, a_cancellation(order, reason))
    assert worker.counted() == {"cancelled": 1}
    assert worker.seconds_late() == 0


async def test_an_expiry_counts_once_and_tells_how_late_it_was(worker: Worker) -> None:
    order = await stored(OrderStatus.AWAITING_PAYMENT)
    for _ in range(3):
        await run(worker.steps.cancel_order, a_cancellation(order, CancelReason.EXPIRED))
    assert worker.counted() == {"expired": 1}
    assert worker.seconds_late() == LATE.total_seconds()


@pytest.mark.parametrize("done", [RefundStatus.SUCCEEDED, RefundStatus.SETTLED])
async def test_a_refund_counts_once_it_is_done_and_only_once(
    worker: Worker, done: RefundStatus
) -> None:
    order = await stored(OrderStatus.REFUNDING)
    for status in (RefundStatus.PENDING, done, done):
        await run(worker.steps.note_refund, NoteRefund(order_id=order.id, status=status, at=LATER))
    assert worker.counted() == {"refunded": 1}


async def test_a_process_that_dies_after_the_write_counts_one_too_few_and_nobody_one_too_many(
    worker: Worker,
) -> None:
    order = await stored(OrderStatus.AWAITING_PAYMENT)
    assert await OrderStore().complete(order.id, at=LATER)  # and there the process ends
    await run(worker.steps.complete_order, CompleteOrder(order_id=order.id, at=LATER))
    assert worker.counted() == {}
