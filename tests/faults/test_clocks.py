"""The clock of the API, or of the worker, is ten minutes wrong while people buy.

The hold is far shorter than the error: whatever went by a wrong clock would end it at once, or
never.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import httpx
import pytest
from pymongo import MongoClient

from services.clock import now, whole_milliseconds
from services.operations.documents import Invariant
from tests.e2e.system import Json, System
from tests.faults.books import closed_books
from tests.faults.clock import WrongClock
from tests.faults.shop import Shopper, shopper, somebody
from tests.faults.stack import MODULE, Unusual, unusual
from tests.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

WINDOW: Final = timedelta(seconds=20)
FAST, SLOW = timedelta(minutes=10), timedelta(minutes=-10)
PARTS: Final = ("api", "worker")
AT_MOST_OFF: Final = timedelta(minutes=1)
"""Between a moment told by a clock and the same by another that is as wrong."""


class Shop(System):
    """A stack whose API and worker have clocks that can be put wrong, and that is checked often."""

    def __init__(self, folder: Path) -> None:
        self.clocks = {part: WrongClock(folder / f"clock-of-{part}") for part in PARTS}
        super().__init__(
            folder / "dev",
            module=MODULE,
            RESERVATION_WINDOW=str(WINDOW.seconds),
            HOLD_EXTENSION="0",
            RECONCILIATION_SECONDS="5",
            **unusual(**{part: Unusual(env=clock.env) for part, clock in self.clocks.items()}),
        )

    @contextmanager
    def wrong(self, part: str, ahead: timedelta) -> Iterator[None]:
        """Inside the block that part's clock is wrong."""
        with self.clocks[part].off_by(ahead):
            if part == "api":
                eventually(lambda: self._api_is_off_by(ahead), "the API goes by the wrong clock")
            yield

    def _api_is_off_by(self, ahead: timedelta) -> bool:
        told = parsedate_to_datetime(httpx.get(f"{self.api}/healthz").headers["date"])
        return abs(told - (now() + ahead)) < AT_MOST_OFF

    def stored(self, database: str, collection: str, **query: object) -> list[Json]:
        """What lies in MongoDB."""
        with MongoClient[Json](self.mongodb, tz_aware=True) as client:
            return list(client[database][collection].find(query))

    def deliveries(self, intent: str) -> list[Json]:
        """How each event about a payment has fared."""
        found: list[Json] = httpx.get(f"{self.stripe_address}/_sim/webhooks/deliveries").json()
        events = {each["id"] for each in self._events() if each["data"]["object"]["id"] == intent}
        return [each for each in found if each["event"] in events]

    def _events(self) -> list[Json]:
        key = {"Authorization": "Bearer sk_test_devstack"}
        page = httpx.get(f"{self.stripe_address}/v1/events", headers=key, params={"limit": 100})
        found: list[Json] = page.raise_for_status().json()["data"]
        return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    running = Shop(tmp_path_factory.mktemp("stack"))
    with running.running():
        yield running


def pays_and_returns(shop: Shopper) -> None:
    """Buys, and wants the money back."""
    shop.pays()
    shop.wants_the_money_back()
    assert shop.look()["status"] == "refunded"


def cancels(shop: Shopper) -> None:
    """Changes their mind."""
    shop.cancels()
    assert shop.look()["cancel_reason"] == "buyer"


def walks_away(shop: Shopper) -> None:
    """Lets the hold run out, and has the ticket until then."""
    assert shop.ends()["cancel_reason"] == "expired"
    assert now() >= datetime.fromisoformat(shop.order["expires_at"])


