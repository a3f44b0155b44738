"""Parts of the stack are killed while people buy, each alone and every two at once."""

import random
import time
from collections.abc import Iterator
from itertools import combinations
from typing import Final

import pytest
from pymongo import MongoClient

from tests.e2e.system import Json, System
from tests.faults.books import closed_books
from tests.faults.crowd import cancels, pays, pays_and_returns, people_buy, walks_away
from tests.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

PARTS: Final = ("mongod", "temporal", "stripe", "mail", "api", "worker")
KILLED: Final = [*((part,) for part in PARTS), *combinations(PARTS, 2)]
SHOPPERS: Final = 8
UNDER_WAY_SECONDS: Final = 4
"""How long people go about their business on a whole stack between two blows."""


STORIES: Final = (pays, pays_and_returns, cancels, walks_away)


@pytest.fixture
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    mortal = System(
        tmp_path_factory.mktemp("stack") / "dev",
        RESERVATION_WINDOW="20",
        HOLD_EXTENSION="20",
    )
    with mortal.running():
        yield mortal


def open_orders(system: System) -> int:
    with MongoClient[Json](system.mongodb) as client:
        return client["te_orders"]["orders"].count_documents({"active": True})


def test_whichever_parts_are_killed_nothing_is_lost_and_nothing_happens_twice(
    system: System,
) -> None:
    order = random.Random(7).sample(KILLED, len(KILLED))
    with people_buy(system, STORIES, count=SHOPPERS) as ends:
        for parts in order:
            time.sleep(UNDER_WAY_SECONDS)
            eventually(lambda: open_orders(system), "people are under way")
            system.kill(*parts)
            eventually(system.ready, f"the stack is well again after {parts}")

    assert set(ends) == {"complete", "refunded", "cancelled"}
    eventually(lambda: not closed_books(system), "the books agree")
    assert closed_books(system) == []
