"""The steps behind an operator's actions, on a real MongoDB, each run twice."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from activities.orders import OrderActivities
from activities.tickets import TicketActivities
from services.database import Databases
from services.metrics import Funnel
from services.money import Money
from services.orders.documents import Order
from services.orders.store import OrderStore
from services.tickets.documents import Listing, Ticket
from services.tickets.store import TicketStore
from tests.activities.stripe_builders import run
from tests.order_builders import DEADLINE, LATER, NOON
from workflows.purchase.messages import CancelReason
from workflows.purchase.steps import (
    CancelOrder,
    ExtendHold,
    LookAtDeadline,
    LookAtSale,
    NoteExtension,
    NoteRetry,
    OpenOrder,
    ReserveTicket,
)

ORDER = "order-1"
BY = {"actor": "operator-1", "why": "the bank's app was down"}
UNTIL = DEADLINE + timedelta(minutes=10)


@pytest.fixture
def steps(databases: Databases) -> OrderActivities:
    return OrderActivities(OrderStore(), TicketStore(), Funnel(CollectorRegistry()))


@pytest.fixture
async def held(steps: OrderActivities) -> Ticket:
    """A ticket that an order holds."""
    market = TicketStore()
    ticket = await market.create("seller", Listing(title="Row", price=Money(amount=1)), NOON)
    hold: dict[str, Any] = {"order_id": ORDER, "ticket_id": ticket.id, "buyer_id": "buyer"}
    reserve = ReserveTicket(version=ticket.version, until=DEADLINE, at=NOON, **hold)
    assert await run(TicketActivities(market).reserve_ticket, reserve)
    assert await run(steps.open_order, OpenOrder(expires_at=DEADLINE, at=NOON, **hold))
    return ticket


async def order() -> Order:
    found = await OrderStore().get(ORDER)
    assert found is not None
    return found


def an_extension(until: datetime = UNTIL, about: str = "one") -> NoteExtension:
    return NoteExtension(order_id=ORDER, expires_at=until, at=LATER, about=about, **BY)


async def test_an_extension_that_a_dead_worker_left_half_done_is_completed_by_its_repeat(
    steps: OrderActivities, held: Ticket
) -> None:
    """The hold was made longer, the order was not told; then both are done again."""
    hold = ExtendHold(order_id=ORDER, ticket_id=held.id, at=LATER, until=UNTIL)
    await run(TicketActivities(TicketStore()).extend_hold, hold)
    assert (await order()).expires_at == DEADLINE
    for _ in range(2):
        await run(TicketActivities(TicketStore()).extend_hold, hold)
        await run(steps.note_extension, an_extension())

    ticket = await TicketStore().get(held.id)
    assert ticket is not None
    assert ticket.held_until == (await order()).expires_at == UNTIL
    assert [entry.what for entry in (await order()).timeline] == ["reserved", "hold extended"]


async def test_the_deadline_is_what_the_order_shows(steps: OrderActivities, held: Ticket) -> None:
    look = LookAtDeadline(order_id=ORDER)
    assert await run(steps.look_at_deadline, look) == DEADLINE
    await run(steps.note_extension, an_extension())
    seen = await run(steps.look_at_deadline, look)
    assert seen == UNTIL
    assert seen.utcoffset() == timedelta(0)
    assert await run(steps.look_at_deadline, LookAtDeadline(order_id="nothing")) is None


async def test_a_sale_is_known_also_after_its_refund(steps: OrderActivities, held: Ticket) -> None:
    look = LookAtSale(order_id=ORDER)
    assert not await run(steps.look_at_sale, look)
    orders = OrderStore()
    await orders.complete(ORDER, at=LATER)
    assert await run(steps.look_at_sale, look)
    assert not await run(steps.look_at_sale, LookAtSale(order_id="nothing"))


async def test_who_cancelled_and_who_had_stripe_asked_again_is_told_once(
    steps: OrderActivities, held: Ticket
) -> None:
    retry = NoteRetry(order_id=ORDER, at=LATER, about="one", **BY)
    cancel = CancelOrder(order_id=ORDER, reason=CancelReason.OPERATOR, at=LATER, **BY)
    for _ in range(2):
        await run(steps.note_retry, retry)
        await run(steps.cancel_order, cancel)

    assert [
        (entry.what, entry.about, entry.actor, entry.why) for entry in (await order()).timeline
    ] == [
        ("reserved", None, None, None),
        ("payment tried again", "one", *BY.values()),
        ("cancelled: operator", None, *BY.values()),
    ]
