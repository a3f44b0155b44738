"""Leaving: the person goes, what others rely on stays."""

from datetime import timedelta

import pytest

from services.auth.documents import Session
from tests.api.conftest import PASSWORD
from tests.api.market import Json, Market, Person, until


async def closes(person: Person, password: str | None = PASSWORD) -> tuple[int, str | None]:
    answer = await person.http.post("/api/users/me/close", json={"password": password})
    return answer.status_code, answer.json()["type"] if answer.content else None


async def bought(market: Market, buyer: Person, ticket: Json) -> Json:
    order = await buyer.bills(await buyer.buys(ticket))
    await market.pay(order)
    return await buyer.when(order, lambda it: it["status"] == "complete")


async def test_a_closed_account_leaves_orders_without_a_person(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await bought(market, buyer, await seller.lists())
    assert await closes(buyer) == (204, None)
    assert (await buyer.http.get("/api/users/me")).status_code == 401
    login = {"email": buyer.email, "password": PASSWORD}
    assert (await market.browser().post("/api/users/login", json=login)).status_code == 401

    async def anonymous() -> Json | None:
        stored = await market.databases.orders["orders"].find_one({"_id": order["id"]})
        return stored if stored and stored["billing"] is None else None

    stored = await until(anonymous)
    assert stored["status"] == "complete"
    assert stored["total"] == order["total"]
    await until(lambda: _card_is_gone(market, order))
    await until(lambda: _nothing_names(market, buyer, "Lovelace"))


async def test_a_closed_sellers_listings_go_off_the_market_and_sold_tickets_stay_sold(
    market: Market, seller: Person, buyer: Person
) -> None:
    for_sale, sold = await seller.lists(title="For sale"), await seller.lists(title="Sold")
    order = await bought(market, buyer, sold)
    assert await closes(seller) == (204, None)
    await until(lambda: _is_gone(buyer, for_sale))
    assert (await buyer.ticket(sold))["status"] == "sold"
    await buyer.asks_money_back(order)
    await buyer.when(order, lambda it: it["status"] == "refunded")
    await until(lambda: _is_gone(buyer, sold))
    assert (await buyer.asks_for(sold)).status_code == 404
    listed = (await buyer.http.get("/api/tickets", params={"limit": 100})).json()["items"]
    assert sold["id"] not in [each["id"] for each in listed]


async def test_what_is_on_hold_when_its_seller_leaves_can_still_be_bought(
    market: Market, seller: Person, buyer: Person
) -> None:
    ticket = await seller.lists()
    order = await buyer.bills(await buyer.buys(ticket))
    assert await closes(seller) == (204, None)
    await market.pay(order)
    await buyer.when(order, lambda it: it["status"] == "complete")
    assert (await buyer.ticket(ticket))["status"] == "sold"


async def test_nobody_leaves_with_an_unpaid_order(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    assert await closes(buyer) == (409, "/problems/open-orders")
    assert (await buyer.http.get("/api/users/me")).status_code == 200
    await buyer.cancels(order)
    assert await closes(buyer) == (204, None)


@pytest.mark.parametrize("password", ["not it", None])
async def test_a_stolen_session_alone_closes_no_account(
    market: Market, buyer: Person, password: str | None
) -> None:
    assert (await closes(buyer, password))[0] == 422
    assert (await buyer.http.get("/api/users/me")).status_code == 200


async def test_without_a_password_only_a_fresh_session_closes_the_account(
    market: Market, buyer: Person
) -> None:
    users = market.databases.auth["users"]
    await users.update_one({"_id": buyer.id}, {"$set": {"password_hash": None}})
    session = await Session.find_one({"user_id": buyer.id})
    assert session is not None
    aged = session.created_at - timedelta(minutes=11)
    await session.set({"created_at": aged})
    assert await closes(buyer, None) == (403, "/problems/sign-in-again")
    await session.set({"created_at": session.created_at + timedelta(minutes=11)})
    assert await closes(buyer, None) == (204, None)


async def test_while_no_worker_is_there_the_account_stays_and_closes_later(
    market: Market, buyer: Person
) -> None:
    async with market.crew.away():
        assert (await closes(buyer))[0] == 503
        assert (await buyer.http.get("/api/users/me")).status_code == 200
    await until(lambda: _is_nobody(buyer))


async def _card_is_gone(market: Market, order: Json) -> bool:
    payment = await market.databases.payments["payments"].find_one({"_id": order["id"]})
    return payment is not None and payment["card"] is None


async def _nothing_names(market: Market, person: Person, name: str) -> bool:
    """Whether address, name and id of the account are in no database any more."""
    auth = market.databases.auth
    for collection in await auth.list_collection_names():
        async for each in auth[collection].find({}):
            if person.email in str(each) or person.id in str(each):
                return False
    billing = market.databases.orders["billing"]
    orders = [
        each["_id"]
        async for each in market.databases.orders["orders"].find({"buyer_id": person.id})
    ]
    async for each in billing.find({"order_id": {"$in": orders}}):
        if name in str(each):
            return False
    return True


async def _is_gone(person: Person, ticket: Json) -> bool:
    return (await person.http.get(f"/api/tickets/{ticket['id']}")).status_code == 404


async def _is_nobody(person: Person) -> bool:
    return (await person.http.get("/api/users/me")).status_code == 401
