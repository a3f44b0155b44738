"""A market whose three clocks, Stripe's, ours and Temporal's, are moved together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from unittest.mock import patch

from temporalio.testing import WorkflowEnvironment

from services.database import MongoSettings
from tests.api.market import Market, OtherSteps, open_market
from tests.conftest import empty
from tests.servers import time_skipping_server

real_datetime = datetime


class Clocks:
    """Moves time. Only forwards, and for everybody."""

    def __init__(self, market: Market, environment: WorkflowEnvironment) -> None:
        self.market = market
        self._environment = environment
        self.ahead = timedelta()
        """How far this market is ahead of the machine that it runs on."""

    async def move(self, by: timedelta) -> None:
        """Stripe first, Temporal last: what was paid before is still paid before a deadline."""
        await self.market.hooks.post("/clock", advance_seconds=by.total_seconds())
        self.ahead += by
        await self._environment.sleep(by)


@asynccontextmanager
async def market_with_clocks(
    mongo: MongoSettings, folder: Path, *, other_steps: OtherSteps
) -> AsyncIterator[Clocks]:
    """Everything, running, on Temporal's test server; nobody is there."""
    async with time_skipping_server() as environment:
        address = environment.client.service_client.config.target_host
        async with open_market(
            mongo=mongo,
            temporal_address=address,
            folder=folder,
            namespace=environment.client.namespace,
            other_steps=other_steps,
        ) as market:
            clocks = Clocks(market, environment)

            class Moved(real_datetime):
                @classmethod
                def now(cls, tz: tzinfo | None = None) -> "Moved":
                    ahead = real_datetime.now(tz) + clocks.ahead
                    return cls.fromtimestamp(ahead.timestamp(), tz)

            with patch("services.clock.datetime", Moved):
                await empty(market.databases)
                yield clocks
