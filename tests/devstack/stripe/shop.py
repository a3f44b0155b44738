"""A shop's page that takes cards with Stripe.js, under the strict policy that our own page has."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from playwright.async_api import Frame, FrameLocator, Locator, Page, Request
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from devstack.simulators.stripe.server import running_app
from tests.devstack.stripe.helpers import until_answer

KEY: Final = "pk_test_shop"
NEXT_YEAR: Final = "12 / 40"
FOLDER: Final = Path(__file__).with_name("shop")

Json = dict[str, Any]


@asynccontextmanager
async def a_shop(stripe_url: str) -> AsyncIterator[str]:
    """The address of a shop whose pages may load from themselves and from Stripe, nothing else."""
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {stripe_url}",
            f"frame-src {stripe_url}",
            f"connect-src 'self' {stripe_url}",
            "style-src 'self'",
            "img-src 'self'",
        )
    )

    async def file(request: Asked) -> Response:
        name = request.path_params.get("name", "index.html")
        return FileResponse(FOLDER / name, headers={"Content-Security-Policy": policy})

    async def no_icon(_: Asked) -> Response:
        return Response(status_code=HTTPStatus.NO_CONTENT)

    routes = [Route("/", file), Route("/favicon.ico", no_icon), Route("/{name}", file)]
    app = Starlette(routes=routes)
    async with running_app(app) as url:
        yield url


@dataclass
class Till:
    """A buyer in front of the shop's page."""

    page: Page
    stripe_url: str
    url: str
    console: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    async def open(self, client_secret: str, **options: str) -> None:
        """Load the page for this PaymentIntent."""
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.on("request", self._remember)
        query = {"stripe": self.stripe_url, "key": KEY, "secret": client_secret, **options}
        await self.page.goto(f"{self.url}/?{urlencode(query)}")

    def _remember(self, request: Request) -> None:
        self.requests.append(request)

    @property
    def form(self) -> FrameLocator:
        """Stripe's card form."""
        return self.page.frame_locator("iframe[title='Secure payment input frame']")

    @property
    def form_frame(self) -> Frame:
        """The same, for who looks at it as a page."""
        (found,) = [frame for frame in self.page.frames if frame.url.endswith("/card.html")]
        return found

    @property
    def bank(self) -> FrameLocator:
        """The bank's page, when it asks."""
        return self.page.frame_locator("iframe[title='3D Secure authentication']")

    @property
    def outcome(self) -> Locator:
        """What the shop says."""
        return self.page.get_by_role("status")

    async def types(self, number: str, expiry: str = NEXT_YEAR, cvc: str = "123") -> None:
        """Fill the form in."""
        await self.form.get_by_label("Card number").fill(number)
        await self.form.get_by_label("Expiration date").fill(expiry)
        await self.form.get_by_label("Security code").fill(cvc)

    async def pays(self) -> None:
        """Press the shop's button."""
        await self.page.get_by_role("button", name="Pay").click()

    async def result(self) -> Json:
        """What Stripe.js answered last."""
        found: Json = await self.page.evaluate("window.answer")
        return found

    async def until(self, condition: str) -> None:
        """Wait for a script's value to be true; Playwright's own way needs ``eval``."""
        await until_answer(lambda: self.page.evaluate(condition))

    async def calls(self, script: str) -> Any:  # noqa: ANN401 - any JSON
        """What Stripe.js answers to a call; a mistake as ``{"thrown": …}``."""
        return await self.page.evaluate(
            f"(async () => {{ try {{ return await ({script}); }}"
            " catch (error) { return { thrown: `${error.name}: ${error.message}` }; } })()"
        )