def buys(system: Shop, story: Callable[[Shopper], None]) -> Json:
    """One purchase to its end, of a ticket that is held as long as it always is."""
    with shopper(system) as shop:
        before = now()
        shop.reserves()
        expires_at = datetime.fromisoformat(shop.order["expires_at"])
        assert before + WINDOW <= expires_at <= whole_milliseconds(datetime.now(UTC)) + WINDOW
        shop.bills()
        story(shop)
        return shop.look()


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("ahead", [FAST, SLOW], ids=["fast", "slow"])
def test_people_buy_as_ever_and_no_ticket_is_free_early(
    shop: Shop, part: str, ahead: timedelta
) -> None:
    with shop.wrong(part, ahead), ThreadPoolExecutor() as people:
        ends = list(people.map(lambda story: buys(shop, story), STORIES))
    expired = next(order for order in ends if order["cancel_reason"] == "expired")
    (ticket,) = shop.stored("te_tickets", "tickets", _id=expired["ticket"]["id"])
    assert ticket["status"] == "available"
    assert ticket["updated_at"] >= datetime.fromisoformat(expired["expires_at"])
    (mail,) = shop.stored("te_orders", "sent_mail", order_id=expired["id"])
    worker_is_off_by = ahead if part == "worker" else timedelta(0)
    assert abs(mail["sent_at"] - ticket["updated_at"] - worker_is_off_by) < AT_MOST_OFF
    eventually(lambda: not closed_books(shop), "the books agree")
    bought = [order["id"] for order in ends]
    told = shop.stored("te_operations", "findings", order_id={"$in": bought})
    assert [each for each in told if each["kind"] != Invariant.EVERY_EVENT_HANDLED] == []
    assert [each for each in told if each["closed_at"] is None] == []


STORIES: Final = (pays_and_returns, cancels, walks_away)


def test_a_fast_api_refuses_stripes_events_the_order_completes_and_they_come_again(
    shop: Shop,
) -> None:
    with shopper(shop) as buyer:
        with shop.wrong("api", FAST):
            buyer.reserves()
            buyer.bills()
            buyer.pays()
            assert buyer.ends()["status"] == "complete"
            intent = buyer.order["payment"]["client_secret"].partition("_secret_")[0]
            tried = [each for each in shop.deliveries(intent) if each["attempts"]]
            assert tried
            assert {(each["state"], each["last_status"]) for each in tried} == {("pending", 400)}
        eventually(
            lambda: {each["state"] for each in shop.deliveries(intent)} == {"delivered"},
            "the events have come again",
        )
    eventually(lambda: not closed_books(shop), "the books agree")


def test_a_slow_api_takes_stripes_events_as_ever(shop: Shop) -> None:
    with shop.wrong("api", SLOW), shopper(shop) as buyer:
        buyer.reserves()
        buyer.bills()
        buyer.pays()
        assert "payment authorized" in [each["what"] for each in buyer.ends()["timeline"]]


@pytest.mark.parametrize("ahead", [FAST, SLOW], ids=["fast", "slow"])
def test_who_is_signed_in_stays_so(shop: Shop, ahead: timedelta) -> None:
    with somebody(shop) as before:
        mine = me(before)
        with shop.wrong("api", ahead), somebody(shop) as meanwhile:
            assert me(before) == mine
            theirs = me(meanwhile)
            cookies = meanwhile.cookies
        assert me(before) == mine
    with httpx.Client(base_url=shop.api, cookies=cookies) as later:
        assert me(later) == theirs


def test_a_slow_api_takes_what_google_signs_for_a_thing_of_the_future(shop: Shop) -> None:
    with httpx.Client(follow_redirects=True) as browser:
        with shop.wrong("api", SLOW):
            refused = shop.sign_in(browser, "google", "late@example.com")
            assert refused.status_code == httpx.codes.BAD_GATEWAY
            assert browser.get(f"{shop.api}/api/users/me").status_code == httpx.codes.UNAUTHORIZED
            github = shop.sign_in(browser, "github", "late@example.com")
            assert str(github.url) == f"{shop.api}/account"
        again = shop.sign_in(browser, "google", "late@example.com")
        assert str(again.url) == f"{shop.api}/account"


def me(browser: httpx.Client) -> Json:
    """Who they are signed in as."""
    found: Json = browser.get("/api/users/me").raise_for_status().json()
    return found
