"""What is measured with many open purchases and pages counts only if nothing is wrong after it."""

from dataclasses import replace
from typing import Any

import pytest

from bench.figures import Figure
from bench.growth import dwell, growth_page
from bench.growth.books import disagreements
from bench.growth.growth import Filled, Level, figures, levels_of, stops
from bench.growth.recovery import Recovered, replayed
from bench.growth.watchers import POOLS, Held, misheard, unreleased
from bench.results import Result, this_machine
from tests.faults.books import Books


def an_order(order_id: str, ticket_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "_id": order_id,
        "ticket_id": ticket_id,
        "status": "created",
        "active": True,
        "payment": {"payment_intent_id": None},
        "total": None,
        **more,
    }


def two_open() -> Books:
    orders = [an_order("o1", "t1"), an_order("o2", "t2")]
    return Books(
        orders=orders,
        tickets={
            each["ticket_id"]: {"status": "reserved", "held_by": each["_id"]} for each in orders
        },
        unhandled=[],
        written=set(),
        mailbox=[],
        money={},
    )


def test_purchases_that_are_meant_to_be_open_agree_with_the_books() -> None:
    assert disagreements(two_open(), left_open=2) == []


def test_another_number_of_open_purchases_is_told() -> None:
    assert disagreements(two_open(), left_open=3) == ["2 orders of 2 tickets are open, not 3"]


@pytest.mark.parametrize(
    "ticket", [{"status": "available", "held_by": None}, {"status": "reserved", "held_by": "o9"}]
)
def test_an_open_purchase_without_its_ticket_is_told(ticket: dict[str, Any]) -> None:
    books = two_open()
    wrong = replace(books, tickets={**books.tickets, "t1": ticket})
    assert len(disagreements(wrong, left_open=2)) == 1


def test_money_of_a_purchase_that_was_never_billed_is_told() -> None:
    books = two_open()
    paid = an_order("o1", "t1", payment={"payment_intent_id": "pi_1"})
    wrong = replace(books, orders=[paid, books.orders[1]])
    assert disagreements(wrong, left_open=2) == ["order o1 was never billed and has a payment"]


def test_what_is_not_left_open_is_held_to_all_promises() -> None:
    books = two_open()
    billed = an_order("o3", "t3", status="awaiting_payment")
    more = replace(
        books,
        orders=[*books.orders, billed],
        tickets={**books.tickets, "t3": {"status": "reserved", "held_by": "o3"}},
    )
    assert "order o3 is awaiting_payment" in disagreements(more, left_open=2)


def test_pages_that_leave_everything_behind_as_it_was_are_clean() -> None:
    before = Held(memory=100, files=30, pages=9, pools=16, cursors=2)
    during = replace(before, memory=120, files=1030, pages=1009, pools=POOLS)
    assert unreleased("own", before, during, replace(before, pools=POOLS)) == []


def test_a_cursor_for_each_page_is_told() -> None:
    before = Held(memory=100, files=30, pages=9, pools=16, cursors=2)
    during = replace(before, memory=120, files=1030, pages=1009, cursors=1002)
    assert unreleased("own", before, during, before) == ["own: 1000 more cursors for open pages"]


def test_connections_to_servers_beyond_what_pools_have_are_told() -> None:
    before = Held(memory=100, files=30, pages=9, pools=16, cursors=2)
    assert unreleased("own", before, before, replace(before, pools=POOLS + 1)) == [
        f"own: {POOLS + 1} connections to servers, more than pools have"
    ]


def test_whatever_is_left_is_told() -> None:
    before = Held(memory=100, files=30, pages=9, pools=16, cursors=2)
    after = replace(before, files=90, pages=69, cursors=3)
    assert unreleased("few", before, before, after) == [
        "few: 1 cursors were left",
        "few: 60 files were left",
        "few: 60 connections with pages were left",
    ]


@pytest.mark.parametrize("text", ["10,0", "0,0", "-1,5", "many"])
def test_levels_that_do_not_rise_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rise|invalid literal"):
        levels_of(text)


