"""Shorthands: clients, a paid-for ticket, the simulator's hooks, a webhook receiver."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx
import stripe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.simulators.stripe.server import running_app

SECRET: Final = "whsec_test_of_the_simulator"


@dataclass(frozen=True)
class StripeApi:
    """Stripe, real or simulated, as a server and as a browser see it."""

    server: stripe.StripeClient
    browser: stripe.StripeClient | None
    simulated: bool

    @property
    def intents(self) -> stripe.PaymentIntentService:
        return self.server.v1.payment_intents

    @property
    def refunds(self) -> stripe.RefundService:
        return self.server.v1.refunds

    async def opened(self, amount: int = 1600, **more: object) -> stripe.PaymentIntent:
        """A PaymentIntent as the ticket exchange makes them."""
        params: dict[str, Any] = {
            "amount": amount,
            "currency": "cad",
            "capture_method": "manual",
            "allowed_payment_method_types": ["card"],
            **more,
        }
        return await self.intents.create_async(params)  # type: ignore[arg-type]  # a plain dict

    async def held(
        self, amount: int = 1600, card: str = "pm_card_visa", **more: object
    ) -> stripe.PaymentIntent:
        """A card's hold, not captured yet."""
        return await self.opened(amount, **{"payment_method": card, "confirm": True, **more})

    async def paid(self, amount: int = 1600, card: str = "pm_card_visa") -> stripe.PaymentIntent:
        """Money that was taken."""
        intent = await self.held(amount, card)
        return await self.intents.capture_async(intent.id)

    async def charge_of(self, intent: stripe.PaymentIntent) -> stripe.Charge:
        """The charge of the last attempt."""
        assert isinstance(intent.latest_charge, str)
        return await self.server.v1.charges.retrieve_async(intent.latest_charge)

    async def told_about(self, object_id: str) -> list[str]:
        """Types of the events about an object, oldest first."""
        page = await self.server.v1.events.list_async({"limit": 100})
        return [str(e.type) for e in reversed(page.data) if e.data.object["id"] == object_id]


class Hooks:
    """The simulator's own side."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url = url
        self.http = http

    async def post(self, path: str, **body: object) -> Any:  # noqa: ANN401 - any JSON
        response = await self.http.post(f"/_sim{path}", json=body)
        assert response.is_success, response.text
        return response.json()

    async def get(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        return (await self.http.get(f"/_sim{path}")).json()

    async def fault(self, kind: str, path: str, **more: object) -> None:
        """Plant a fault on POSTs to a path."""
        await self.post("/faults", match={"method": "POST", "path": path}, kind=kind, **more)


@dataclass
class Receiver:
    """A webhook endpoint that checks signatures and answers as it is told."""

    answers: list[int] = field(default_factory=list)
    """Statuses of the next answers; 200 when there are none left."""
    slow: list[float] = field(default_factory=list)
    """Seconds that the next answers take; none when there are none left."""
    attempts: list[str] = field(default_factory=list)
    """Ids of the events that came, also of those that were refused."""
    events: list[stripe.Event] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Why a signature was not good."""
    url: str = ""

    async def receive(self, request: Request) -> Response:
        payload = await request.body()
        try:
            event = stripe.Webhook.construct_event(
                payload, request.headers["stripe-signature"], SECRET
            )
        except stripe.SignatureVerificationError as error:
            self.refused.append(str(error))
            return Response(status_code=400)
        self.attempts.append(event.id)
        if self.slow:
            await asyncio.sleep(self.slow.pop(0))
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.events.append(event)
        return Response(status_code=status)

    def types(self) -> list[str]:
        return [event.type for event in self.events]


class ReceiverServer:
    """Endpoints by name, so that a late event of one test cannot reach the next."""

    def __init__(self) -> None:
        self._receivers: dict[str, Receiver] = {}
        self.app = Starlette(routes=[Route("/{name}", self._receive, methods=["POST"])])

    def receiver(self, base_url: str) -> Receiver:
        """A new endpoint."""
        name = uuid4().hex
        self._receivers[name] = Receiver(url=f"{base_url}/{name}")
        return self._receivers[name]

    async def _receive(self, request: Request) -> Response:
        return await self._receivers[request.path_params["name"]].receive(request)


@asynccontextmanager
async def receivers() -> AsyncIterator[Callable[[], Receiver]]:
    """Makes endpoints on a free port."""
    server = ReceiverServer()
    async with running_app(server.app) as url:
        yield lambda: server.receiver(url)


async def until(check: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something is true."""

    async def answer() -> bool:
        return bool(check())

    await until_answer(answer, seconds)


async def until_answer(check: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """Wait until a question has the right answer."""
    async with asyncio.timeout(seconds):
        while not await check():  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(0.005)


@asynccontextmanager
async def a_client(
    key: str, url: str | None, retries: int = 0
) -> AsyncIterator[stripe.StripeClient]:
    """The official SDK; ``url`` is the simulator's, or none for Stripe itself."""
    http = stripe.HTTPXClient(timeout=10)
    yield stripe.StripeClient(
        key,
        base_addresses={"api": url} if url else {},
        http_client=http,
        max_network_retries=retries,
    )
    await http.close_async()  # type: ignore[no-untyped-call]  # so the SDK has it
