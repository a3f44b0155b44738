"""What operators do to an order: told with who and why, once, and in nobody's way."""

from datetime import timedelta

import pytest

from services.database import Databases
from services.orders.documents import Order, OrderStatus, TimelineEntry
from services.orders.store import OrderStore
from tests.order_builders import DEADLINE, LATER, an_order

MORE = timedelta(minutes=10)
BY = {"actor": "operator-1", "why": "the bank's app was down"}


@pytest.fixture
def orders(databases: Databases) -> OrderStore:
    return OrderStore()


async def stored(orders: OrderStore, status: OrderStatus) -> Order:
    order = an_order(status)
    assert await orders.open(order)
    return order


async def told(orders: OrderStore, order: Order) -> list[TimelineEntry]:
    """What was added to its timeline."""
    found = await orders.get(order.id)
    assert found is not None
    return found.timeline[len(order.timeline) :]


async def deadline(orders: OrderStore, order: Order) -> object:
    found = await orders.get(order.id)
    assert found is not None
    return found.expires_at


async def test_each_extension_is_told_once_however_often_its_step_runs(
    orders: OrderStore,
) -> None:
    order = await stored(orders, OrderStatus.AWAITING_PAYMENT)
    for about, n in (("one", 1), ("one", 1), ("two", 2), ("one", 1)):
        await orders.extend(order.id, until=DEADLINE + n * MORE, at=LATER, about=about, **BY)
    assert [entry.model_dump() for entry in await told(orders, order)] == [
        {"at": LATER, "what": "hold extended", "about": about, **BY} for about in ("one", "two")
    ]
    # The last run of the first step came late; it does not take time away again.
    assert await deadline(orders, order) == DEADLINE + 2 * MORE


async def test_an_operator_s_extension_and_a_late_address_are_two_things(
    orders: OrderStore,
) -> None:
    order = await stored(orders, OrderStatus.CREATED)
    assert await orders.extend(order.id, until=DEADLINE + MORE, at=LATER, about="one", **BY)
    assert await orders.extend(order.id, until=DEADLINE + 2 * MORE, at=LATER)
    assert [(entry.about, entry.actor) for entry in await told(orders, order)] == [
        ("one", "operator-1"),
        ("late address", None),
    ]
    assert await deadline(orders, order) == DEADLINE + 2 * MORE


async def test_an_operator_s_cancellation_says_who_and_why(orders: OrderStore) -> None:
    order = await stored(orders, OrderStatus.AWAITING_PAYMENT)
    assert await orders.cancel(order.id, reason="operator", at=LATER, **BY)
    assert not await orders.cancel(order.id, reason="operator", at=LATER, **BY)
    (cancelled,) = await told(orders, order)
    assert cancelled.model_dump(exclude_none=True) == {
        "at": LATER,
        "what": "cancelled: operator",
        **BY,
    }


@pytest.mark.parametrize("status", OrderStatus)
async def test_another_try_is_told_each_time_whatever_has_become_of_the_order(
    orders: OrderStore, status: OrderStatus
) -> None:
    order = await stored(orders, status)
    for about in ("one", "one", "two"):
        await orders.note_retry(order.id, about=about, at=LATER, **BY)
    assert [entry.model_dump() for entry in await told(orders, order)] == [
        {"at": LATER, "what": "payment tried again", "about": about, **BY}
        for about in ("one", "two")
    ]
    found = await orders.get(order.id)
    assert found is not None
    story = {"timeline", "changed_at"}
    assert found.model_dump(exclude=story) == order.model_dump(exclude=story)


async def test_another_try_for_an_order_that_is_not_there_makes_none(orders: OrderStore) -> None:
    assert not await orders.note_retry("nothing", about="one", at=LATER, **BY)
    assert await Order.count() == 0