def a_growth(high: float) -> Result:
    memory = {"worker": 100.0, "temporal": 200.0, "mongod": 300.0, "api": 150.0, "stored": 1.0}
    grown = {**memory, "temporal": 300.0, "stored": 101.0}
    found = {0: Level([10, 10], memory), 10_000: Level([high, high], grown)}
    fills = [Filled(0, 2_000, 40, memory, memory), Filled(2_000, 10_000, 40, memory, grown)]
    back = Recovered(polls=2, first=3, last=4, replayed=150, per_second=[9, 9])
    control = {f"{part} control": Figure(unit="KB", values=[1]) for part in memory}
    return Result(
        name="growth",
        machine=this_machine(),
        rounds=2,
        figures={**figures(found, fills), **control, **back.figures()},
        notes={
            "levels": "0,10000",
            "recovered at": "10000",
            "cache": "2,000",
            "seconds": "10",
            "fills": "0-2000,2000-10000",
            "old": "300",
        },
        broken=[],
    )


def test_what_an_open_purchase_costs_is_what_a_filling_added() -> None:
    found = a_growth(10).figures
    assert found["temporal 2000-10000"].values == [12.8]
    assert found["temporal 0-2000"].values == [0]
    assert found["stored 2000-10000"].values == [12.8]


def test_the_section_tells_the_cost_in_the_cache_from_that_beyond_it() -> None:
    said = growth_page.section(a_growth(10))
    assert "open, 0 to 2,000 (in the cache)" in said
    assert "open, 2,000 to 10,000 (beyond the cache)" in said


@pytest.mark.parametrize(
    ("there", "level", "meant"),
    [
        (300, 1_000, [1_000]),
        (1_000, 10_000, [2_000, 10_000]),
        (2_000, 9_000, [9_000]),
        (5, 5, []),
    ],
)
def test_filling_stops_where_the_cache_is_full(there: int, level: int, meant: list[int]) -> None:
    assert stops(there, level, 2_000) == meant


def test_what_is_replayed_is_counted_from_the_first_poll_for_a_minute() -> None:
    assert replayed(2, [1, 3, 4]) == 1
    assert replayed(2, [3, 32, 100]) == 2 / 60


def test_a_page_that_is_told_twice_or_never_is_told() -> None:
    assert misheard("own", [1, 0], [1, 0]) == []
    assert misheard("own", [2, 0, 1], [1, 1, 1]) == [
        "own: 1 pages were told less often than once of each change",
        "own: 1 pages were told more often than once of each change",
    ]


def a_dwell(share: float) -> Result:
    bought = [dwell.Bought(reserved=wait, complete=wait * 2) for wait in (10, 20)]
    return Result(
        name="dwell",
        machine=this_machine(),
        rounds=2,
        figures={
            **dwell.figures(bought, 2),
            "open": Figure(unit="", values=[9]),
            "share complete": Figure(unit="", values=[share]),
        },
        notes={
            **dict.fromkeys(("rate", "cache", "dwell", "jitter", "slice", "buyers"), "4"),
            "failed": "1 TimeoutError",
        },
        broken=[],
    )


@pytest.mark.parametrize(
    ("share", "said"), [(1, "100 %, met."), (0.999, "99.9 %, **not met** (1 TimeoutError).")]
)
def test_buyers_who_failed_are_told(share: float, said: str) -> None:
    assert said in dwell.section(a_dwell(share))


@pytest.mark.parametrize(
    ("high", "said"), [(9.5, "95% with 10,000 (met)"), (5, "50% with 10,000 (**not met**)")]
)
def test_the_section_says_whether_many_open_purchases_slow_the_others(
    high: float, said: str
) -> None:
    assert said in growth_page.section(a_growth(high))


def test_the_section_says_that_a_level_was_left_out() -> None:
    assert "100,000 were left out" in growth_page.section(a_growth(10))


def test_the_dwell_is_told_by_slices_of_arrivals() -> None:
    bought = [dwell.Bought(reserved=wait, complete=wait * 2) for wait in (10, 20, 30, 40)]
    found = dwell.figures(bought, 2)
    assert found["p99 reserved"].values == [20, 40]
    assert found["p50 complete"].values == [20, 60]
