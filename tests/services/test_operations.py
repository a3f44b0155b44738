"""The board: what is found once stays one finding, whatever happens to it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.database import Databases
from services.operations.documents import CheckRun, Finding, Invariant
from services.operations.store import OperationsStore
from tests.queries import stages_of

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
KIND = Invariant.NOTHING_HELD_TOO_LONG


@pytest.fixture
def board(databases: Databases) -> OperationsStore:
    return OperationsStore()


def finding(at: datetime, *, detail: str = "Held for an hour.") -> Finding:
    return Finding(
        id=f"{KIND}:order-1",
        kind=KIND,
        subject="order-1",
        detail=detail,
        order_id="order-1",
        found_at=at,
        seen_at=at,
    )


async def test_what_is_found_again_is_one_finding_with_its_first_time(
    board: OperationsStore,
) -> None:
    later = NOON + timedelta(minutes=5)
    assert await board.report(finding(NOON))
    assert not await board.report(finding(later, detail="Held for longer."))
    (shown,) = await board.board()
    assert (shown.found_at, shown.seen_at, shown.times_seen) == (NOON, later, 2)
    assert shown.detail == "Held for longer."
    assert await board.open_counts() == {KIND: 1}


async def test_what_a_later_check_does_not_find_leaves_the_board_and_can_come_back(
    board: OperationsStore,
) -> None:
    await board.report(finding(NOON))
    second, third = NOON + timedelta(minutes=5), NOON + timedelta(minutes=10)
    assert await board.close_unseen(before=NOON, at=second, kinds=[KIND]) == 0
    assert await board.close_unseen(before=second, at=second, kinds=["I1"]) == 0
    assert await board.close_unseen(before=second, at=second, kinds=[KIND], order_id="2") == 0
    assert await board.close_unseen(before=second, at=second, kinds=[KIND]) == 1
    assert await board.board() == []
    assert await board.report(finding(third))
    (shown,) = await board.board()
    assert (shown.found_at, shown.closed_because) == (third, None)


async def test_what_a_person_has_dismissed_stays_dismissed(board: OperationsStore) -> None:
    await board.report(finding(NOON))
    one, why = f"{KIND}:order-1", "Paid back by bank transfer."
    assert await board.dismiss(one, by="ann", why=why, at=NOON)
    assert not await board.dismiss(one, by="bob", why=why, at=NOON)
    assert not await board.report(finding(NOON + timedelta(minutes=5)))
    assert await board.board() == []
    kept = await Finding.get(one)
    assert kept is not None
    assert (kept.closed_because, kept.closed_by, kept.closed_at) == ("dismissed", "ann", NOON)


async def test_findings_of_an_order_are_the_open_ones(board: OperationsStore) -> None:
    await board.report(finding(NOON))
    assert [each.id for each in await board.of_orders(["order-1", "order-2"])] == [
        f"{KIND}:order-1"
    ]
    assert await board.of_orders(["order-2"]) == []


async def test_what_was_put_right_leaves_the_board_as_healed(board: OperationsStore) -> None:
    await board.report(finding(NOON))
    later = NOON + timedelta(minutes=5)
    await board.note_healed(finding(later), at=later)
    assert await board.board() == []
    (kept,) = await board.healed(since=NOON)
    assert (kept.found_at, kept.closed_at, kept.closed_because) == (NOON, later, "healed")
    assert await board.report(finding(NOON + timedelta(minutes=10))), "it is broken again"
    assert await board.healed(since=NOON) == []


async def test_what_never_needed_a_person_is_shown_as_healed_for_a_while(
    board: OperationsStore,
) -> None:
    for _ in range(2):
        await board.note_healed(finding(NOON), at=NOON)
    assert [each.id for each in await board.healed(since=NOON)] == [f"{KIND}:order-1"]
    assert await board.healed_counts(since=NOON) == {KIND: 1}
    assert await board.open_counts() == {}
    assert await board.healed(since=NOON + timedelta(seconds=1)) == []


async def test_what_was_dismissed_is_not_healed(board: OperationsStore) -> None:
    await board.report(finding(NOON))
    one = f"{KIND}:order-1"
    await board.dismiss(one, by="ann", why="Known.", at=NOON)
    await board.note_healed(finding(NOON), at=NOON)
    kept = await Finding.get(one)
    assert kept is not None
    assert kept.closed_because == "dismissed"


async def test_the_board_is_read_in_pages_and_counted_since_a_moment(
    board: OperationsStore,
) -> None:
    for number in range(3):
        one = finding(NOON + timedelta(minutes=number))
        await board.report(one.model_copy(update={"id": f"{KIND}:{number}"}))
    first = await board.open_page(after="", limit=2)
    rest = await board.open_page(after=first[-1].id, limit=2)
    assert [each.id for each in (*first, *rest)] == [f"{KIND}:{number}" for number in range(3)]
    assert await board.count_seen(since=NOON + timedelta(minutes=1)) == 2
    assert await board.count_seen(since=NOON, order_id="order-1") == 3
    assert await board.count_seen(since=NOON, order_id="order-2") == 0


async def test_only_a_run_that_has_ended_is_complete(board: OperationsStore) -> None:
    assert await board.last_complete_run() is None
    await board.note_run(CheckRun(id="one", began_at=NOON, ended_at=NOON, orders_checked=1))
    await board.note_run(CheckRun(id="two", began_at=NOON + timedelta(minutes=5)))
    last, complete = await board.last_run(), await board.last_complete_run()
    assert last is not None
    assert complete is not None
    assert (last.id, complete.id) == ("two", "one")


async def test_the_board_is_in_order_in_an_index(
    board: OperationsStore, databases: Databases
) -> None:
    await board.report(finding(NOON))
    oldest_first = databases.operations["findings"].find({"closed_at": None})
    plan = await oldest_first.sort(["found_at", "_id"]).limit(500).explain()
    assert "SORT" not in {each["stage"] for each in stages_of(plan["queryPlanner"])}
