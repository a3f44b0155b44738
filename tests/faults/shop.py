"""What people do on a stack that is being hurt: they try again, as their client does."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

import httpx
import stripe
from pymongo import MongoClient

from devstack.mongod import mongod_uri
from tests.e2e.system import BILLING, Json, System

PATIENCE_SECONDS: Final = 300
PAUSE_SECONDS: Final = 0.5
OVER: Final = ("complete", "cancelled", "refunded")
AWAY: Final = (502, 503, 504)

IN_QUEBEC: Final[Json] = {
    **BILLING,
    "address": {**BILLING["address"], "city": "Montréal", "region": "QC"},
}


class Shopper:
    """A buyer, the seller of their ticket, and what comes of it."""

    def __init__(self, system: System, seller: httpx.Client, buyer: httpx.Client) -> None:
        self._system = system
        self._buyer = buyer
        self.ticket: Json = again(lambda: _post(seller, "/api/tickets", TICKET))
        self.order: Json = {}

    def reserves(self) -> None:
        """Click until the ticket is theirs: the same key gives the same order.

        A start that nobody answered is taken back; until that has been done the ticket is gone for
        its own buyer too, who then comes again.
        """
        draft, deadline = {"ticket_id": self.ticket["id"]}, time.monotonic() + PATIENCE_SECONDS
        while not self.order:
            headers = {"Idempotency-Key": str(uuid4())}
            self.order = again(
                lambda: _post(self._buyer, "/api/orders", draft, headers=headers),  # noqa: B023
                or_over=dict,
            )
            assert self.order or time.monotonic() < deadline, "the ticket never came back"
            time.sleep(PAUSE_SECONDS)

    def clicks(self) -> httpx.Response:
        """Once, whatever the answer."""
        return _post(self._buyer, "/api/orders", {"ticket_id": self.ticket["id"]})

    def bills(self, billing: Json = BILLING) -> None:
        """Send the address until the order can be paid, or is over."""
        address = f"/api/orders/{self.order['id']}/billing"
        self.order = again(lambda: self._buyer.put(address, json=billing), or_over=self.look)

    def pays(self, card: str = "pm_card_visa") -> None:
        """Confirm at Stripe until it answers, whatever comes of it."""
        if not self.order["payment"]["client_secret"]:
            return
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._system.pay(self.order, card)
            except stripe.APIConnectionError:
                assert time.monotonic() < deadline, "Stripe never answers"
                time.sleep(PAUSE_SECONDS)
                continue
            except stripe.StripeError:
                pass
            return

    def is_refused(self) -> None:
        """Try a card that the bank refuses, and wait to be told so."""
        self.pays("pm_card_visa_chargeDeclinedInsufficientFunds")
        self._until(lambda order: order["payment"]["last_error"] or order["status"] in OVER)

    def loses_the_ticket(self) -> None:
        """Somebody with a hand in the database gives the ticket to another order."""
        with MongoClient[Json](mongod_uri(int(self._system.environ["MONGODB_PORT"]))) as client:
            client["te_tickets"]["tickets"].update_one(
                {"_id": self.ticket["id"]}, {"$set": {"status": "available", "held_by": None}}
            )

    def cancels(self) -> None:
        """Cancel until there is an answer."""
        again(lambda: self._buyer.post(f"/api/orders/{self.order['id']}/cancel"), or_over=self.look)

    def wants_the_money_back(self) -> None:
        """Ask for a refund, if there is anything to refund, and wait for it."""
        if self.ends()["status"] != "complete":
            return
        again(lambda: self._buyer.post(f"/api/orders/{self.order['id']}/refund"), or_over=self.look)
        self._until(lambda order: order["status"] == "refunded")

    def look(self) -> Json:
        """The order as it is."""
        return again(lambda: self._buyer.get(f"/api/orders/{self.order['id']}"))

    def ends(self) -> Json:
        """The order once it is over."""
        return self._until(lambda order: order["status"] in OVER)

    def _until(self, ready: Callable[[Json], object]) -> Json:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not ready(found := self.look()):
            assert time.monotonic() < deadline, f"still {found['status']}: {found['id']}"
            time.sleep(PAUSE_SECONDS)
        return found


TICKET: Final[Json] = {"title": "Rock Concert", "price": {"amount": 10000, "currency": "CAD"}}


@contextmanager
def shopper(system: System) -> Iterator[Shopper]:
    """Two new people."""
    with somebody(system) as seller, somebody(system) as buyer:
        yield Shopper(system, seller, buyer)


@contextmanager
def somebody(system: System) -> Iterator[httpx.Client]:
    """Somebody new with a browser, who tries to register until it works."""
    credentials = {"email": f"{uuid4().hex}@example.com", "password": uuid4().hex}
    with httpx.Client(base_url=system.api, timeout=20) as browser:
        again(lambda: _post(browser, "/api/users/register", credentials))
        yield browser


def again(ask: Callable[[], httpx.Response], *, or_over: Callable[[], Json] | None = None) -> Json:
    """The first answer of a system that is there; a conflict means that the order is over."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            answer = ask()
        except httpx.TransportError:
            answer = httpx.Response(503)
        if answer.is_success:
            found: Json = answer.json()
            return found
        if answer.status_code == httpx.codes.CONFLICT and or_over is not None:
            return or_over()
        assert answer.status_code in AWAY, f"{answer.status_code} {answer.text}"
        assert time.monotonic() < deadline, f"nobody answers: {answer.text}"
        time.sleep(PAUSE_SECONDS)


def _post(
    browser: httpx.Client,
    address: str,
    body: Json,
    **more: Any,  # noqa: ANN401 - handed on
) -> httpx.Response:
    return browser.post(address, json=body, **more)
