"""The plan of a soak can be made again, and spares whom it must."""

import itertools

from tests.soak.blows import PARTS, WATCHED, plan

HOUR = 3600.0


def test_the_same_seed_plans_the_same() -> None:
    assert plan(7, HOUR) == plan(7, HOUR)
    assert plan(7, HOUR) != plan(8, HOUR)


def test_every_part_is_killed_and_every_kind_of_fault_comes() -> None:
    blows = plan(7, HOUR)
    assert {part for blow in blows if blow.kind == "kill" for part in blow.parts} == set(PARTS)
    assert {blow.kind for blow in blows} == {"kill", "freeze", "stripe", "webhooks", "mail"}


def test_nobody_whose_memory_is_watched_is_killed_in_the_second_half() -> None:
    late = [blow for blow in plan(7, HOUR) if blow.kind == "kill" and blow.at >= HOUR / 2]
    assert late
    assert not {part for blow in late for part in blow.parts} & set(WATCHED)


def test_one_thing_goes_wrong_after_the_other() -> None:
    blows = plan(7, HOUR)
    assert all(first.at + first.seconds < second.at for first, second in itertools.pairwise(blows))
