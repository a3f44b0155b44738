"""People who buy, each one ticket after the other, while something is done to the stack."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from tests.e2e.system import System
from tests.faults.shop import Shopper, shopper

Story = Callable[[Shopper], None]


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


@contextmanager
def people_buy(system: System, stories: Sequence[Story], *, count: int) -> Iterator[list[str]]:
    """So many, as long as the block goes on; they tell how their orders ended once it is left.

    Nobody leaves before their last order is over.
    """
    closing_time, ends = Event(), list[str]()
    with ThreadPoolExecutor(count) as people:
        told = [people.submit(_shop_until, closing_time, system, stories, n) for n in range(count)]
        try:
            yield ends
        finally:
            closing_time.set()
        ends += [end for each in told for end in each.result()]


def _shop_until(
    closing_time: Event, system: System, stories: Sequence[Story], first: int
) -> list[str]:
    ends, number = [], first
    while not closing_time.is_set():
        with shopper(system) as shop:
            shop.reserves()
            stories[number % len(stories)](shop)
            ends.append(str(shop.ends()["status"]))
        number += 1
    return ends
