"""The API on a real MongoDB, spoken to as a browser would."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count

import httpx
import pytest
import structlog
from fastapi import FastAPI
from pydantic import SecretStr

from api.app import create_app
from api.providers.settings import ProviderSettings
from api.settings import ApiSettings
from services.auth.documents import Role
from services.auth.passwords import PasswordSettings
from services.database import MongoSettings
from services.limits.rules import LimitSettings
from services.payments.stripe import StripeSettings
from temporal.settings import TemporalSettings
from tests.conftest import empty
from tests.limits import generous

NOBODY = "127.0.0.1:1"
"""An address where nothing listens."""
NO_PROVIDERS = ProviderSettings(
    google_client_id="", google_client_secret="", github_client_id="", github_client_secret=""
)
ONE_PROVIDER = ProviderSettings(
    google_client_id="",
    google_client_secret="",
    github_client_id="github-client",
    github_client_secret="secret-of-the-client",
    github_url=f"http://{NOBODY}",
    github_api_url=f"http://{NOBODY}",
)
"""GitHub can be left for, but not come back from."""
PASSWORD = "correct horse battery staple"

Browser = httpx.AsyncClient
OpenBrowser = Callable[[], Browser]
SignIn = Callable[[], Awaitable[Browser]]


def an_app(
    mongo: MongoSettings,
    settings: ApiSettings | None = None,
    temporal: str = NOBODY,
    stripe: str = f"http://{NOBODY}",
    *,
    limits: LimitSettings | None = None,
    webhook_secret: str = "",
    providers: ProviderSettings | None = None,
) -> FastAPI:
    """An API with cheap password hashes, and without limits that a test could meet by chance."""
    return create_app(
        settings or ApiSettings(public_url="http://testserver"),
        mongo=mongo,
        temporal=TemporalSettings(address=temporal),
        stripe=StripeSettings(
            secret_key="sk_test_1",
            publishable_key="pk_test_1",
            api_base=stripe,
            webhook_secret=SecretStr(webhook_secret),
        ),
        passwords=PasswordSettings(memory_kib=64, rounds=1),
        limits=limits or generous(),
        providers=providers or NO_PROVIDERS,
    )


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[FastAPI]:
    """The app between its start and its end."""
    async with app.router.lifespan_context(app):
        yield app


def a_browser(app: FastAPI, url: str = "http://testserver") -> Browser:
    """Somebody with cookies of their own."""
    return Browser(transport=httpx.ASGITransport(app), base_url=url)


@pytest.fixture(scope="session", autouse=True)
def logs_for_caplog() -> None:
    """Plain lines through the standard library, where pytest looks."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


@pytest.fixture
async def app(mongo_settings: MongoSettings) -> AsyncIterator[FastAPI]:
    """A started API; nobody is registered, nothing is for sale."""
    async with running(an_app(mongo_settings)) as started:
        await empty(started.state.databases)
        yield started


@pytest.fixture
async def open_browser(app: FastAPI) -> AsyncIterator[OpenBrowser]:
    """More than one person."""
    opened: list[Browser] = []

    def another() -> Browser:
        opened.append(a_browser(app))
        return opened[-1]

    yield another
    for browser in opened:
        await browser.aclose()


@pytest.fixture
def browser(open_browser: OpenBrowser) -> Browser:
    """Somebody who is not signed in."""
    return open_browser()


@pytest.fixture
def sign_in(open_browser: OpenBrowser) -> SignIn:
    """Another person, registered and signed in."""
    numbers = count(1)

    async def somebody() -> Browser:
        person = open_browser()
        answer = await person.post(
            "/api/users/register",
            json={"email": f"person-{next(numbers)}@example.com", "password": PASSWORD},
        )
        assert answer.status_code == 201, answer.text
        return person

    return somebody


@pytest.fixture
async def seller(sign_in: SignIn) -> Browser:
    """Somebody with something to sell."""
    return await sign_in()


@pytest.fixture
async def entitled(app: FastAPI, seller: Browser) -> Browser:
    """Somebody who is not refused for who they are: a seller who is on duty as well."""
    me = (await seller.get("/api/users/me")).json()["id"]
    users = app.state.databases.auth["users"]
    await users.update_one({"_id": me}, {"$set": {"role": Role.OPERATOR}})
    return seller
