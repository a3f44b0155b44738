"""A whole market in one event loop: API, workers, Temporal, MongoDB, Stripe's stand-in, mail.

Everything is real but Stripe and Resend, whose simulators are spoken to with the official SDKs and
deliver webhooks to the API over HTTP. The API reaches its servers over cables that can be pulled.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import stripe
from fastapi import FastAPI
from google.protobuf.duration_pb2 import Duration
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.account_letters import LETTERS
from activities.gateways.resend import ResendSettings, open_resend
from activities.gateways.stripe import StripeGateway
from api.app import create_app
from api.orders.desk import OrderDesk
from api.orders.turnstile import Turnstile
from api.settings import ApiSettings
from devstack.simulators.resend.app import running_inbox
from devstack.simulators.stripe.server import running_app, running_simulator
from devstack.simulators.stripe.settings import StripeSettings as SimulatorSettings
from services.auth.documents import Role
from services.auth.passwords import PasswordSettings
from services.database import Databases, MongoSettings
from services.metrics import Funnel
from services.orders.documents import Order
from services.orders.holds import HoldStore
from services.orders.requests import RequestStore
from services.orders.store import OrderStore
from services.payments.store import PaymentStore
from services.payments.stripe import StripeSettings, open_stripe
from services.tickets.store import TicketStore
from services.traces import Traces
from temporal.bootstrap import register_search_attributes, schedule_reconciliation
from temporal.client import connect
from temporal.lookup import WorkflowLookup
from temporal.purchases import Purchases
from temporal.settings import TemporalSettings
from tests.api.conftest import ONE_PROVIDER, PASSWORD, Browser, a_browser
from tests.cables import Cable, a_cable
from tests.devstack.stripe.helpers import Hooks, a_client
from tests.limits import generous
from workers.__main__ import make_steps
from workers.logs import StepLogs
from workers.purchases import Steps, make_workers
from workers.settings import CheckSettings, WorkerSettings

ENVIRONMENT: Final = "test"
WEBHOOK_SECRET: Final = "whsec_of_the_market"
PATIENCE_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.02
ANSWER_SECONDS: Final = 6.0
"""The contract: longer than that nobody waits to be told that something is away."""
SELDOM: Final = timedelta(days=3650)
"""How often everything is checked by itself: a test has it done when it wants to."""

Json = dict[str, Any]
OtherSteps = Callable[[StripeGateway], dict[str, Any]]
"""Fields of ``Steps`` that take the place of ours."""
Found = TypeVar("Found")

ADDRESS: Final[Json] = {
    "line1": "178 Victoria St",
    "city": "Toronto",
    "region": "ON",
    "postal_code": "M5B 1T7",
    "country": "CA",
}
BILLING: Final[Json] = {"name": "Ada Lovelace", "address": ADDRESS}


def in_quebec() -> Json:
    """A billing address with two taxes."""
    return {"name": "Ada Lovelace", "address": {**ADDRESS, "city": "Montréal", "region": "QC"}}


@dataclass(frozen=True)
class Person:
    """Somebody with a browser, registered and signed in."""

    http: Browser
    id: str
    email: str

    async def lists(self, **changes: object) -> Json:
        """Put a ticket on the market."""
        draft = {"title": "Front row", "price": {"amount": 16000, "currency": "CAD"}, **changes}
        return _made(await self.http.post("/api/tickets", json=draft), 201)

    async def asks_for(
        self, ticket: Json, *, billing: Json | None = None, key: str | None = None
    ) -> httpx.Response:
        """Try to buy, whatever the answer."""
        body = {"ticket_id": ticket["id"], **({"billing": billing} if billing else {})}
        headers = {"Idempotency-Key": key} if key else {}
        return await self.http.post("/api/orders", json=body, headers=headers)

    async def insists_on(self, ticket: Json) -> httpx.Response:
        """As a browser does: the same click again when there is too much to do."""
        key = uuid4().hex
        while True:
            answer = await self.asks_for(ticket, key=key)
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                return answer
            await asyncio.sleep(0.2)

    async def buys(self, ticket: Json, **more: Any) -> Json:  # noqa: ANN401 - as ``asks_for``
        """Reserve the ticket."""
        return _made(await self.asks_for(ticket, **more), 201)

    async def tries_billing(self, order: Json, billing: Json = BILLING) -> httpx.Response:
        """Send an address, whatever the answer."""
        return await self.http.put(f"/api/orders/{order['id']}/billing", json=billing)

    async def bills(self, order: Json, billing: Json = BILLING) -> Json:
        """Make the order payable."""
        return _made(await self.tries_billing(order, billing), 200)

    async def tries(self, what: str, order: Json) -> httpx.Response:
        """``cancel`` or ``refund``, whatever the answer."""
        return await self.http.post(f"/api/orders/{order['id']}/{what}")

    async def cancels(self, order: Json) -> Json:
        """End the purchase."""
        return _made(await self.tries("cancel", order), 200)

    async def asks_money_back(self, order: Json) -> Json:
        """Begin a refund."""
        return _made(await self.tries("refund", order), 202)

    async def order(self, order: Json) -> Json:
        """The order as it is now."""
        return _made(await self.http.get(f"/api/orders/{order['id']}"), 200)

    async def ticket(self, ticket: Json) -> Json:
        """The ticket as it is now."""
        return _made(await self.http.get(f"/api/tickets/{ticket['id']}"), 200)

    async def when(self, order: Json, ready: Callable[[Json], object]) -> Json:
        """The order once it is as wished."""

        async def look() -> Json | None:
            found = await self.order(order)
            return found if ready(found) else None

        return await until(look)

    async def when_it_is(self, order: Json, status: str) -> Json:
        """The order once it has this status."""
        return await self.when(order, lambda found: found["status"] == status)


def problem(answer: httpx.Response, status: int) -> Json:
    """The body of an answer that says what is wrong, as all of them do."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: Json = answer.json()
    assert found["status"] == status
    assert found["type"].startswith("/problems/")
    assert found["title"]
    assert ("errors" in found) == (status == 422)
    return found


