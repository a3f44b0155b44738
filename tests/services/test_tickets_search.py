"""How the market is searched, on a real MongoDB."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from services.database import Databases
from services.money import Money
from services.tickets.documents import Listed, Listing, Ticket, TicketStatus
from services.tickets.search import (
    BrokenCursorError,
    TicketFilters,
    TicketSort,
    cursor_after,
    page_query,
)
from services.tickets.store import TicketStore
from tests.filling import fill

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
EVERYTHING = TicketFilters()


@pytest.fixture
def tickets(databases: Databases) -> TicketStore:
    return TicketStore()


async def offer(
    tickets: TicketStore, title: str, amount: int = 5000, *, seller: str = "seller", minute: int = 0
) -> Ticket:
    listing = Listing(title=title, price=Money(amount=amount))
    return await tickets.create(seller, listing, NOON + timedelta(minutes=minute))


async def titles(
    tickets: TicketStore, sort: TicketSort, filters: TicketFilters = EVERYTHING
) -> list[str]:
    page = await tickets.search(filters, sort, 100)
    return [ticket.title for ticket in page.items]


async def test_sorts_by_price_title_and_age_in_both_directions(tickets: TicketStore) -> None:
    await offer(tickets, "beta", 300, minute=1)
    await offer(tickets, "Alpha", 200, minute=2)
    await offer(tickets, "Gamma", 100, minute=3)
    assert await titles(tickets, TicketSort.PRICE) == ["Gamma", "Alpha", "beta"]
    assert await titles(tickets, TicketSort.PRICE_DOWN) == ["beta", "Alpha", "Gamma"]
    assert await titles(tickets, TicketSort.TITLE) == ["Alpha", "beta", "Gamma"]
    assert await titles(tickets, TicketSort.TITLE_DOWN) == ["Gamma", "beta", "Alpha"]
    assert await titles(tickets, TicketSort.CREATED) == ["beta", "Alpha", "Gamma"]
    assert await titles(tickets, TicketSort.CREATED_DOWN) == ["Gamma", "Alpha", "beta"]


@pytest.mark.parametrize(
    ("keywords", "found"),
    [
        ("rock", ["Rock am Ring", "Hard ROCK night"]),
        ("ROCK  night", ["Hard ROCK night"]),
        ("night rock", ["Hard ROCK night"]),
        ("oc", ["Rock am Ring", "Hard ROCK night"]),
        ("50% (off)", ["Everything 50% (off)"]),
        (".*", []),
        ("straße", ["Live in der STRASSE"]),
        ("jazz rock", []),
        ("   ", ["Rock am Ring", "Hard ROCK night", "Everything 50% (off)", "Live in der STRASSE"]),
    ],
)
async def test_every_keyword_must_occur_in_the_title(
    tickets: TicketStore, keywords: str, found: list[str]
) -> None:
    every = ["Rock am Ring", "Hard ROCK night", "Everything 50% (off)", "Live in der STRASSE"]
    for minute, title in enumerate(every):
        await offer(tickets, title, minute=minute)
    assert await titles(tickets, TicketSort.CREATED, TicketFilters(keywords=keywords)) == found


async def test_price_bounds_are_inclusive(tickets: TicketStore) -> None:
    for amount in (99, 100, 150, 200, 201):
        await offer(tickets, str(amount), amount)
    between = TicketFilters(min_price=100, max_price=200)
    assert await titles(tickets, TicketSort.PRICE, between) == ["100", "150", "200"]
    assert await titles(tickets, TicketSort.CREATED_DOWN, TicketFilters(min_price=201)) == ["201"]


async def test_filters_by_status_and_seller(tickets: TicketStore) -> None:
    mine = await offer(tickets, "mine", seller="me")
    await offer(tickets, "mine too", seller="me")
    await offer(tickets, "other")
    await tickets.reserve(mine.id, order_id="o", buyer_id="b", version=1, until=NOON, at=NOON)
    reserved = (TicketStatus.RESERVED,)
    by_title = TicketSort.TITLE
    assert await titles(tickets, by_title) == ["mine too", "other"]
    assert await titles(tickets, by_title, TicketFilters(statuses=reserved)) == ["mine"]
    assert await titles(tickets, by_title, TicketFilters(seller_ids=("me",))) == ["mine too"]
    everything = TicketFilters(seller_ids=("me",), statuses=tuple(TicketStatus))
    assert await titles(tickets, by_title, everything) == [
        "mine",
        "mine too",
    ]


@pytest.mark.parametrize("sort", list(TicketSort))
@pytest.mark.parametrize("statuses", [(TicketStatus.AVAILABLE,), tuple(TicketStatus)])
async def test_pages_neither_skip_nor_repeat_among_equals(
    tickets: TicketStore, sort: TicketSort, statuses: tuple[TicketStatus, ...]
) -> None:
    for number in range(23):
        await offer(tickets, f"Same {number // 12}", 5000 + number // 12)
    seen: list[str] = []
    cursor: str | None = None
    filters = TicketFilters(statuses=statuses)
    while True:
        page = await tickets.search(filters, sort, 5, cursor)
        seen += [ticket.id for ticket in page.items]
        if (cursor := page.next_cursor) is None:
            break
    everything = await tickets.search(filters, sort, 100)
    assert seen == [ticket.id for ticket in everything.items]
    assert len(set(seen)) == 23


async def test_what_is_listed_meanwhile_does_not_shift_the_next_page(tickets: TicketStore) -> None:
    for minute in range(4):
        await offer(tickets, str(minute), minute=minute)
    first = await tickets.search(EVERYTHING, TicketSort.CREATED_DOWN, 2)
    await offer(tickets, "new", minute=9)
    second = await tickets.search(EVERYTHING, TicketSort.CREATED_DOWN, 2, first.next_cursor)
    assert [ticket.title for ticket in second.items] == ["1", "0"]
    assert second.next_cursor is None


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


@pytest.mark.parametrize("sort", list(TicketSort))
@pytest.mark.parametrize(
    "filters",
    [
        EVERYTHING,
        TicketFilters(min_price=1, max_price=10**6),
        TicketFilters(statuses=tuple(TicketStatus)),
    ],
    ids=["all", "priced", "any status"],
)
async def test_the_last_page_costs_what_the_first_does(
    tickets: TicketStore, databases: Databases, sort: TicketSort, filters: TicketFilters
) -> None:
    collection = databases.tickets["tickets"]
    template = (await offer(tickets, "template")).model_dump(by_alias=True)
    await collection.delete_many({})
    await fill(
        collection,
        (
            {
                **template,
                "_id": f"{number:05}",
                "title_key": f"show {number // 300}",
                "price": {"amount": 5000 + number // 300, "currency": "CAD"},
                "created_at": NOON + timedelta(minutes=number // 300),
            }
            for number in range(1000)
        ),
    )
    in_order = await collection.find({}).sort(sort.order).to_list()

    async def cost(cursor: str | None) -> int:
        query = page_query(filters, sort, cursor)
        plan = await collection.find(query).sort(sort.order).limit(21).explain()
        used = set(stages(plan["queryPlanner"]["winningPlan"]))
        assert "IXSCAN" in used
        assert not used & {"SORT", "COLLSCAN"}
        return int(plan["executionStats"]["totalKeysExamined"])

    first = await cost(None)
    near_the_end = await cost(cursor_after(Ticket.model_validate(in_order[-40]), sort))
    assert first <= 30
    assert near_the_end <= first + 10


async def test_a_sellers_own_listings_come_from_their_index(
    tickets: TicketStore, databases: Databases
) -> None:
    for number in range(30):
        await offer(tickets, "x", seller=f"seller-{number % 3}", minute=number)
    query = page_query(TicketFilters(seller_ids=("seller-1",)), TicketSort.CREATED_DOWN, None)
    plan = (
        await databases.tickets["tickets"].find(query).sort(TicketSort.CREATED_DOWN.order).explain()
    )
    assert plan["executionStats"]["totalDocsExamined"] == 10


@pytest.mark.parametrize("sort", list(TicketSort))
@pytest.mark.parametrize("statuses", [(TicketStatus.AVAILABLE,), tuple(TicketStatus)])
async def test_a_sellers_own_listings_are_in_order_in_an_index(
    tickets: TicketStore,
    databases: Databases,
    sort: TicketSort,
    statuses: tuple[TicketStatus, ...],
) -> None:
    """Somebody with many listings pays for a page of them, not for all of them."""
    for number in range(30):
        await offer(tickets, f"x {number}", number, seller="seller-1", minute=number)
        await offer(tickets, f"y {number}", number, seller="seller-2", minute=number)
    filters = TicketFilters(seller_ids=("seller-1",), statuses=statuses)
    mine = databases.tickets["tickets"].find(page_query(filters, sort, None))
    plan = await mine.sort(sort.order).limit(5).explain()
    assert "SORT" not in set(stages(plan["queryPlanner"]["winningPlan"]))
    assert plan["executionStats"]["totalDocsExamined"] <= 8


async def test_a_list_reads_no_more_than_it_shows(
    tickets: TicketStore, databases: Databases
) -> None:
    """What a ticket remembers of its orders stays with MongoDB."""
    offered = await offer(tickets, "x")
    profiled = databases.tickets["system.profile"]
    await databases.tickets.command("profile", 2)
    try:
        (found,) = (await tickets.search(EVERYTHING, TicketSort.PRICE, 20)).items
    finally:
        await databases.tickets.command("profile", 0)
        (seen,) = await profiled.find({"command.find": "tickets"}).to_list()
        await profiled.drop()
    assert found == Listed.model_validate(offered.model_dump(by_alias=True))
    assert set(seen["command"]["projection"]) == set(Listed.model_fields) - {"id"} | {"_id"}


async def test_a_search_is_given_less_time_than_other_reads(
    tickets: TicketStore, databases: Databases
) -> None:
    """The limit of the whole driver would overrule one that is only sent along."""
    profiled = databases.tickets["system.profile"]
    await databases.tickets.command("profile", 2)
    try:
        await tickets.search(EVERYTHING, TicketSort.PRICE, 20)
        await tickets.get("x")
    finally:
        await databases.tickets.command("profile", 0)
        seen = await profiled.find({"command.find": "tickets"}).sort("ts").to_list()
        await profiled.drop()
    search, get = (each["command"]["maxTimeMS"] for each in seen)
    assert search <= 2_000 < get


def encoded(mark: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(mark).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "garbage",
        "é",
        "AA" * 100,
        encoded([]),
        encoded({}),
        encoded(None),
        encoded(["price"]),
        encoded(["price", 1]),
        encoded(["price", 1, 2]),
        encoded(["price", "1", "id"]),
        encoded(["price", True, "id"]),
        encoded(["price", 1.5, "id"]),
        encoded(["price", 10**30, "id"]),
        encoded(["price", None, "id"]),
        encoded(["price", {"$gt": 0}, "id"]),
        encoded(["price", 1, {"$gt": ""}]),
        encoded(["-price", 1, "id"]),
        encoded(["title", "a", "id"]),
        encoded(["price", 1, "id", "more"]),
    ],
)
async def test_a_broken_or_foreign_cursor_is_refused(tickets: TicketStore, cursor: str) -> None:
    with pytest.raises(BrokenCursorError):
        await tickets.search(EVERYTHING, TicketSort.PRICE, 5, cursor)


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        (TicketSort.CREATED, encoded(["created_at", "yesterday", "id"])),
        (TicketSort.CREATED, encoded(["created_at", 5, "id"])),
        (TicketSort.CREATED, encoded(["created_at", "0001-01-01T00:00:00+23:59", "id"])),
        (TicketSort.TITLE, encoded(["title", 5, "id"])),
        (TicketSort.TITLE, encoded(["title", "\ud800", "id"])),
        (TicketSort.TITLE, encoded(["title", "a", "\ud800"])),
    ],
)
async def test_a_cursor_with_an_impossible_key_is_refused(
    tickets: TicketStore, sort: TicketSort, cursor: str
) -> None:
    with pytest.raises(BrokenCursorError):
        await tickets.search(EVERYTHING, sort, 5, cursor)
