"""The API beside the stand-ins of Google and GitHub, which it reaches with Authlib."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from fastapi import FastAPI

from api.providers.settings import ProviderSettings
from devstack.simulators.signin.app import running_signin
from devstack.simulators.signin.settings import Provider, Registration, SigninSettings
from services.database import MongoSettings
from tests.api.conftest import a_browser, an_app, running
from tests.api.security.providers.travellers import OURS, Traveller
from tests.conftest import empty

SECRET = "secret-of-the-client"

OpenTraveller = Callable[[], Traveller]


def registration(provider: Provider) -> Registration:
    """What a provider knows of the API under test."""
    return Registration(
        clients={f"{provider}-client": SECRET},
        redirect_uris=frozenset({f"{OURS}/api/auth/{provider}/callback"}),
    )


def provider_settings(stand_ins: str, **changes: object) -> ProviderSettings:
    """Both providers are the stand-ins at this address."""
    return ProviderSettings.model_validate(
        {
            "google_client_id": "google-client",
            "google_client_secret": SECRET,
            "google_issuer": f"{stand_ins}/google",
            "github_client_id": "github-client",
            "github_client_secret": SECRET,
            "github_url": f"{stand_ins}/github",
            "github_api_url": f"{stand_ins}/github/api",
            **changes,
        }
    )


@pytest.fixture(scope="session")
async def stand_ins_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """One server for all tests here."""
    settings = SigninSettings(
        data=tmp_path_factory.mktemp("signin") / "signin.sqlite",
        google=registration(Provider.GOOGLE),
        github=registration(Provider.GITHUB),
    )
    async with running_signin(settings) as url:
        yield url


@pytest.fixture
async def stand_ins(stand_ins_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The emptied stand-ins; nobody follows a redirect unasked."""
    async with httpx.AsyncClient(base_url=stand_ins_url) as http:
        (await http.post("/_sim/reset")).raise_for_status()
        yield http


@pytest.fixture
async def app(mongo_settings: MongoSettings, stand_ins_url: str) -> AsyncIterator[FastAPI]:
    """A started API that offers both; nobody is registered."""
    api = an_app(mongo_settings, providers=provider_settings(stand_ins_url))
    async with running(api) as started:
        await empty(started.state.databases)
        yield started


@pytest.fixture
async def open_traveller(
    app: FastAPI, stand_ins: httpx.AsyncClient
) -> AsyncIterator[OpenTraveller]:
    """More than one person, or one person with more than one browser."""
    opened: list[Traveller] = []

    def another() -> Traveller:
        opened.append(Traveller(a_browser(app), stand_ins))
        return opened[-1]

    yield another
    for traveller in opened:
        await traveller.http.aclose()


@pytest.fixture
def ann(open_traveller: OpenTraveller) -> Traveller:
    """Somebody who has not been here before."""
    return open_traveller()


@pytest.fixture
def mallory(open_traveller: OpenTraveller) -> Traveller:
    """Somebody who wants what is another's."""
    return open_traveller()