def sorry(answer: httpx.Response) -> Json:
    """The answer of somebody who depends on something that is away."""
    said = problem(answer, 503)
    assert said["type"] == "/problems/unavailable"
    assert int(answer.headers["retry-after"]) > 0
    return said


def _made(answer: httpx.Response, status: int) -> Json:
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def until(look: Callable[[], Awaitable[Found | None]]) -> Found:
    """The first answer that is something; fails when none comes in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := await look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(LOOK_SECONDS)
    return found


class Crew:
    """The workers, which can be sent away and called back."""

    def __init__(self, client: Client, steps: Steps) -> None:
        self._client = client
        self._steps = steps
        self._there: list[Worker] = []

    async def come(self, **other_steps: Any) -> None:  # noqa: ANN401 - fields of ``Steps``
        """Take up work."""
        self._there = make_workers(
            self._client,
            replace(self._steps, **other_steps),
            WorkerSettings(graceful_seconds=1, mail_per_second=None),
        )
        for worker in self._there:
            await worker.__aenter__()

    async def leave(self) -> None:
        """Finish and go."""
        await asyncio.gather(*(worker.__aexit__(None, None, None) for worker in self._there))
        self._there = []

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Nobody works inside the block."""
        await self.leave()
        try:
            yield
        finally:
            await self.come()

    @asynccontextmanager
    async def working_with(self, **other_steps: Any) -> AsyncIterator[None]:  # noqa: ANN401 - the same
        """Other steps inside the block."""
        await self.leave()
        await self.come(**other_steps)
        try:
            yield
        finally:
            await self.leave()
            await self.come()


@dataclass(frozen=True)
class Cables:
    """What the API is connected with."""

    mongodb: Cable
    temporal: Cable
    stripe: Cable
    """Workers reach Stripe over it, too."""


