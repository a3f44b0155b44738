"""What people do on a stack that is being hurt: they try again, as their client does."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

import httpx
import stripe
from pymongo import MongoClient

from temporal.calls import NobodyAnsweredError, TooLateError
from temporal.client import connect
from temporal.operations.actions import Operations, RefusedError
from temporal.settings import TemporalSettings
from tests.e2e.system import BILLING, Json, System
from workflows.messages import Steering

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

    def __init__(
        self,
        system: System,
        seller: httpx.Client,
        buyer: httpx.Client,
        *,
        ticket: Json | None = None,
        order: Json | None = None,
    ) -> None:
        self._system = system
        self._buyer = buyer
        self.ticket: Json = ticket or again(lambda: _post(seller, "/api/tickets", TICKET))
        self.order: Json = order or {}

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

    def answers_the_bank(self) -> None:
        """Say yes to the bank that asked back, if it still wants to know."""
        secret = self.order["payment"]["client_secret"]
        if not secret:
            return
        intent = secret.partition("_secret_")[0]
        address = f"{self._system.stripe_address}/_sim/payment_intents/{intent}/authenticate"
        answer = httpx.Response(503)
        while answer.status_code in AWAY:
            try:
                answer = httpx.post(address, json={"outcome": "success"}, timeout=20)
            except httpx.TransportError:
                time.sleep(PAUSE_SECONDS)

    def browser(self) -> httpx.Client:
        """Another window of the buyer's browser."""
        return httpx.Client(base_url=self._buyer.base_url, cookies=self._buyer.cookies)

    def loses_the_ticket(self) -> None:
        """Somebody with a hand in the database gives the ticket to another order."""
        with MongoClient[Json](self._system.mongodb) as client:
            client["te_tickets"]["tickets"].update_one(
                {"_id": self.ticket["id"]}, {"$set": {"status": "available", "held_by": None}}
            )

    def cannot_be_written_to(self) -> None:
        """Somebody with a hand in the database makes their address one that no mail reaches."""
        me = again(lambda: self._buyer.get("/api/users/me"))["id"]
        with MongoClient[Json](self._system.mongodb) as client:
            client["te_auth"]["users"].update_one({"_id": me}, {"$set": {"email": "nowhere"}})

    def is_missed_by_the_mail(self) -> None:
        """Nobody can write that the hold ran out, and people on duty are told so."""
        if self.ends()["cancel_reason"] != "expired":
            return
        deadline, about = time.monotonic() + PATIENCE_SECONDS, {"order_id": self.order["id"]}
        with MongoClient[Json](self._system.mongodb) as client:
            while client["te_operations"]["findings"].find_one(about) is None:
                assert time.monotonic() < deadline, "it is not on the board"
                time.sleep(PAUSE_SECONDS)

    def meets_a_busy_stripe(self) -> None:
        """The money is not taken at once when they pay."""
        self._system.fault(
            f"/v1/payment_intents/{self._intent}/capture", "error_before", status=429, times=6
        )

    def has_stripe_asked_again(self) -> None:
        """A person on duty does not wait for the next try, once there is one to wait for."""

        async def insist() -> None:
            address = f"127.0.0.1:{self._system.environ['TEMPORAL_PORT']}"
            operations = Operations(await connect(TemporalSettings(address=address)))
            by = Steering(actor="ada", why="the buyer asks")
            while self.look()["status"] not in OVER:
                try:
                    await operations.retry_capture(self.order["id"], by)
                except (RefusedError, NobodyAnsweredError, TooLateError):
                    await asyncio.sleep(PAUSE_SECONDS)
                else:
                    return

        asyncio.run(insist())

    def sends_money_for_what_is_over(self) -> None:
        """Somebody with the secret key takes a payment for an order that is cancelled."""
        if self.ends()["status"] == "cancelled":
            self._system.hold_money(self.order["id"])

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

    @property
    def _intent(self) -> str:
        return str(self.order["payment"]["client_secret"]).partition("_secret_")[0]

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
def somebody(system: System, credentials: Json | None = None) -> Iterator[httpx.Client]:
    """Somebody new with a browser, who tries to register until it works."""
    credentials = credentials or {"email": f"{uuid4().hex}@example.com", "password": uuid4().hex}
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
            found: Json = answer.json() if answer.content else {}
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
