"""How operators find orders: what a list holds, and what it costs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.database import Databases
from services.orders.documents import OPEN, Order, OrderStatus
from services.orders.search import (
    BrokenPlaceError,
    OrderFilter,
    OrderSearch,
    cursor_after,
    list_query,
    read_cursor,
    single_query,
)
from services.orders.store import OrderStore
from tests.filling import fill
from tests.order_builders import NOON, an_order

OPEN_ONES = OrderFilter(OPEN)
ANY = OrderFilter()
MANY = 2_000
PAGE = 20


@pytest.fixture
def search(databases: Databases) -> OrderSearch:
    """Everybody's orders."""
    return OrderSearch()


async def an_order_of(number: int, status: OrderStatus = OrderStatus.CREATED) -> Order:
    """Younger than those with a smaller number, with a nearer deadline than them."""
    order = an_order(
        status,
        order_id=f"order-{number:04}",
        buyer_id=f"buyer-{number % 3}",
        created_at=NOON + timedelta(minutes=number),
    )
    order.seller_id = f"seller-{number % 2}"
    order.expires_at = NOON - timedelta(minutes=number)
    await order.insert()
    return order


async def ids(search: OrderSearch, wanted: OrderFilter, limit: int = 2) -> list[str]:
    """Of all pages."""
    found: list[str] = []
    cursor = None
    while True:
        page = await search.page(wanted, limit=limit, cursor=cursor)
        assert 0 < len(page.orders) <= limit
        found += [order.id for order in page.orders]
        cursor = page.next_cursor
        if cursor is None:
            return found


async def test_open_orders_come_with_the_nearest_deadline_first(search: OrderSearch) -> None:
    for number, status in enumerate((*OPEN, *OPEN, OrderStatus.COMPLETE)):
        await an_order_of(number, status)
    assert await ids(search, OPEN_ONES) == ["order-0003", "order-0002", "order-0001", "order-0000"]


async def test_all_others_come_with_the_newest_first(search: OrderSearch) -> None:
    for number in range(5):
        await an_order_of(number, OrderStatus.CANCELLED if number % 2 else OrderStatus.CREATED)
    assert await ids(search, ANY) == [f"order-000{number}" for number in (4, 3, 2, 1, 0)]
    cancelled = OrderFilter((OrderStatus.CANCELLED,))
    assert await ids(search, cancelled, limit=1) == ["order-0003", "order-0001"]


@pytest.mark.parametrize("wanted", [ANY, OPEN_ONES, OrderFilter(subject="buyer-of-many")])
async def test_orders_of_the_same_moment_are_neither_skipped_nor_repeated(
    search: OrderSearch, wanted: OrderFilter
) -> None:
    orders = [an_order(buyer_id="buyer-of-many") for _ in range(7)]
    for order in orders:
        await order.insert()
    found = await ids(search, wanted, limit=3)
    assert sorted(found) == sorted(order.id for order in orders)


async def test_what_was_given_up_before_it_was_opened_is_in_no_list(search: OrderSearch) -> None:
    order = await an_order_of(1)
    await OrderStore().abandon("given-up")
    assert await ids(search, ANY) == [order.id]
    assert (await search.page(OrderFilter(subject="given-up"), limit=2)).orders == []


async def test_a_subject_is_one_order_or_all_of_a_ticket_or_a_person(search: OrderSearch) -> None:
    orders = [await an_order_of(number, OrderStatus.AWAITING_PAYMENT) for number in range(6)]
    one = orders[4]
    for subject in (one.id, one.ticket_id, one.payment.payment_intent_id):
        assert await ids(search, OrderFilter(subject=subject)) == [one.id]
    assert await ids(search, OrderFilter(subject="buyer-1")) == ["order-0004", "order-0001"]
    assert await ids(search, OrderFilter(subject="seller-1")) == [
        f"order-000{number}" for number in (5, 3, 1)
    ]
    assert (await search.page(OrderFilter(subject="nobody"), limit=2)).orders == []
    assert (await search.page(OrderFilter(subject="order-000"), limit=2)).orders == []


