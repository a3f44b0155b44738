"""A page that watches an order is told everything that happens to it, and nothing else."""

import pytest

from services.database import MongoSettings
from services.orders.documents import Order, OrderStatus
from services.orders.store import OrderStore
from tests.api.conftest import Browser
from tests.api.live.conftest import Served, registered, serving
from tests.api.market import problem
from tests.api.streams import END
from tests.order_builders import DEADLINE, LATER, an_order

ORDERS = OrderStore()


async def decline(order: Order, code: str = "lost_card") -> None:
    assert await ORDERS.note_decline(order.id, attempt_id=code, code=code, at=LATER)


async def test_it_begins_with_the_order_as_it_is(served: Served) -> None:
    order = await served.order()
    async with served.watching(order) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert "no-store" in stream.response.headers["cache-control"]
        assert stream.response.headers["x-accel-buffering"] == "no"
        (first,) = await stream.read(1)
        assert (first.event, first.data) == ("order", await served.seen(order))


async def test_each_change_is_told(served: Served) -> None:
    order = await served.order(OrderStatus.AWAITING_PAYMENT)
    async with served.watching(order) as stream:
        await stream.next()
        await decline(order)
        (declined,) = await stream.read(1)
        assert declined.data["payment"]["last_error"]["code"] == "lost_card"
        await ORDERS.extend(order.id, until=DEADLINE.replace(hour=13), at=LATER)
        (extended,) = await stream.read(1)
        assert extended.data["expires_at"].startswith("2027-05-01T13")
        assert extended.id != declined.id


async def test_another_order_is_not(served: Served) -> None:
    order, other = await served.order(), await served.order()
    async with served.watching(order) as stream:
        await stream.next()
        await decline(other)
        await decline(order)
        (told,) = await stream.read(1)
        assert told.data["id"] == order.id


async def test_it_ends_with_the_order(served: Served) -> None:
    order = await served.order()
    async with served.watching(order) as stream:
        await stream.next()
        await ORDERS.cancel(order.id, reason="expired", at=LATER)
        cancelled, end = await stream.rest()
        assert (cancelled.event, cancelled.data["cancel_reason"]) == ("order", "expired")
        assert (end.event, end.data) == ("end", {"status": "cancelled"})


@pytest.mark.parametrize(
    "status", [OrderStatus.COMPLETE, OrderStatus.CANCELLED, OrderStatus.REFUNDED]
)
async def test_an_order_that_is_over_is_shown_once(served: Served, status: OrderStatus) -> None:
    order = await served.order(status)
    async with served.watching(order) as stream:
        assert [message.event for message in await stream.rest()] == ["order", "end"]
    async with served.watching(order, last_id=stream.last_id) as again:
        assert [message.event for message in await again.rest()] == ["end"]


async def test_a_refund_is_followed_to_its_end(served: Served) -> None:
    order = await served.order(OrderStatus.COMPLETE)
    assert await ORDERS.begin_refund(order.id, at=LATER)
    async with served.watching(order) as stream:
        (begun,) = await stream.read(1)
        assert begun.data["refund"]["status"] == "requested"
        await ORDERS.note_refund(order.id, status="pending", failure=None, at=LATER)
        await stream.next()
        await ORDERS.finish_refund(order.id, at=LATER)
        assert [message.event for message in await stream.rest()] == ["order", "end"]


async def test_who_comes_back_hears_only_what_is_new(served: Served) -> None:
    order = await served.order()
    async with served.watching(order) as stream:
        await stream.next()
    async with served.watching(order, last_id=stream.last_id) as again:
        await decline(order)
        (told,) = await again.read(1)
        assert told.data["payment"]["status"] == "declined"


async def test_what_happened_meanwhile_is_told_at_once(served: Served) -> None:
    order = await served.order()
    async with served.watching(order) as stream:
        await stream.next()
    await decline(order)
    async with served.watching(order, last_id=stream.last_id) as again:
        (told,) = await again.read(1)
        assert told.data["payment"]["status"] == "declined"


async def test_only_its_buyer_may_watch(served: Served) -> None:
    order = await served.order()
    async with Browser(base_url=served.url) as nobody, served.watching(order, nobody) as stream:
        problem(stream.response, 401)
    async with Browser(base_url=served.url) as other:
        await registered(other, "other")
        async with (
            served.watching(order, other) as foreign,
            served.watching(an_order(), other) as missing,
        ):
            assert problem(foreign.response, 404) == problem(missing.response, 404)


async def test_signing_out_ends_it(mongo_settings: MongoSettings) -> None:
    async with serving(mongo_settings, live_recheck_seconds=0.05) as served:
        order = await served.order()
        async with served.watching(order) as stream:
            await stream.next()
            await served.buyer.post("/api/users/logout")
            assert await stream.next() is END


async def test_nothing_is_told_after_signing_out(served: Served) -> None:
    order = await served.order()
    async with served.watching(order) as stream:
        await stream.next()
        cookies = dict(served.buyer.cookies)
        await served.buyer.post("/api/users/logout")
        assert cookies != dict(served.buyer.cookies)
        await decline(order)
        assert await stream.next() is END


async def test_one_person_holds_only_so_many(mongo_settings: MongoSettings) -> None:
    async with serving(mongo_settings, live_orders_per_user=2) as served:
        order = await served.order()
        async with served.watching(order), served.watching(order) as second:
            async with served.watching(order) as third:
                problem(third.response, 429)
                assert int(third.response.headers["retry-after"]) > 0
            async with Browser(base_url=served.url) as other:
                theirs = an_order(buyer_id=await registered(other, "other"))
                await theirs.insert()
                async with served.watching(theirs, other) as stream:
                    assert stream.response.status_code == 200
            await second.response.aclose()
            await served_again(served, order)


async def served_again(served: Served, order: Order) -> None:
    """The seat of somebody who left is free as soon as the server has noticed."""
    while True:
        async with served.watching(order) as stream:
            if stream.response.status_code == 200:
                return


async def test_with_more_seats_the_third_may_sit(mongo_settings: MongoSettings) -> None:
    async with serving(mongo_settings, live_orders_per_user=3) as served:
        order = await served.order()
        async with (
            served.watching(order),
            served.watching(order),
            served.watching(order) as third,
        ):
            assert third.response.status_code == 200
