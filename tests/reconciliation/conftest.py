"""One market for all tests here, empty at the beginning of each, and somebody who checks it."""

from collections.abc import AsyncIterator

import pytest

from services.database import MongoSettings
from tests.api.market import Market, Person, open_market
from tests.conftest import empty
from tests.reconciliation.auditor import Auditor
from workers.settings import CheckSettings

IMPATIENT = CheckSettings(
    message_grace_seconds=0, hold_grace_seconds=0, page_size=2, stripe_per_second=500
)
"""Whatever is wrong is wrong at once, and everything takes several pages."""


@pytest.fixture(scope="package")
async def whole_market(
    mongo_settings: MongoSettings, temporal_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Market]:
    """Everything, running."""
    async with open_market(
        mongo=mongo_settings,
        temporal_address=temporal_address,
        folder=tmp_path_factory.mktemp("market"),
        checks=IMPATIENT,
    ) as market:
        yield market


@pytest.fixture
async def market(whole_market: Market) -> AsyncIterator[Market]:
    """The market, with nothing out of the ordinary and nobody in it."""
    await empty(whole_market.databases)
    await whole_market.hooks.post("/reset")
    yield whole_market
    await whole_market.tidy()


@pytest.fixture
def auditor(market: Market) -> Auditor:
    """Runs reconciliations."""
    return Auditor(market)


@pytest.fixture
async def seller(market: Market) -> Person:
    """Somebody with something to sell."""
    return await market.person()


@pytest.fixture
async def buyer(market: Market) -> Person:
    """Somebody who wants it."""
    return await market.person()
