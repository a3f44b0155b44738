"""The page tells what was found, and blows fall on all shapes alike."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bench.others.aftermath import Aftermath, Placed, Taken
from bench.others.blows import KILLED, SCENARIOS, Extent, Left, Progress, moments
from bench.others.evidence import Evidence
from bench.others.measure import not_zero, remains, speeds
from bench.others.original.servers import NO_REDIS
from bench.others.page import plot, section
from bench.others.speed import Round
from bench.results import Result, this_machine

NOTHING = Aftermath(0, 0, 0, 0, 0, 0)
UNHARMED = Left(complete=10, wanted=10, counts=NOTHING)
HARMED = Left(complete=8, wanted=10, counts=replace(NOTHING, stuck=2, charged_again=3))
EXTENT = Extent(under_way=40, kills=2, twice=10, crowd=50, rest_seconds=75)
EVERYTHING = ("ours", "naive", "original")


def a_round(shape: str) -> Round:
    pace = {"ours": 10.0, "naive": 12.0, "original": 60.0}[shape]
    return Round(
        per_second=pace,
        reserved_ms=[1000 / pace, 2000 / pace],
        complete_ms=[500 / pace, 900 / pace],
        cpu={"api": 100 / pace, "worker": 200 / pace},
        transitions={"ours": 12.0, "naive": 20.0, "original": None}[shape],
        put_off=0,
    )


def a_result(*shapes: str, left: Left = UNHARMED) -> Result:
    after = {shape: dict.fromkeys(SCENARIOS, UNHARMED) for shape in shapes}
    after[shapes[-1]][KILLED] = left
    return Result(
        name="others",
        machine=this_machine(),
        rounds=2,
        figures={
            **speeds({shape: [a_round(shape)] * 2 for shape in shapes}),
            **remains(after),
        },
        notes={
            "shapes": " ".join(shapes),
            "without original": "" if "original" in shapes else NO_REDIS,
            **dict.fromkeys(
                ("drivers", "seconds", "under way", "twice", "crowd", "kills", "hold", "rest"), "8"
            ),
        },
        broken=[],
    )


def test_the_section_says_what_durability_costs_and_what_it_saves() -> None:
    told = section(a_result(*EVERYTHING, left=HARMED))

    assert "| purchases a second | 10 1/s | 12 1/s | 60 1/s |" in told
    assert "| state transitions of a purchase | 12 | 20 | - |" in told
    assert "sells 6 times as many a second as we do" in told
    assert "20 state transitions, ours 12" in told
    assert "| killed | the original's shape | 8, 10 wanted | 2 | 0 | 0 | 3 | 0 | 0 |" in told
    assert (
        "The original's shape: after the kills 2 orders stuck, 3 charged again, 2 of 10 sales"
        in told
    )
    assert "sales not made." in told
    assert "Ticket Exchange: nothing was wrong in any of the three." in told


def test_the_section_names_what_is_left_out_of_the_originals_twin() -> None:
    told = section(a_result(*EVERYTHING))

    assert "`w=1`" in told
    assert "no sign-in" in told
    assert "mail by its queue" in told


def test_without_a_redis_server_the_section_says_so_and_tells_of_the_others() -> None:
    told = section(a_result("ours", "naive"))

    assert f"The original's shape was left out: {NO_REDIS}." in told
    assert "w=1" not in told
    assert "| purchases a second | 10 1/s | 12 1/s |" in told


def test_the_plot_is_drawn_alike_each_time(tmp_path: Path) -> None:
    once, again = (plot(a_result(*EVERYTHING), tmp_path / name)[0] for name in ("a", "b"))

    assert once.read_bytes() == again.read_bytes()


def test_whatever_is_left_behind_in_ours_voids_the_result() -> None:
    assert not_zero(dict.fromkeys(SCENARIOS, UNHARMED)) == []
    assert not_zero({KILLED: HARMED}) == [
        "ours, killed: 2 orders stuck",
        "ours, killed: 3 charged again",
    ]


def test_every_shape_is_struck_after_the_same_answers_while_purchases_are_under_way() -> None:
    blows = moments(EXTENT)

    assert blows == moments(EXTENT)
    assert sorted(part for _, part in blows) == ["api", "api", "worker", "worker"]
    assert all(0 <= number < 2 * EXTENT.under_way for number, _ in blows)


async def test_a_blow_waits_for_its_answer() -> None:
    progress = Progress()
    blow = asyncio.create_task(progress.reaches(2))
    await progress.add()
    await asyncio.sleep(0)
    assert not blow.done()
    await progress.add()
    await blow


@pytest.mark.parametrize(("strays", "payments"), [(False, 1), (True, 2)])
def test_a_payment_that_no_order_knows_is_counted_in_one_scenario_only(
    strays: bool,
    payments: int,
) -> None:
    here, there = Placed("o1", "t1", "complete"), Placed("o2", "t2", "complete")
    paid = [Taken("o1", 5), Taken("o2", 5), Taken("unheard-of", 5)]
    found = Evidence([here, there], paid, ["o1", "o2"]).about({"t1"}, strays=strays)

    assert len(found.payments) == payments
    assert found.aftermath().charged_without_ticket == payments - 1
