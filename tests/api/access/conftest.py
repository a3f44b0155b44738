"""A market like that for orders, made anew for these tests, that is traced."""

from collections.abc import AsyncIterator, Iterator

import pytest

from services.database import MongoSettings
from tests.api.market import Market, open_market
from tests.api.orders.conftest import buyer, market, seller
from tests.spans import Spans, recorded_spans

__all__ = ["buyer", "market", "seller"]


@pytest.fixture(scope="package")
def spans() -> Iterator[Spans]:
    """What a collector of traces would be sent."""
    with recorded_spans() as spans:
        yield spans


@pytest.fixture(scope="package")
async def whole_market(
    mongo_settings: MongoSettings,
    temporal_address: str,
    tmp_path_factory: pytest.TempPathFactory,
    spans: Spans,
) -> AsyncIterator[Market]:
    """Everything, running; for all tests of this package, because Beanie is one per process."""
    async with open_market(
        mongo=mongo_settings,
        temporal_address=temporal_address,
        folder=tmp_path_factory.mktemp("market"),
        traces=spans.traces,
    ) as market:
        yield market