async def test_a_subject_and_a_state_go_together(search: OrderSearch) -> None:
    await an_order_of(1, OrderStatus.CANCELLED)
    await an_order_of(4)
    assert await ids(search, OrderFilter(OPEN, "buyer-1")) == ["order-0004"]
    assert await ids(search, OrderFilter((OrderStatus.CANCELLED,), "buyer-1")) == ["order-0001"]
    assert (await search.page(OrderFilter(OPEN, "order-0001"), limit=1)).orders == []


def stages(plan: object) -> Iterator[str]:
    """Every stage of an explained query plan."""
    if isinstance(plan, dict):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for part in plan.values():
            yield from stages(part)
    if isinstance(plan, list):
        for part in plan:
            yield from stages(part)


@pytest.fixture
async def many(databases: Databases) -> None:
    """So many orders that walking through all of them would show."""
    orders = databases.orders["orders"]
    template = (await an_order_of(0)).model_dump(by_alias=True)
    await orders.delete_many({})
    status = list(OrderStatus)
    await fill(
        orders,
        (
            {
                **template,
                "_id": f"order-{number:04}",
                "status": status[number % len(status)],
                "active": False,
                "ticket_id": f"ticket-{number % 50}",
                "buyer_id": f"buyer-{number % 50}",
                "seller_id": f"seller-{number % 50}",
                "payment": {"status": "captured", "payment_intent_id": f"pi_{number}"},
                "created_at": NOON + timedelta(minutes=number // 2),
                "expires_at": NOON + timedelta(minutes=number // 2),
            }
            for number in range(MANY)
        ),
    )


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    "wanted",
    [
        OPEN_ONES,
        ANY,
        *(OrderFilter((status,)) for status in OrderStatus),
        OrderFilter(subject="ticket-7"),
        OrderFilter(subject="buyer-7"),
        OrderFilter(subject="seller-7"),
    ],
    ids=["open", "any", *OrderStatus, "ticket", "buyer", "seller"],
)
async def test_the_last_page_costs_what_the_first_does(
    databases: Databases, wanted: OrderFilter
) -> None:
    collection = databases.orders["orders"]
    along = wanted.along
    order = [(along.value, along.direction), ("_id", along.direction)]
    in_order = await collection.find(list_query(wanted, None)).sort(order).to_list()

    async def cost(cursor: str | None) -> int:
        place = read_cursor(cursor, along) if cursor else None
        query = list_query(wanted, place)
        plan = await collection.find(query).sort(order).limit(PAGE + 1).explain()
        used = set(stages(plan["queryPlanner"]["winningPlan"]))
        assert "IXSCAN" in used
        assert not used & {"SORT", "COLLSCAN"}
        return int(plan["executionStats"]["totalKeysExamined"])

    assert await cost(None) <= PAGE + 10
    near_the_end = cursor_after(Order.model_validate(in_order[-30]), along)
    assert await cost(near_the_end) <= PAGE + 10


@pytest.mark.usefixtures("many")
async def test_an_order_is_found_by_its_id_or_its_payment_without_looking_at_others(
    databases: Databases,
) -> None:
    plan: Any = await databases.orders["orders"].find(single_query("pi_7")).explain()
    assert plan["executionStats"]["nReturned"] == 1
    assert plan["executionStats"]["totalKeysExamined"] <= 2


@pytest.mark.parametrize("wanted", [OPEN_ONES, ANY])
@pytest.mark.parametrize(
    "cursor",
    ["x", "~", "~~", "created_at~", "created_at~2027-05-01T12:00:00.000000Z~", "é~é~é", "\ud800"],
)
async def test_whatever_we_did_not_write_is_refused(
    search: OrderSearch, wanted: OrderFilter, cursor: str
) -> None:
    with pytest.raises(BrokenPlaceError):
        await search.page(wanted, limit=1, cursor=cursor)


async def test_a_cursor_of_another_list_is_refused(search: OrderSearch) -> None:
    for number in range(2):
        await an_order_of(number)
    by_deadline = (await search.page(OPEN_ONES, limit=1)).next_cursor
    with pytest.raises(BrokenPlaceError):
        await search.page(ANY, limit=1, cursor=by_deadline)
