"""Every order of events that two buyers, Stripe, time and crashes can come up with."""

import pytest

from tests.faults.model.search import search
from tests.faults.model.table import MOVES
from tests.faults.model.world import ALL_GUARDS, Guard, Rules


def test_no_order_of_events_breaks_an_invariant() -> None:
    found = search(Rules())
    assert found.wrong is None
    assert found.worlds > 100_000
    assert found.at_rest > 100
    assert found.moves == {("none", "created"), *MOVES}


@pytest.mark.parametrize(
    ("missing", "broken"),
    [
        (Guard.COMPARE_AND_SET, "I2: charged, and somebody else has the ticket"),
        (Guard.COMPARE_AND_SET | Guard.UNIQUE_ORDER, "I1: two active orders for one ticket"),
        (Guard.ORDER_FIRST | Guard.UNIQUE_ORDER, "I1: two active orders for one ticket"),
        (Guard.TILL_BEFORE_SEAT, "I2: paid in time, and sent away"),
        (Guard.LOOK_BEFORE_CAPTURE, "I3: captured twice"),
        (Guard.LOOK_BEFORE_REFUND, "I3: refunded more than was captured"),
        (Guard.LOOK_BEFORE_GIVING_BACK, "I2: charged, and somebody else has the ticket"),
        (Guard.RECONCILIATION, "I4: reserved for nobody"),
    ],
    ids=str,
)
def test_without_a_guard_the_search_finds_what_breaks(missing: Guard, broken: str) -> None:
    found = search(Rules(ALL_GUARDS & ~missing))
    assert found.wrong is not None
    assert found.wrong.invariant == broken


@pytest.mark.parametrize("spare", [Guard.UNIQUE_ORDER, Guard.ORDER_FIRST], ids=str)
def test_two_guards_stand_behind_one_order_per_ticket(spare: Guard) -> None:
    assert search(Rules(ALL_GUARDS & ~spare)).wrong is None
