"""A stack of its own for the end-to-end tests: ``python -m devstack`` on free ports."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import stripe

from activities.account_letters import CONFIRM
from devstack.mongod import mongod_uri
from tests.servers import free_port
from tests.waiting import eventually

STOP_SECONDS = 60
START_SECONDS = 120
"""As long as the stack itself gives each of its parts."""
ANSWER_SECONDS = 30
AGAIN_SECONDS = 0.5
PORTS = (
    "PORT",
    "TEMPORAL_PORT",
    "TEMPORAL_UI_PORT",
    "MONGODB_PORT",
    "STRIPE_PORT",
    "MAIL_PORT",
    "SIGNIN_PORT",
    "WORKER_METRICS_PORT",
)
BILLING: dict[str, Any] = {
    "name": "Ada Lovelace",
    "address": {
        "line1": "178 Victoria St",
        "city": "Toronto",
        "region": "ON",
        "postal_code": "M5B 1T7",
        "country": "CA",
    },
}

Json = dict[str, Any]


class System:
    """One stack: its processes, its people and its Stripe."""

    def __init__(self, folder: Path, *, module: str = "devstack", **settings: str) -> None:
        ours = {name: str(free_port()) for name in PORTS}
        outside = (
            *(
                "WORKER_",
                "OTEL_",
                "TEMPORAL_",
                "MONGODB_",
                "STRIPE_",
                "RESEND_",
                "GOOGLE_",
                "GITHUB_",
            ),
            *("RESERVATION_", "HOLD_"),
        )
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(outside)
        }
        self.folder = folder
        self._module = module
        self.environ = {
            **inherited,
            **ours,
            "DEV_DIR": str(folder),
            "PASSWORD_ROUNDS": "2",
            **settings,
        }
        self.api = f"http://127.0.0.1:{ours['PORT']}"
        self.stripe_address = f"http://127.0.0.1:{ours['STRIPE_PORT']}"
        self.mail = f"http://127.0.0.1:{ours['MAIL_PORT']}"
        self.signin = f"http://127.0.0.1:{ours['SIGNIN_PORT']}"
        self.mongodb = mongod_uri(int(ours["MONGODB_PORT"]))
        self._process: subprocess.Popen[str] | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Started, and stopped for sure; nothing of it is left afterwards."""
        self.start()
        left: list[int] = []
        try:
            yield
        finally:
            left = self.stop()
        assert left == []

    def start(self) -> None:
        """Start it and wait until the API says that everything is ready."""
        self._process = subprocess.Popen(  # noqa: S603 - a module of ours
            [sys.executable, "-m", self._module],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C is for whoever runs the stack, who then stops it
        )
        eventually(self.ready, "the stack is ready", within=START_SECONDS)

    def ready(self) -> bool:
        """Whether ``/readyz`` says so."""
        try:
            return httpx.get(f"{self.api}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> list[int]:
        """Ctrl-C; the pids that are still there afterwards."""
        assert self._process is not None
        pids = [self._process.pid]
        pids += [child.pid for child in psutil.Process(self._process.pid).children(recursive=True)]
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=STOP_SECONDS)
        return [pid for pid in pids if psutil.pid_exists(pid)]

    def kill(self, *names: str) -> None:
        """``kill -9`` parts at the same moment, and wait until the supervisor has replaced them."""
        dead = {name: self.pid(name) for name in names}
        for name in names:
            self.signal(name, signal.SIGKILL)
        for name, pid in dead.items():
            eventually(
                lambda name=name, pid=pid: self.pid(name) not in (None, pid),  # type: ignore[misc]
                f"{name} is started again",
            )

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a part a signal of the operating system."""
        pid = self.pid(name)
        assert pid is not None
        os.kill(pid, number)

    def pid(self, name: str) -> int | None:
        """Which process a part is right now; None while there is none."""
        try:
            return int((self.folder / "run" / f"{name}.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None

    @contextmanager
    def person(self, name: str) -> Iterator[httpx.Client]:
        """Somebody new with a browser."""
        email = f"{name}-{uuid4().hex[:10]}@example.com"
        credentials = {"email": email, "password": uuid4().hex}
        with httpx.Client(base_url=self.api, timeout=ANSWER_SECONDS) as browser:
            browser.post("/api/users/register", json=credentials).raise_for_status()
            yield browser

    @contextmanager
    def people(self) -> Iterator[tuple[httpx.Client, httpx.Client]]:
        """A seller and a buyer."""
        with self.person("seller") as seller, self.person("buyer") as buyer:
            yield seller, buyer

    def ticket(self, seller: httpx.Client) -> Json:
        """A ticket for 100.00 CAD."""
        draft = {"title": "Rock Concert", "price": {"amount": 10000, "currency": "CAD"}}
        answer = seller.post("/api/tickets", json=draft).raise_for_status()
        ticket: Json = answer.json()
        return ticket

    def payable_order(self, buyer: httpx.Client, ticket: Json) -> Json:
        """An order with an address, ready to be paid."""
        order = self.reserve(buyer, ticket)
        billing = f"/api/orders/{order['id']}/billing"
        found: Json = answered(lambda: buyer.put(billing, json=BILLING))
        return found

    def reserve(self, buyer: httpx.Client, ticket: Json) -> Json:
        """An order without an address."""
        key, wanted = {"Idempotency-Key": uuid4().hex}, {"ticket_id": ticket["id"]}
        order: Json = answered(lambda: buyer.post("/api/orders", json=wanted, headers=key))
        return order

    def pay(self, order: Json, payment_method: str = "pm_card_visa") -> str:
        """Confirm the order's PaymentIntent with the official SDK; its id."""
        intent = str(order["payment"]["client_secret"]).partition("_secret_")[0]
        with self._stripe() as client:
            client.v1.payment_intents.confirm(intent, {"payment_method": payment_method})
        return intent

    def hold_money(self, order_id: str) -> str:
        """Hold 50.00 CAD for an order behind its back; the PaymentIntent's id."""
        with self._stripe() as client:
            return client.v1.payment_intents.create(
                {
                    "amount": 5000,
                    "currency": "cad",
                    "capture_method": "manual",
                    "allowed_payment_method_types": ["card"],
                    "metadata": {"order_id": order_id, "environment": "dev"},
                    "payment_method": "pm_card_visa",
                    "confirm": True,
                }
            ).id

    @contextmanager
    def _stripe(self) -> Iterator[stripe.StripeClient]:
        http = stripe.HTTPXClient(allow_sync_methods=True)
        try:
            yield stripe.StripeClient(
                "sk_test_devstack",
                base_addresses={"api": self.stripe_address},
                http_client=http,
            )
        finally:
            http.close()  # type: ignore[no-untyped-call]  # the SDK leaves it unannotated

    def when(self, buyer: httpx.Client, order: Json, status: str) -> Json:
        """The order, once it is in this status."""

        def look() -> Json | None:
            found: Json = buyer.get(f"/api/orders/{order['id']}").raise_for_status().json()
            return found if found["status"] == status else None

        return eventually(look, f"the order is {status}")

    def ledger(self, payment_intent_id: str) -> Json:
        """What the simulator's books say about one PaymentIntent, in minor units."""
        answer = httpx.get(
            f"{self.stripe_address}/_sim/ledger",
            params={"payment_intent": payment_intent_id},
            timeout=ANSWER_SECONDS,
        )
        booked: Json = answer.raise_for_status().json()["payment_intents"][payment_intent_id]
        return booked

    def booked(self, payment_intent_id: str, what: str) -> list[int]:
        """Each of its captures or refunds, in minor units."""
        return [entry["amount"] for entry in self.ledger(payment_intent_id)[what]]

    def fault(self, path: str, kind: str, **more: object) -> None:
        """The next such request to Stripe goes wrong."""
        rule = {"match": {"method": "POST", "path": path}, "kind": kind, "times": 1, **more}
        httpx.post(
            f"{self.stripe_address}/_sim/faults", json=rule, timeout=ANSWER_SECONDS
        ).raise_for_status()

    def fault_was_met(self) -> bool:
        """Whether a request has run into it."""
        faults = (
            httpx.get(f"{self.stripe_address}/_sim/faults", timeout=ANSWER_SECONDS)
            .raise_for_status()
            .json()
        )
        return any(fault["hits"] for fault in faults)

    def no_more_faults(self) -> None:
        """Stripe is well again."""
        httpx.delete(
            f"{self.stripe_address}/_sim/faults", timeout=ANSWER_SECONDS
        ).raise_for_status()

    def sign_in(
        self, browser: httpx.Client, provider: str, email: str, *, name: str = "127.0.0.1"
    ) -> httpx.Response:
        """Sign in with a stand-in, on this machine by that name; the page where it ends."""
        begin = self.api.replace("127.0.0.1", name)
        page = browser.get(f"{begin}/api/auth/{provider}/login", params={"next": "/account"})
        assert str(page.url).startswith(self.signin)
        form = re.search(r'name="request" value="([^"]+)"', page.text)
        assert form is not None
        typed = {"request": form[1], "name": "Ann", "email": email, "email_verified": "yes"}
        return browser.post(page.url, data=typed)

    def mails_to(self, browser: httpx.Client) -> list[str]:
        """The subjects that reached somebody about orders, oldest first."""
        email = browser.get("/api/users/me").raise_for_status().json()["email"]
        sent = httpx.get(f"{self.mail}/emails", params={"to": email}, timeout=ANSWER_SECONDS)
        subjects = [mail["subject"] for mail in reversed(sent.raise_for_status().json())]
        return [subject for subject in subjects if subject != CONFIRM.subject]


def answered(ask: Callable[[], httpx.Response]) -> Any:  # noqa: ANN401 - JSON
    """What is answered at last: 503 asks for patience, which a busy machine may need."""

    def look() -> httpx.Response | None:
        answer = ask()
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return answer.raise_for_status()
        time.sleep(AGAIN_SECONDS)
        return None

    return eventually(look, "it is answered").json()
