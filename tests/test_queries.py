"""That a query without an index does not pass unnoticed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from services.database import Databases, MongoSettings, open_databases
from services.orders.documents import SentMail
from services.orders.store import OrderStore
from tests.conftest import QUERIES
from tests.queries import queries_of, unheard

INDEX = "mail_of_an_order"


@pytest.fixture
async def unindexed(databases: Databases) -> AsyncIterator[OrderStore]:
    """Orders whose mails have no index to be found by."""
    await databases.orders["sent_mail"].drop_index(INDEX)
    QUERIES.explain_anew()
    yield OrderStore()
    (missing,) = (each for each in SentMail.Settings.indexes if each.document["name"] == INDEX)
    await databases.orders["sent_mail"].create_indexes([missing])


async def test_a_query_without_an_index_is_reported_once(unindexed: OrderStore) -> None:
    await unindexed.mails_of("an order")
    await unindexed.mails_of("another")
    assert QUERIES.unindexed() == [
        "sent_mail: find {order_id: str} has no index: all of the collection is read"
    ]


@pytest.mark.xfail(strict=True, raises=pytest.fail.Exception, reason="that is what is tested")
async def test_a_test_that_asks_without_an_index_fails(unindexed: OrderStore) -> None:
    await unindexed.mails_of("an order")


async def test_a_query_with_an_index_is_not_reported(databases: Databases) -> None:
    QUERIES.explain_anew()
    await OrderStore().mails_of("an order")
    await OrderStore().get("an order")
    assert QUERIES.unindexed() == []


async def test_where_the_collection_is_gone_nothing_is_known_yet(databases: Databases) -> None:
    QUERIES.explain_anew()
    await databases.orders["sent_mail"].drop()
    try:
        await OrderStore().mails_of("an order")
        assert QUERIES.unindexed() == []
    finally:
        await databases.orders["sent_mail"].create_indexes(SentMail.Settings.indexes)
    await OrderStore().mails_of("an order")
    assert QUERIES.heard == 1


async def test_what_a_test_itself_asks_is_its_own_business(databases: Databases) -> None:
    await databases.orders["sent_mail"].find({"provider_id": "x"}).to_list()
    assert QUERIES.unindexed() == []


async def test_what_is_opened_unheard_is_not_listened_to(mongo_settings: MongoSettings) -> None:
    async with AsyncExitStack() as stack:
        with unheard():
            databases = await stack.enter_async_context(open_databases(mongo_settings))
        await databases.orders["sent_mail"].drop_index(INDEX)
        QUERIES.explain_anew()
        await OrderStore().mails_of("an order")
        assert QUERIES.unindexed() == []
    async with open_databases(mongo_settings):  # which makes the index anew
        await OrderStore().mails_of("an order")
        assert QUERIES.heard == 1


@pytest.mark.parametrize(
    ("command", "shapes"),
    [
        ({"find": "c", "filter": {"a": 1, "b": {"$gt": 2}}}, ["find {a: int, b: {$gt: int}}"]),
        (
            {"find": "c", "filter": {"a": None}, "sort": {"b": 1, "_id": 1}},
            ["find {a: null} sorted by b, _id"],
        ),
        ({"find": "c", "filter": {}}, []),
        ({"count": "c", "query": {"a": "x"}}, ["count {a: str}"]),
        ({"aggregate": "c", "pipeline": [{"$match": {"a": 1}}]}, ["aggregate {a: int}"]),
        ({"aggregate": "c", "pipeline": [{"$changeStream": {}}]}, []),
        (
            {"update": "c", "updates": [{"q": {"a": 1}, "u": {}}, {"q": {"b": 1}, "u": {}}]},
            ["update {a: int}", "update {b: int}"],
        ),
        ({"delete": "c", "deletes": [{"q": {"a": [1, 2, "x"]}}]}, ["delete {a: [int, str]}"]),
        ({"findAndModify": "c", "query": {"a": 1}}, ["findAndModify {a: int}"]),
        ({"insert": "c", "documents": []}, []),
        ({"ping": 1}, []),
    ],
)
def test_statements_are_told_by_their_shape(command: dict[str, object], shapes: list[str]) -> None:
    assert [query.shape for query in queries_of("db", command)] == shapes
