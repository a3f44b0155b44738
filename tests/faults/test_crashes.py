"""A worker is killed once at every point at which a step changes something, and nothing is lost."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, get_type_hints

import pytest

from tests.e2e.system import System
from tests.faults.books import closed_books
from tests.faults.crashes.points import FOLDER, Points
from tests.faults.shop import IN_QUEBEC, Shopper, shopper
from tests.waiting import eventually
from workers.purchases import Steps
from workflows.closure.steps import ClosureSteps
from workflows.letters.steps import LetterSteps
from workflows.reconciliation.steps import ReconciliationSteps

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

ROUNDS: Final = 12


def buys_and_returns(shop: Shopper) -> None:
    """The whole way: reserved, billed, paid, refunded."""
    shop.bills()
    shop.pays()
    shop.wants_the_money_back()


def hesitates(shop: Shopper) -> None:
    """Another address, a card that is refused, another card."""
    shop.bills()
    shop.bills(IN_QUEBEC)
    shop.is_refused()
    shop.pays()


def gives_up(shop: Shopper) -> None:
    """Cancels what could be paid."""
    shop.bills()
    shop.cancels()


def walks_away(shop: Shopper) -> None:
    """Lets the hold run out."""
    shop.bills()


def is_robbed(shop: Shopper) -> None:
    """Pays for a ticket that is not held any more: the money comes back."""
    shop.bills()
    shop.loses_the_ticket()
    shop.pays()


def meets_a_busy_stripe(shop: Shopper) -> None:
    """Pays, and a person on duty has Stripe asked again."""
    shop.bills()
    shop.meets_a_busy_stripe()
    shop.pays()
    shop.has_stripe_asked_again()


def pays_twice(shop: Shopper) -> None:
    """Cancels, and money comes all the same."""
    shop.bills()
    shop.cancels()
    shop.sends_money_for_what_is_over()


def cannot_be_written_to(shop: Shopper) -> None:
    """Lets the hold run out, and no mail reaches them."""
    shop.cannot_be_written_to()
    shop.is_missed_by_the_mail()


STORIES: Final[list[Callable[[Shopper], None]]] = [
    buys_and_returns,
    hesitates,
    gives_up,
    walks_away,
    is_robbed,
    meets_a_busy_stripe,
    pays_twice,
    cannot_be_written_to,
]

OF_NO_PURCHASE: Final = (LetterSteps, ClosureSteps, ReconciliationSteps)
STEPS: Final = {
    name
    for declared in get_type_hints(Steps).values()
    if declared not in OF_NO_PURCHASE
    for name, member in vars(declared).items()
    if hasattr(member, "__temporal_activity_definition")
}
"""All that workers do for a purchase, its refund, its mail and its late money: as declared."""

LOOKS: Final = {"price_order"} | {name for name in STEPS if name.startswith("look_at_")}
"""Steps that change nothing; this is held, too."""


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Points:
    return Points(tmp_path_factory.mktemp("points"))


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, points: Points) -> Iterator[System]:
    mortal = System(
        tmp_path_factory.mktemp("stack") / "dev",
        module="tests.faults.crashes.stack",
        RESERVATION_WINDOW="45",
        HOLD_EXTENSION="50",
        LIMIT_RESERVE_USER="1000/minute",
        **{FOLDER: str(points.folder)},
    )
    with mortal.running():
        yield mortal


def play(system: System, story: Callable[[Shopper], None]) -> None:
    """One story from the click to the end of the order."""
    with shopper(system) as shop:
        shop.reserves()
        story(shop)
        shop.ends()


def play_all(system: System, stories: list[Callable[[Shopper], None]]) -> None:
    """All at once, each to its end; the first that fails is raised."""
    with ThreadPoolExecutor(len(stories)) as people:
        for told in [people.submit(play, system, story) for story in stories]:
            told.result()


def test_a_worker_killed_before_and_after_every_effect_of_every_step_harms_nobody(
    system: System, points: Points
) -> None:
    play_all(system, STORIES)
    assert eventually(lambda: not closed_books(system), "the books agree without a crash")

    points.arm(STEPS)
    for _ in range(ROUNDS):
        play_all(system, STORIES)
        if points.died() == points.met(STEPS):
            break

    assert points.died() == points.met(STEPS)
    assert {point.step for point in points.died()} == STEPS - LOOKS
    eventually(lambda: not closed_books(system), "the books agree")
    assert closed_books(system) == []
