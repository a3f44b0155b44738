"""That a word which few titles have is found at once, and that nothing else is found by it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.database import Databases
from services.money import Money
from services.text import fold
from services.tickets.documents import BY_WORD, Listing, Ticket
from services.tickets.search import TicketFilters, TicketSort
from services.tickets.store import FEW, TicketStore
from services.tickets.words import LONGEST, beginning, ends_of
from tests.filling import fill
from tests.queries import stages_of
from tests.services.test_tickets_search import NOON, offer

TITLES = (
    "Rock am Ring",
    "Hard ROCK night",
    "Everything 50% (off)",
    "Live in der STRASSE",
    "a|b or c|d",
    "Donaudampfschifffahrtsgesellschaft",
    "Donaudampfschleuse",
    "東京ドーム",
    "x y z",
)
KEYWORDS = (
    *("rock", "oc", "k", "50%", "(off)", "straße", ".*", "a|b", "c|", "|", "|d", "or c|d"),
    *("donaudampfschiff", "donaudampfsch", "dampfschleuse", "東京", "ドーム", "x", "y z", "xy"),
)


@pytest.fixture
def tickets(databases: Databases) -> TicketStore:
    return TicketStore()


async def fill_up(databases: Databases, count: int, **changes: Any) -> None:  # noqa: ANN401
    """So many other tickets."""
    collection = databases.tickets["tickets"]
    like = (await collection.find_one({})) or {}
    await fill(
        collection, ({**like, "_id": f"other-{number}", **changes} for number in range(count))
    )


async def found(tickets: TicketStore, keywords: str) -> list[str]:
    page = await tickets.search(TicketFilters(keywords=keywords), TicketSort.CREATED, 100)
    return [each.title for each in page.items]


def containing(keywords: str) -> list[str]:
    """The same, by looking at every title."""
    words = fold(keywords).split()
    return [title for title in TITLES if all(word in fold(title) for word in words)]


@pytest.mark.parametrize("keywords", KEYWORDS)
async def test_the_same_is_found_by_the_ends_of_words_and_by_looking_at_all(
    tickets: TicketStore, databases: Databases, keywords: str
) -> None:
    for minute, title in enumerate(TITLES):
        await offer(tickets, title, minute=minute)
    assert await found(tickets, keywords) == containing(keywords)
    # So many without ends that no word is known to be rare: then MongoDB walks along in order.
    await fill_up(databases, FEW, title="-", title_key="-", title_ends=None)
    assert (
        await tickets.sought(TicketFilters(keywords=keywords), TicketSort.TITLE, None)
    ).index is None
    assert await found(tickets, keywords) == containing(keywords)


@given(title=st.text(max_size=60), start=st.integers(0, 60), length=st.integers(1, 30))
def test_wherever_a_word_occurs_in_a_title_an_end_begins_with_it(
    title: str, start: int, length: int
) -> None:
    title_key = fold(title)
    for word in title_key[start : start + length].split():
        if (ends := beginning(word)) is not None:
            pattern = ends.try_compile()
            assert any(pattern.match(end) for end in ends_of(title_key))


def test_ends_are_short_and_each_is_there_once() -> None:
    assert ends_of("rock rock o") == ["rock", "ock", "ck"]
    assert ends_of("x" * 400) == ["x" * length for length in range(LONGEST, 1, -1)]


async def test_a_ticket_from_before_there_were_ends_is_found(
    tickets: TicketStore, databases: Databases
) -> None:
    old = await offer(tickets, "Rock am Ring")
    await databases.tickets["tickets"].update_one({"_id": old.id}, {"$unset": {"title_ends": ""}})
    await offer(tickets, "Hard ROCK night", minute=1)
    assert await found(tickets, "rock") == ["Rock am Ring", "Hard ROCK night"]


async def test_an_edited_ticket_is_found_by_its_new_words_only(tickets: TicketStore) -> None:
    ticket = await offer(tickets, "Rock am Ring")
    jazz = Listing(title="Jazz im Park", price=Money(amount=5000))
    await tickets.edit(ticket.id, ("seller",), jazz, NOON)
    assert await found(tickets, "park") == ["Jazz im Park"]
    assert await found(tickets, "rock") == []


@pytest.mark.parametrize("keywords", ["zugzwang", "zug|zwang", "zug(zwang)", "show zugzwang"])
@pytest.mark.parametrize("sort", [TicketSort.CREATED_DOWN, TicketSort.TITLE])
async def test_of_a_word_that_few_titles_have_only_those_are_looked_at(
    tickets: TicketStore, databases: Databases, keywords: str, sort: TicketSort
) -> None:
    await offer(tickets, "show")
    await fill_up(databases, FEW)
    rare = await offer(tickets, f"show {keywords}", minute=1)
    sought = await tickets.sought(TicketFilters(keywords=keywords), sort, None)
    assert sought.index == BY_WORD
    asked = databases.tickets["tickets"].find(sought.query, hint=sought.index)
    plan = await asked.sort(sort.order).limit(21).explain()
    assert plan["executionStats"]["totalDocsExamined"] == 1
    assert plan["executionStats"]["totalKeysExamined"] <= 6
    (only,) = (await tickets.search(TicketFilters(keywords=keywords), sort, 20)).items
    assert only.id == rare.id


async def test_a_word_that_many_titles_have_is_found_by_walking_along_in_order(
    tickets: TicketStore, databases: Databases
) -> None:
    await offer(tickets, "show")
    await fill_up(databases, FEW)
    sought = await tickets.sought(TicketFilters(keywords="show"), TicketSort.CREATED, None)
    assert sought.index is None
    found = databases.tickets["tickets"].find(sought.query).sort(TicketSort.CREATED.order)
    plan = await found.limit(21).explain()
    assert "SORT" not in {each["stage"] for each in stages_of(plan["queryPlanner"])}
    assert plan["executionStats"]["totalDocsExamined"] <= 25


async def test_pages_of_a_rare_word_neither_skip_nor_repeat(tickets: TicketStore) -> None:
    for number in range(7):
        await offer(tickets, f"rock {number}", minute=number // 3)
    seen: list[str] = []
    cursor: str | None = None
    while len(seen) < 7:
        page = await tickets.search(
            TicketFilters(keywords="rock"), TicketSort.CREATED_DOWN, 2, cursor
        )
        seen += [each.id for each in page.items]
        cursor = page.next_cursor
    assert cursor is None
    assert len(set(seen)) == 7
    assert len(await Ticket.find_all().to_list()) == 7
