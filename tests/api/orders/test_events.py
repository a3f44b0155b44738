"""Orders as their pages see them happen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise

from pymongo import AsyncMongoClient

from services.database import MongoSettings
from tests.api.market import Json, Market, Person, until
from tests.api.streams import Message, Stream, watching


@asynccontextmanager
async def watched(market: Market, person: Person, order: Json) -> AsyncIterator[Stream]:
    async with watching(f"{market.url}/api/orders/{order['id']}/events", person.http) as stream:
        yield stream


def course(messages: list[Message]) -> list[str]:
    """The statuses that were shown, and the end."""
    shown = [
        message.data["status"] if message.event == "order" else message.event
        for message in messages
    ]
    return [after for before, after in pairwise(["", *shown]) if after != before]


async def test_a_sale_and_its_refund_are_seen_as_they_happen(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    async with watched(market, buyer, order) as stream:
        (reserved,) = await stream.read(1)
        assert reserved.data == order
        billed = await buyer.bills(order)
        told = [reserved]
        while course(told)[-1] != "awaiting_payment":
            told += await stream.read(1)
        await market.pay(billed)
        told += await stream.rest()
        assert course(told) == ["created", "awaiting_payment", "complete", "end"]
        assert told[-2].data == await buyer.order(order)
        assert told[-2].data["payment"]["card"] == {"brand": "visa", "last4": "4242"}
    await buyer.asks_money_back(order)
    async with watched(market, buyer, order) as stream:
        assert course(await stream.rest())[-2:] == ["refunded", "end"]


async def test_the_client_secret_comes_with_the_bill(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    async with watched(market, buyer, order) as stream:
        await stream.next()
        billed = await buyer.bills(order)
        (told,) = await stream.read(1)
        assert told.data["payment"]["client_secret"] == billed["payment"]["client_secret"]
    await buyer.cancels(order)


async def test_a_page_stays_through_an_outage_and_misses_nothing(
    market: Market, seller: Person, buyer: Person, mongo_settings: MongoSettings
) -> None:
    order = await buyer.buys(await seller.lists())
    async with watched(market, buyer, order) as stream:
        await stream.next()
        async with (
            market.cables.mongodb.pulled(),
            AsyncMongoClient[Json](mongo_settings.uri) as elsewhere,
        ):
            orders = elsewhere[market.databases.orders.name]["orders"]
            note = {"$push": {"timeline": {"at": datetime.now(UTC), "what": "noted elsewhere"}}}
            await orders.update_one({"_id": order["id"]}, note)
        (told,) = await stream.read(1)
        assert told.data["timeline"][-1]["what"] == "noted elsewhere"
    await until(lambda: market.databases.orders["orders"].find_one({"_id": order["id"]}))
    await buyer.cancels(order)
