"""What is measured of reading counts only if it was read from indexes, and the same by both."""

from dataclasses import replace
from pathlib import Path

import pytest

from api.tickets.schemas import TicketQuery
from bench.reads import reads_page
from bench.reads.listings import ABSENT_WORD, RARE, RARE_WORD, lay_out, listings
from bench.reads.plans import Planned, planned
from bench.reads.questions import FILTERS, FIRST, LAST, MIDDLE, Question, questions
from bench.reads.reads import NAME, Answer, Asked, Round, broken, figures, notes
from bench.results import Result, this_machine
from services.database import Databases
from services.tickets.documents import Listing, Ticket
from services.tickets.search import TicketSort
from services.tickets.store import TicketStore

COUNT = 3_000
INDEXED = Planned(indexes=["market_by_price"], scans=False, documents=21, keys=21)


def a_question(filters: str = "sold", page: str = FIRST) -> Question:
    return Question(filters, TicketSort.PRICE, page, {**FILTERS[filters], "sort": "price"})


def asked(
    question: Question | None = None, *, api: float = 2, ids: list[str] | None, plan: Planned
) -> Asked:
    return Asked(
        question or a_question(), [Round(api, Answer(ids))], [Round(1, Answer(["a"]))], plan
    )


def a_result(*found: Asked) -> Result:
    sizes = {"listings": "3,000", "documents": "1", "indexes": "1", "cache": "2", "may take": "2"}
    return Result(
        name=NAME,
        machine=this_machine(),
        rounds=1,
        figures=figures(found),
        notes={**notes(found), **sizes},
        broken=broken(found),
    )


def test_what_both_found_in_an_index_counts() -> None:
    assert broken([asked(ids=["a"], plan=INDEXED)]) == []


def test_a_collection_that_is_read_whole_makes_it_void() -> None:
    scanned = Planned(indexes=[], scans=True)
    (why,) = broken([asked(ids=["a"], plan=scanned)])
    assert "no index is used" in why


@pytest.mark.parametrize("ids", [[], ["b"], ["a", "b"]])
def test_another_answer_than_the_drivers_makes_it_void(ids: list[str]) -> None:
    (why,) = broken([asked(ids=ids, plan=INDEXED)])
    assert "found other tickets" in why


def test_what_was_not_answered_in_time_is_told_and_compared_with_nothing() -> None:
    late = replace(asked(ids=None, plan=INDEXED), question=a_question("a rare word"))
    said = reads_page.section(a_result(asked(ids=["a"], plan=INDEXED), late))
    assert "**503** in 1 of 1 orders" in said
    assert "**1 of 2 took longer than the 2 s that a search may take" in said
    assert "All of the 1 that were answered keep it (met)" in said


@pytest.mark.parametrize(("api", "goal"), [(3, "(met)"), (3.1, "(**not met**)")])
def test_a_goal_that_is_missed_is_told(api: float, goal: str) -> None:
    said = reads_page.section(a_result(asked(api=api, ids=["a"], plan=INDEXED)))
    assert goal in said
    assert "None took longer than the 2 s" in said


def test_the_last_page_is_compared_with_the_first_of_its_kind(tmp_path: Path) -> None:
    first = asked(api=2, ids=["a"], plan=INDEXED)
    last = asked(a_question(page=LAST), api=3, ids=["a"], plan=INDEXED)
    result = a_result(first, last)
    assert "The last page takes 1.5 times what the first one" in reads_page.section(result)
    (picture,) = reads_page.plot(result, tmp_path)
    assert picture.read_text().startswith("<?xml")


def test_every_filter_and_order_of_the_api_is_asked_for() -> None:
    offered = set(TicketQuery.model_fields) - {"sort", "limit", "cursor"}
    assert {name for each in FILTERS.values() for name in each} == offered


def test_the_listings_are_the_same_each_time_and_few_have_the_rare_word() -> None:
    made = list(listings(COUNT))
    assert made == list(listings(COUNT))
    assert sum(RARE_WORD in each["title_key"] for each in made) == RARE
    assert not [each for each in made if ABSENT_WORD in each["title_key"]]


async def test_a_listing_is_what_the_shop_would_have_written(databases: Databases) -> None:
    document = next(listings(1))
    listed = Ticket.model_validate(document)
    await TicketStore().create(listed.seller_id, _said(listed), listed.created_at)
    (kept,) = await databases.tickets["tickets"].find().to_list()
    unlike = {"_id", "held_by", "held_until", "past_orders", "status"}
    assert set(document) == set(kept)
    assert {name: document[name] for name in set(kept) - unlike} == {
        name: kept[name] for name in set(kept) - unlike
    }


def _said(ticket: Ticket) -> Listing:
    return Listing.model_validate(ticket.model_dump())


async def test_every_question_has_an_index_and_the_pages_behind_it_are_where_they_should(
    databases: Databases,
) -> None:
    collection = databases.tickets["tickets"]
    before = await collection.index_information()
    await lay_out(databases.tickets, COUNT, say=lambda _: None)
    assert await collection.index_information() == before
    found = await questions(collection)
    assert len({each.name for each in found}) == len(found)
    assert not [each.name for each in found if (await planned(collection, each)).scans]
    whole = [
        each
        for each in found
        if each.filters == "everything for sale" and each.sort is TicketSort.TITLE
    ]
    assert [each.page for each in whole] == [FIRST, MIDDLE, LAST]
    first, middle, last = whole
    many = await collection.count_documents(first.query)
    assert 0.4 < await collection.count_documents(middle.query) / many < 0.6
    assert await collection.count_documents(last.query) == first.limit - 1


async def test_a_question_without_an_index_is_seen(databases: Databases) -> None:
    collection = databases.tickets["tickets"]
    await lay_out(databases.tickets, 50, say=lambda _: None)
    await collection.drop_indexes()
    try:
        assert (await planned(collection, a_question())).scans
    finally:
        await collection.create_indexes(Ticket.Settings.indexes)
