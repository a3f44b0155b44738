"""The same market as for orders, with somebody on duty."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from services.database import MongoSettings
from services.security_log import Event
from tests.api.market import Json, Market, Person, open_market
from tests.api.orders.conftest import buyer, market, seller
from workers.settings import CheckSettings

__all__ = ["buyer", "market", "seller"]

REASON = "The bank's app was down."


@pytest.fixture(scope="package")
async def whole_market(
    mongo_settings: MongoSettings, temporal_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Market]:
    """Everything, running; whatever is missed is missed at once."""
    async with open_market(
        mongo=mongo_settings,
        temporal_address=temporal_address,
        folder=tmp_path_factory.mktemp("market"),
        checks=CheckSettings(message_grace_seconds=0),
    ) as market:
        yield market


@dataclass(frozen=True)
class Duty(Person):
    """An operator in front of a browser."""

    async def looks(self, path: str, **query: str | int) -> Json:
        """What a page of theirs shows."""
        answer = await self.http.get(f"/api/operations/{path}", params=query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def sees(self, order: Json) -> Json:
        """Everything about a purchase."""
        return await self.looks(f"purchases/{order['id']}")

    async def tries(self, what: str, order: Json, **fields: object) -> httpx.Response:
        """An action, whatever the answer; a check wants no reason."""
        body = None if what == "check" else {"reason": REASON, **fields}
        return await self.http.post(f"/api/operations/purchases/{order['id']}/{what}", json=body)

    async def does(self, what: str, order: Json, **fields: object) -> Json:
        """An action, and the purchase after it."""
        answer = await self.tries(what, order, **fields)
        assert answer.status_code in (200, 202), answer.text
        found: Json = answer.json()
        return found


@dataclass(frozen=True)
class Told:
    """What the processes write, while a test runs."""

    log: pytest.LogCaptureFixture

    @property
    def everything(self) -> str:
        """All lines, with what is behind them."""
        return "\n".join(f"{each.getMessage()} {vars(each)}" for each in self.log.records)

    def of(self, event: Event) -> list[Json]:
        """The lines of the security log about this."""
        lines = [json.loads(each.getMessage()) for each in self.log.records if _is_security(each)]
        return [line for line in lines if line["event"] == event]


def _is_security(record: logging.LogRecord) -> bool:
    return record.name == "security"


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Told:
    """The logs, as the processes write them."""
    caplog.set_level(logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return Told(caplog)


@pytest.fixture
async def operator(market: Market) -> Duty:
    """Somebody on duty."""
    person = await market.person()
    await market.put_on_duty(person)
    return Duty(person.http, person.id, person.email)
