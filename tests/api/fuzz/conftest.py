"""One market for all tests here, because Beanie is one per process; in a thread of its own."""

from collections.abc import Iterator

import pytest

from services.database import MongoSettings
from tests.api.fuzz.stand import Stand, open_stand
from tests.api.market import open_market


@pytest.fixture(scope="package")
def stand(
    mongo_settings: MongoSettings, temporal_address: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stand]:
    """A market that goes on while a synchronous test asks."""
    opening = open_market(
        mongo=mongo_settings,
        temporal_address=temporal_address,
        folder=tmp_path_factory.mktemp("market"),
    )
    with open_stand(opening) as opened:
        yield opened
