"""Stripe's simulator, and the gateway through which the steps speak to it."""

from collections.abc import AsyncIterator

import httpx
import pytest
import stripe
from pydantic import SecretStr

from activities.gateways.stripe import StripeGateway
from devstack.simulators.stripe.server import running_simulator
from services.payments.stripe import StripeSettings, open_stripe
from tests.activities.stripe_builders import ENVIRONMENT, Outside
from tests.devstack.stripe.helpers import Hooks


@pytest.fixture(scope="session")
async def simulator() -> AsyncIterator[Hooks]:
    """One simulator for all tests here."""
    async with running_simulator() as url, httpx.AsyncClient(base_url=url) as http:
        yield Hooks(url, http)


@pytest.fixture(scope="session")
async def stripe_client(simulator: Hooks) -> AsyncIterator[stripe.StripeClient]:
    """The official client, as the worker has it."""
    settings = StripeSettings(secret_key=SecretStr("sk_test_steps"), api_base=simulator.url)
    async with open_stripe(settings) as client:
        yield client


@pytest.fixture
async def outside(simulator: Hooks, stripe_client: stripe.StripeClient) -> Outside:
    """An empty Stripe."""
    await simulator.post("/reset")
    return Outside(stripe_client, simulator)


@pytest.fixture
def gateway(stripe_client: stripe.StripeClient, outside: Outside) -> StripeGateway:
    """The gateway under test."""
    return StripeGateway(stripe_client, environment=ENVIRONMENT)
