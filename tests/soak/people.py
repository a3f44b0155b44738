"""What people do during a soak: one errand after the other, each by somebody new."""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from threading import Event, Lock
from typing import Final
from uuid import uuid4

import httpx

from tests.e2e.system import Json, System
from tests.faults.shop import TICKET, Shopper, again, shopper, somebody

RACERS: Final = 4
SMALLER: Final[Json] = {**TICKET, "price": {"amount": 5000, "currency": "CAD"}}

Errand = Callable[[System, random.Random], str]


def buys(story: Callable[[Shopper, random.Random], None]) -> Errand:
    """Reserve a ticket, do as the story says, and see how it ends."""

    def errand(system: System, dice: random.Random) -> str:
        with shopper(system) as shop:
            shop.reserves()
            if dice.random() < 0.3:
                watches(system, shop)
            shop.bills()
            story(shop, dice)
            return str(shop.ends()["status"])

    return errand


def keeps(shop: Shopper, _: random.Random) -> None:
    """Pays."""
    shop.pays()


def returns(shop: Shopper, _: random.Random) -> None:
    """Pays, and wants the money back."""
    shop.pays()
    shop.wants_the_money_back()


def cancels(shop: Shopper, _: random.Random) -> None:
    """Thinks better of it."""
    shop.cancels()


def cancels_while_paying(shop: Shopper, _: random.Random) -> None:
    """Does both at once."""
    with ThreadPoolExecutor(2) as hands:
        for done in [hands.submit(shop.pays), hands.submit(shop.cancels)]:
            done.result()


def walks_away(_: Shopper, __: random.Random) -> None:
    """Lets the hold run out."""


def is_refused_first(shop: Shopper, _: random.Random) -> None:
    """Has a card that the bank refuses, then another one."""
    shop.is_refused()
    shop.pays()


def is_asked_back(shop: Shopper, dice: random.Random) -> None:
    """Has a bank that asks back, and answers, or does not."""
    shop.pays("pm_card_threeDSecure2Required")
    if dice.random() < 0.7:
        shop.answers_the_bank()


def watches(system: System, shop: Shopper) -> None:
    """Opens the order's page and leaves after its first message, as closing a tab does."""
    with shop.browser() as browser, suppress(httpx.HTTPError, StopIteration):
        address = f"/api/orders/{shop.order['id']}/events"
        with browser.stream("GET", address, timeout=5) as answer:
            next(answer.iter_lines())


def races(system: System, _: random.Random) -> str:
    """Several want the same ticket at once; whoever gets it pays."""
    with ExitStack() as street:
        seller = street.enter_context(somebody(system))
        ticket = again(lambda: seller.post("/api/tickets", json=TICKET))
        racers = [street.enter_context(somebody(system)) for _ in range(RACERS)]
        with ThreadPoolExecutor(RACERS) as start:
            orders = list(start.map(lambda racer: _clicks(racer, ticket), racers))
        for racer, order in zip(racers, orders, strict=True):
            if order:
                shop = Shopper(system, seller, racer, ticket=ticket, order=order)
                shop.bills()
                shop.pays()
                return f"race {shop.ends()['status']}"
    return "race without a winner"


def _clicks(racer: httpx.Client, ticket: Json) -> Json:
    headers = {"Idempotency-Key": str(uuid4())}
    draft = {"ticket_id": ticket["id"]}
    return again(lambda: racer.post("/api/orders", json=draft, headers=headers), or_over=dict)


def looks_around(system: System, _: random.Random) -> str:
    """Lists, searches, changes their mind, signs out and in again."""
    credentials = {"email": f"{uuid4().hex}@example.com", "password": uuid4().hex}
    with somebody(system, credentials) as seller:
        ticket = again(lambda: seller.post("/api/tickets", json=TICKET))
        again(lambda: seller.get("/api/tickets", params={"keywords": "rock", "sort": "-price"}))
        changed = again(lambda: seller.put(f"/api/tickets/{ticket['id']}", json=SMALLER))
        assert changed["price"] == SMALLER["price"]
        again(lambda: seller.get("/api/tickets", params={"seller": "me"}))
        again(lambda: seller.post("/api/users/logout"))
        again(lambda: seller.post("/api/users/login", json=credentials))
        assert again(lambda: seller.get("/api/users/me"))["email"] == credentials["email"]
    return "looked around"


def watches_the_market(system: System, dice: random.Random) -> str:
    """Has the listing open for a while and leaves in the middle of it, as closing a tab does."""
    leaves = time.monotonic() + dice.uniform(1, 5)
    with (
        suppress(httpx.HTTPError),
        httpx.Client(base_url=system.api) as browser,
        browser.stream("GET", "/api/tickets/events", timeout=5) as answer,
    ):
        for _ in answer.iter_lines():
            if time.monotonic() > leaves:
                break
    return "watched the market"


ERRANDS: Final[tuple[Errand, ...]] = (
    buys(keeps),
    buys(keeps),
    buys(returns),
    buys(cancels),
    buys(cancels_while_paying),
    buys(walks_away),
    buys(is_refused_first),
    buys(is_asked_back),
    races,
    looks_around,
    watches_the_market,
)


class Street:
    """Everybody who is about, and how their errands ended."""

    def __init__(self, system: System, *, seed: int, people: int) -> None:
        self._system = system
        self._closing = Event()
        self._lock = Lock()
        self._dice = [random.Random(f"{seed}:{number}") for number in range(people)]
        self.ends: Counter[str] = Counter()
        """Errands by how they ended."""
        self.failures: list[str] = []
        """What must not happen to anybody."""

    def open(self, pool: ThreadPoolExecutor) -> None:
        """Everybody goes about their errands until the street is closed."""
        for dice in self._dice:
            pool.submit(self._walk, dice)

    def close(self) -> None:
        """Nobody begins a new errand."""
        self._closing.set()

    def _walk(self, dice: random.Random) -> None:
        while not self._closing.is_set():
            errand = dice.choice(ERRANDS)
            try:
                end = errand(self._system, dice)
            except Exception as error:  # noqa: BLE001 - whatever it is, the soak tells it
                with self._lock:
                    self.failures.append(f"{type(error).__name__}: {error}")
            else:
                with self._lock:
                    self.ends[end] += 1
