"""Parts of the stack are killed while people buy, each alone and every two at once."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from threading import Event
from typing import Final

import pytest
from pymongo import MongoClient

from tests.e2e.system import Json, System
from tests.faults.books import closed_books
from tests.faults.shop import Shopper, shopper
from tests.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

PARTS: Final = ("mongod", "temporal", "stripe", "mail", "api", "worker")
KILLED: Final = [*((part,) for part in PARTS), *combinations(PARTS, 2)]
SHOPPERS: Final = 8
UNDER_WAY_SECONDS: Final = 4
"""How long people go about their business on a whole stack between two blows."""


def pays(shop: Shopper) -> None:
    """Buys and keeps."""
    shop.bills()
    shop.pays()


def pays_and_returns(shop: Shopper) -> None:
    """Buys, and wants the money back."""
    pays(shop)
    shop.wants_the_money_back()


def cancels(shop: Shopper) -> None:
    """Changes their mind when it could be paid."""
    shop.bills()
    shop.cancels()


def walks_away(shop: Shopper) -> None:
    """Lets the hold run out."""
    shop.bills()


STORIES: Final[list[Callable[[Shopper], None]]] = [pays, pays_and_returns, cancels, walks_away]


@pytest.fixture
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    mortal = System(
        tmp_path_factory.mktemp("stack") / "dev",
        RESERVATION_WINDOW="20",
        HOLD_EXTENSION="20",
    )
    with mortal.running():
        yield mortal


def shop_until(system: System, closing_time: Event, first: int) -> list[str]:
    """One purchase after the other, each to its end; how they ended."""
    ends, number = [], first
    while not closing_time.is_set():
        with shopper(system) as shop:
            shop.reserves()
            STORIES[number % len(STORIES)](shop)
            ends.append(str(shop.ends()["status"]))
        number += 1
    return ends


def open_orders(system: System) -> int:
    with MongoClient[Json](system.mongodb) as client:
        return client["te_orders"]["orders"].count_documents({"active": True})


def test_whichever_parts_are_killed_nothing_is_lost_and_nothing_happens_twice(
    system: System,
) -> None:
    order = random.Random(7).sample(KILLED, len(KILLED))
    closing_time = Event()
    with ThreadPoolExecutor(SHOPPERS) as people:
        told = [people.submit(shop_until, system, closing_time, n) for n in range(SHOPPERS)]
        try:
            for parts in order:
                time.sleep(UNDER_WAY_SECONDS)
                eventually(lambda: open_orders(system) > 0, "somebody is about to buy")
                system.kill(*parts)
                eventually(system.ready, f"the stack is well again after {parts}")
        finally:
            closing_time.set()
        ends = [end for each in told for end in each.result()]

    assert set(ends) == {"complete", "refunded", "cancelled"}
    eventually(lambda: not closed_books(system), "the books agree")
    assert closed_books(system) == []