class Market:
    """Everything that runs, and the people in it."""

    def __init__(
        self,
        app: FastAPI,
        *,
        url: str,
        crew: Crew,
        cables: Cables,
        hooks: Hooks,
        cards: stripe.StripeClient,
        stripe_api: stripe.StripeClient,
        inbox: httpx.AsyncClient,
        temporal: Client,
        temporal_settings: TemporalSettings,
        gateway: StripeGateway,
    ) -> None:
        self.app = app
        self.url = url
        self.crew = crew
        self.cables = cables
        self.hooks = hooks
        self.stripe = stripe_api
        self.temporal = temporal
        self.temporal_settings = temporal_settings
        self.gateway = gateway
        self._cards = cards
        self._inbox = inbox
        self._browsers: list[Browser] = []

    @property
    def databases(self) -> Databases:
        """What lies in MongoDB."""
        databases: Databases = self.app.state.databases
        return databases

    def browser(self) -> Browser:
        """Somebody who is not signed in."""
        self._browsers.append(a_browser(self.app))
        return self._browsers[-1]

    async def person(self) -> Person:
        """Somebody new."""
        http, email = self.browser(), f"{uuid4().hex}@example.com"
        draft = {"email": email, "password": PASSWORD}
        user = _made(await http.post("/api/users/register", json=draft), 201)
        return Person(http, user["id"], email)

    async def put_on_duty(self, person: Person) -> None:
        """Make somebody an operator."""
        users = self.databases.auth["users"]
        await users.update_one({"_id": person.id}, {"$set": {"role": Role.OPERATOR}})

    async def pay(self, order: Json, card: str = "pm_card_visa") -> stripe.PaymentIntent:
        """What the browser does: confirm with the client secret."""
        secret = order["payment"]["client_secret"]
        # The SDK is made for servers and has no word for what a browser sends along.
        confirmation: Any = {"payment_method": card, "client_secret": secret}
        return await self._cards.v1.payment_intents.confirm_async(intent_of(order), confirmation)

    async def decline(self, order: Json) -> None:
        """The bank says no."""
        with suppress(stripe.CardError):
            await self.pay(order, card="pm_card_chargeDeclined")

    async def ledger(self, intent: Json | str) -> Json:
        """What moved for one PaymentIntent, or for that of an order, in minor units."""
        intent = intent if isinstance(intent, str) else intent_of(intent)
        books = await self.hooks.get(f"/ledger?payment_intent={intent}")
        account: Json = books["payment_intents"].get(intent, {})
        return account

    async def requests(self, order: Json) -> list[Json]:
        """What was asked of Stripe under this order's idempotency keys."""
        return [
            entry
            for entry in await self.hooks.get("/requests")
            if order["id"] in (entry["idempotency_key"] or "")
        ]

    async def mail_to(self, person: Person) -> list[Json]:
        """What somebody was sent about orders, newest first."""
        return [mail for mail in await self.post_to(person.email) if not is_letter(mail)]

    async def post_to(self, email: str) -> list[Json]:
        """All that an address was sent, newest first."""
        found: list[Json] = (await self._inbox.get("/emails", params={"to": email})).json()
        return found

    async def letter(self, email: str, subject: str, nth: int = 1) -> Json:
        """The nth letter with this subject to an address, once it is there."""

        async def look() -> Json | None:
            found = [mail for mail in await self.post_to(email) if mail["subject"] == subject]
            return found[-nth] if len(found) >= nth else None

        return await until(look)

    async def letters(self, person: Person, count: int) -> list[str]:
        """Subjects of the mails to somebody about orders, oldest first, once there are so many."""

        async def look() -> list[Json] | None:
            found = await self.mail_to(person)
            return found if len(found) >= count else None

        return [mail["subject"] for mail in reversed(await until(look))]

    async def orders_of_ticket(self, ticket: Json, **fields: object) -> list[Json]:
        """Orders as they are stored."""
        query = {"ticket_id": ticket["id"], **fields}
        return await Order.get_pymongo_collection().find(query).to_list()

    async def stored_ticket(self, ticket: Json) -> Json:
        """A ticket as it is stored."""
        found = await self.databases.tickets["tickets"].find_one({"_id": ticket["id"]})
        assert found is not None
        return found

    async def post_is_done(self, since: datetime) -> None:
        """Back when every letter that was asked for since then is settled."""
        requests = self.databases.auth["letter_requests"]
        waiting = {"settled_at": None, "created_at": {"$gte": since}}

        async def look() -> bool:
            return await requests.count_documents(waiting) == 0

        await until(look)

    async def event(self, object_id: str, kind: str) -> stripe.Event:
        """The newest event of this kind about an object, once there is one."""

        async def look() -> stripe.Event | None:
            page = await self.stripe.v1.events.list_async({"type": kind, "limit": 100})
            about = [event for event in page.data if event.data.object["id"] == object_id]
            return about[0] if about else None

        return await until(look)

    async def in_inbox(self, event_id: str, status: str) -> Json:
        """An event's row in our inbox, once it has this status."""
        inbox = self.databases.payments["inbox"]
        return await until(lambda: inbox.find_one({"_id": event_id, "status": status}))

    @contextmanager
    def desk(
        self,
        *,
        window: timedelta = timedelta(minutes=15),
        extension: timedelta = timedelta(0),
        open_holds: int = 1_000,
        purchases: Purchases | None = None,
        tickets: TicketStore | None = None,
        turnstile: Turnstile | None = None,
    ) -> Iterator[None]:
        """Take orders in another way inside the block."""
        usual = self.app.state.order_desk
        self.app.state.order_desk = OrderDesk(
            OrderStore(),
            PaymentStore(),
            tickets or self.app.state.tickets,
            purchases or Purchases(self.app.state.temporal),
            requests=RequestStore(),
            holds=HoldStore(),
            window=window,
            extension=extension,
            open_holds=open_holds,
            turnstile=turnstile,
        )
        try:
            yield
        finally:
            self.app.state.order_desk = usual

    async def tidy(self) -> None:
        """What a test has set up differently is usual again."""
        for browser in self._browsers:
            await browser.aclose()
        self._browsers.clear()
        await self.hooks.http.delete("/_sim/faults")
        await self.hooks.post("/webhooks/mode")
        await self.hooks.post("/refund_mode", status=None)


