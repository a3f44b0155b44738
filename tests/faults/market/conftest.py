"""One market for all tests here, empty at the beginning of each."""

from collections.abc import AsyncIterator

import pytest

from services.database import MongoSettings
from tests.api.market import Market, open_market
from tests.conftest import empty


@pytest.fixture(scope="package")
async def whole_market(
    mongo_settings: MongoSettings, temporal_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Market]:
    """Everything, running."""
    async with open_market(
        mongo=mongo_settings,
        temporal_address=temporal_address,
        folder=tmp_path_factory.mktemp("market"),
    ) as market:
        yield market


@pytest.fixture
async def market(whole_market: Market) -> AsyncIterator[Market]:
    """The market, with nothing out of the ordinary and nobody in it."""
    await empty(whole_market.databases)
    await whole_market.hooks.post("/reset")
    yield whole_market
    await whole_market.tidy()
