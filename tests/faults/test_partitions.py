"""Lines between the parts are slow, lose what is sent, or carry it late, while people buy."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Final

import httpx
import pytest

from tests.cables import Cable, Way
from tests.e2e.system import Json, System
from tests.faults.books import closed_books
from tests.faults.crowd import cancels, pays, pays_and_returns, people_buy
from tests.faults.shop import OVER, Shopper, shopper
from tests.faults.wired import Line, wired_system
from tests.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

SHOPPERS: Final = 4
DEAD_SECONDS: Final = 8
"""Longer than any call waits before it is tried again, but for a look at Stripe."""
LATENCY_SECONDS: Final = 0.1

TROUBLES: Final[Mapping[str, Callable[[Cable], AbstractContextManager[None]]]] = {
    "nothing comes through": lambda cable: cable.silent(),
    "answers are lost": lambda cable: cable.silent(Way.BACK),
    "questions arrive late": lambda cable: cable.stuck(Way.THERE),
}


@pytest.fixture(scope="module")
def wired(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[System, Mapping[Line, Cable]]]:
    with wired_system(
        tmp_path_factory.mktemp("stack") / "dev", RESERVATION_WINDOW="45", HOLD_EXTENSION="50"
    ) as running:
        yield running


@pytest.fixture
def system(wired: tuple[System, Mapping[Line, Cable]]) -> System:
    return wired[0]


@pytest.fixture
def cables(wired: tuple[System, Mapping[Line, Cable]]) -> Mapping[Line, Cable]:
    return wired[1]


@pytest.fixture
def shop(system: System) -> Iterator[Shopper]:
    """Somebody who has found a ticket."""
    eventually(system.ready, "the stack is well")
    with shopper(system) as somebody:
        yield somebody


STORIES: Final = (pays, pays_and_returns, cancels)


def booked(system: System, shop: Shopper) -> Json:
    """What Stripe's books say of the order's payment."""
    return system.ledger(shop.order["payment"]["client_secret"].partition("_secret_")[0])


def agree(system: System) -> None:
    """Back when the books do."""
    eventually(lambda: not closed_books(system), "the books agree")
    assert closed_books(system) == []


def test_people_buy_over_slow_lines(system: System, cables: Mapping[Line, Cable]) -> None:
    with ExitStack() as stack:
        for cable in cables.values():
            stack.enter_context(cable.slow(LATENCY_SECONDS))
        with people_buy(system, STORIES, count=SHOPPERS) as ends:
            time.sleep(DEAD_SECONDS)
    assert set(ends) == {"complete", "refunded", "cancelled"}
    agree(system)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_reservation_that_the_worker_cannot_make_or_not_tell_of_is_made_once(
    system: System, cables: Mapping[Line, Cable], shop: Shopper, trouble: str
) -> None:
    with TROUBLES[trouble](cables[Line("worker", "mongodb")]):
        assert shop.clicks().status_code == httpx.codes.SERVICE_UNAVAILABLE
    shop.reserves()
    pays(shop)
    assert shop.ends()["status"] == "complete"
    agree(system)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_ticket_that_the_worker_cannot_hand_over_for_a_while_is_sold_once(
    system: System, cables: Mapping[Line, Cable], shop: Shopper, trouble: str
) -> None:
    shop.reserves()
    shop.bills()
    with TROUBLES[trouble](cables[Line("worker", "mongodb")]):
        shop.pays()
        time.sleep(DEAD_SECONDS)
        assert shop.look()["status"] not in OVER
    assert shop.ends()["status"] == "complete"
    agree(system)


@pytest.mark.parametrize("trouble", ["answers are lost", "questions arrive late"])
def test_money_that_stripe_took_without_the_worker_hearing_of_it_is_taken_once(
    system: System, cables: Mapping[Line, Cable], shop: Shopper, trouble: str
) -> None:
    shop.reserves()
    shop.bills()
    with TROUBLES[trouble](cables[Line("worker", "stripe")]):
        shop.pays()
        time.sleep(DEAD_SECONDS)
        assert shop.look()["status"] not in OVER
    assert shop.ends()["status"] == "complete"
    assert len(booked(system, shop)["captures"]) == 1
    agree(system)


def test_a_capture_that_the_worker_cannot_report_is_found_and_not_repeated(
    system: System, cables: Mapping[Line, Cable], shop: Shopper
) -> None:
    shop.reserves()
    shop.bills()
    system.fault("/v1/payment_intents/*/capture", "delay", seconds=2)
    shop.pays()
    eventually(system.fault_was_met, "the capture is under way")
    with cables[Line("worker", "temporal")].silent():
        eventually(lambda: booked(system, shop)["captures"], "Stripe has taken the money")
        time.sleep(DEAD_SECONDS)
        assert shop.look()["status"] not in OVER
    assert shop.ends()["status"] == "complete"
    assert len(booked(system, shop)["captures"]) == 1
    agree(system)


def test_a_mail_whose_receipt_was_lost_is_one_mail(
    system: System, cables: Mapping[Line, Cable], shop: Shopper
) -> None:
    shop.reserves()
    with cables[Line("worker", "mail")].silent(Way.BACK):
        pays(shop)
        assert shop.ends()["status"] == "complete"
        time.sleep(DEAD_SECONDS)
    agree(system)