def is_letter(mail: Json) -> bool:
    """Whether a mail is about an account, not about an order."""
    return mail["subject"] in {wording.subject for wording in LETTERS}


def token_in(mail: Json) -> str:
    """What the link in a letter carries."""
    found = re.search(r"#token=([\w-]+)", mail["text"])
    assert found is not None, mail["text"]
    return found[1]


def intent_of(order: Json) -> str:
    """The PaymentIntent that an order's client secret opens."""
    intent: str = order["payment"]["client_secret"].partition("_secret_")[0]
    return intent


@asynccontextmanager
async def open_market(
    *,
    mongo: MongoSettings,
    temporal_address: str,
    folder: Path,
    checks: CheckSettings | None = None,
    traces: Traces | None = None,
    namespace: str | None = None,
    other_steps: OtherSteps = lambda _: {},
) -> AsyncIterator[Market]:
    """Everything, running; in databases of its own, and in a namespace of its own.

    Or in this ``namespace``, which is ready: Temporal's test server has one, and no schedules.
    """
    settings = TemporalSettings(
        address=temporal_address, namespace=namespace or await _new_namespace(temporal_address)
    )
    temporal = await connect(
        settings, tracer=traces.tracer if traces else None, interceptors=[StepLogs()]
    )
    if namespace is None:
        await register_search_attributes(temporal)
        await schedule_reconciliation(temporal, SELDOM)
    simulator = SimulatorSettings(
        webhook_secret=WEBHOOK_SECRET, webhook_first_retry_seconds=0.1, webhook_concurrency=25
    )
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        stripe_url = await enter(running_simulator(simulator))
        mail_url = await enter(running_inbox(folder / "inbox.sqlite"))
        cables = Cables(
            mongodb=await enter(a_cable(_port(mongo.uri))),
            temporal=await enter(a_cable(_port(f"//{temporal_address}"))),
            stripe=await enter(a_cable(_port(stripe_url))),
        )
        stripe_settings = StripeSettings(
            secret_key=SecretStr("sk_test_market"),
            publishable_key="pk_test_market",
            webhook_secret=SecretStr(WEBHOOK_SECRET),
            api_base=f"http://{cables.stripe.address}",
        )
        app = create_app(
            ApiSettings(public_url="http://testserver", environment=ENVIRONMENT, open_holds=1_000),
            mongo=MongoSettings(
                uri=f"mongodb://{cables.mongodb.address}/?directConnection=true",
                database_prefix=f"{mongo.database_prefix}market_",
            ),
            temporal=settings.model_copy(update={"address": cables.temporal.address}),
            stripe=stripe_settings,
            passwords=PasswordSettings(memory_kib=64, rounds=1),
            limits=generous(),
            providers=ONE_PROVIDER,
            traces=traces,
        )
        url = await enter(running_app(app))
        hooks = Hooks(stripe_url, await enter(httpx.AsyncClient(base_url=stripe_url)))
        await hooks.post("/webhook_endpoint", url=f"{url}/api/webhooks/stripe")

        gateway = StripeGateway(
            await enter(open_stripe(stripe_settings, seconds=10)), environment=ENVIRONMENT
        )
        resend = ResendSettings(api_key=SecretStr("re_market"), api_url=mail_url)
        lookup = WorkflowLookup(temporal)
        steps = make_steps(
            gateway,
            await enter(open_resend(resend)),
            lookup,
            checks or CheckSettings(),
            Funnel(CollectorRegistry()),
        )
        crew = Crew(temporal, steps)
        await crew.come(**other_steps(gateway))
        stack.push_async_callback(crew.leave)
        yield Market(
            app,
            url=url,
            crew=crew,
            cables=cables,
            hooks=hooks,
            cards=await enter(a_client("pk_test_market", stripe_url)),
            stripe_api=await enter(a_client("sk_test_market", stripe_url)),
            inbox=await enter(httpx.AsyncClient(base_url=mail_url)),
            temporal=temporal,
            temporal_settings=settings,
            gateway=gateway,
        )


async def _new_namespace(address: str) -> str:
    """Workers of other tests never see our purchases, nor we theirs."""
    client, name = await connect(TemporalSettings(address=address)), f"market-{uuid4().hex[:12]}"
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=name, workflow_execution_retention_period=Duration(seconds=86_400)
        )
    )
    return name


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port
