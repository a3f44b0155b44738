"""The simulator for each test; with a key, the behaviour tests run against Stripe too."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
import stripe

from devstack.simulators.stripe.server import running_simulator
from devstack.simulators.stripe.settings import StripeSettings
from tests.devstack.stripe.helpers import SECRET, Hooks, Receiver, StripeApi, a_client, receivers


@pytest.fixture(scope="session")
async def simulator_url() -> AsyncIterator[str]:
    """One simulator for all tests here; each starts with it empty."""
    settings = StripeSettings(
        webhook_secret=SECRET, webhook_first_retry_seconds=0.01, refund_settle_seconds=0.05
    )
    async with running_simulator(settings) as url:
        yield url


@pytest.fixture(scope="session")
async def clients(simulator_url: str) -> AsyncIterator[StripeApi]:
    """The SDK without retries of its own; making a client is slow, so there is one of each."""
    async with (
        a_client("sk_test_tickets", simulator_url) as server,
        a_client("pk_test_tickets", simulator_url) as browser,
    ):
        yield StripeApi(server, browser, simulated=True)


@pytest.fixture(scope="session")
async def own_hooks(simulator_url: str) -> AsyncIterator[Hooks]:
    async with httpx.AsyncClient(base_url=simulator_url) as http:
        yield Hooks(simulator_url, http)


@pytest.fixture(scope="session")
async def endpoints() -> AsyncIterator[Callable[[], Receiver]]:
    async with receivers() as make:
        yield make


@pytest.fixture
async def hooks(own_hooks: Hooks) -> Hooks:
    """An empty simulator's hooks."""
    await own_hooks.post("/webhook_endpoint", url=None)
    await own_hooks.post("/reset")
    return own_hooks


@pytest.fixture
async def simulated(clients: StripeApi, hooks: Hooks) -> StripeApi:
    """An empty simulator through the SDK."""
    return clients


@pytest.fixture(params=["simulator", "stripe"])
def stripe_api(request: pytest.FixtureRequest) -> StripeApi:
    """Both of them: what holds for the simulator has to hold for Stripe."""
    if request.param == "simulator":
        api: StripeApi = request.getfixturevalue("simulated")
        return api
    real: StripeApi = request.getfixturevalue("real")
    return real


@pytest.fixture
async def real() -> AsyncIterator[StripeApi]:
    """Stripe itself, in test mode."""
    secret = os.environ.get("STRIPE_SECRET_KEY", "")
    if not secret.startswith("sk_test_"):
        pytest.skip("set STRIPE_SECRET_KEY=sk_test_… to hold Stripe itself to these tests")
    publishable = os.environ.get("STRIPE_PUBLISHABLE_KEY")
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(a_client(secret, None, 2))
        browser: stripe.StripeClient | None = None
        if publishable:
            browser = await stack.enter_async_context(a_client(publishable, None, 2))
        yield StripeApi(server, browser, simulated=False)


@pytest.fixture
async def receiver(hooks: Hooks, endpoints: Callable[[], Receiver]) -> Receiver:
    """A webhook endpoint that the simulator delivers to."""
    endpoint = endpoints()
    await hooks.post("/webhook_endpoint", url=endpoint.url, secret=SECRET)
    return endpoint
