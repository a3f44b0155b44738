"""The stand-ins, and an application that knows them."""

from collections.abc import AsyncIterator

import httpx
import pytest

from devstack.simulators.signin.app import running_signin
from devstack.simulators.signin.settings import Provider, SigninSettings
from tests.devstack.signin.helpers import Application


@pytest.fixture(scope="session")
async def signin_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """One server for all tests here; each starts with nobody known."""
    settings = SigninSettings(data=tmp_path_factory.mktemp("signin") / "signin.sqlite")
    async with running_signin(settings) as url:
        yield url


@pytest.fixture(scope="session")
async def browser(signin_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Making a client is slow, so there is one; it follows no redirect by itself."""
    async with httpx.AsyncClient(base_url=signin_url) as http:
        yield http


@pytest.fixture
async def signin(browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """A browser in front of the emptied stand-ins."""
    (await browser.post("/_sim/reset")).raise_for_status()
    return browser


@pytest.fixture
def google(signin: httpx.AsyncClient) -> Application:
    return Application(signin, Provider.GOOGLE)


@pytest.fixture
def github(signin: httpx.AsyncClient) -> Application:
    return Application(signin, Provider.GITHUB)


@pytest.fixture(params=list(Provider))
def application(request: pytest.FixtureRequest, signin: httpx.AsyncClient) -> Application:
    """The application at either provider: what holds for both is tested with both."""
    return Application(signin, request.param)
