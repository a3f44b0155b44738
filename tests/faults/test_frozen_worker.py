"""A start that was sent, and a worker that stands still: the API dies, or nobody comes for long."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Final
from uuid import uuid4, uuid5

import httpx
import pytest
from pymongo import MongoClient
from temporalio.client import Client

from api.orders.desk import ORDERS
from temporal.client import connect
from temporal.settings import TemporalSettings
from tests.e2e.system import Json, System
from tests.faults.books import closed_books
from tests.faults.shop import again, somebody
from tests.waiting import eventually
from workflows.purchase.address import purchase_workflow_id
from workflows.purchase.messages import PurchaseOutcome, PurchaseStatus, StartPurchase

CROWD: Final = 20
STUBBORN: Final = 5
CLICK_EVERY_SECONDS: Final = 15
STALE_AFTER: Final = StartPurchase.model_fields["stale_after"].default.total_seconds()
SILENCE: Final = max(STALE_AFTER + 1, float(os.environ.get("SILENCE_SECONDS", "0")))
"""How long no worker comes; never so short that a start is still fresh."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300 + SILENCE)]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    freezing = System(tmp_path_factory.mktemp("stack") / "dev")
    with freezing.running():
        yield freezing


@contextmanager
def frozen(system: System, name: str) -> Iterator[None]:
    """A part that stands still inside the block, with everything that it has in its hands."""
    system.signal(name, signal.SIGSTOP)
    try:
        yield
    finally:
        system.signal(name, signal.SIGCONT)


class Buyer:
    """Somebody who clicks on a ticket of their own seller's, and knows the key of the click."""

    def __init__(self, browser: httpx.Client, ticket: Json) -> None:
        self.browser, self.ticket, self.key = browser, ticket, str(uuid4())
        me = browser.get("/api/users/me").raise_for_status().json()["id"]
        self.first_id = str(uuid5(ORDERS, f"{me}:0:{self.key}"))
        """Of the order that the first start makes."""

    def clicks(self, key: str | None = None) -> httpx.Response:
        """Once, whatever comes of it; a server that goes away answers 503."""
        headers = {"Idempotency-Key": key or self.key}
        try:
            return self.browser.post(
                "/api/orders", json={"ticket_id": self.ticket["id"]}, headers=headers
            )
        except httpx.TransportError:
            return httpx.Response(503)

    def cancels(self, order: Json) -> None:
        """So that the books can be closed."""
        again(lambda: self.browser.post(f"/api/orders/{order['id']}/cancel"))


@contextmanager
def buyers(system: System, count: int) -> Iterator[list[Buyer]]:
    """So many, each with a ticket before them."""
    with ExitStack() as stack:
        seller = stack.enter_context(somebody(system))
        crowd = [stack.enter_context(somebody(system)) for _ in range(count)]
        yield [Buyer(each, system.ticket(seller)) for each in crowd]


def started(system: System, people: list[Buyer]) -> bool:
    """Whether Temporal has a start of each."""

    async def look() -> bool:
        client = await _temporal(system)
        ids = " OR ".join(
            f"WorkflowId = '{purchase_workflow_id(each.first_id)}'" for each in people
        )
        return (await client.count_workflows(ids)).count == len(people)

    return asyncio.run(look())


def outcomes(system: System, people: list[Buyer]) -> list[PurchaseStatus]:
    """How the first start of each has ended."""

    async def wait() -> list[PurchaseStatus]:
        client = await _temporal(system)
        handles = [
            client.get_workflow_handle(
                purchase_workflow_id(each.first_id), result_type=PurchaseOutcome
            )
            for each in people
        ]
        return [(await handle.result()).status for handle in handles]

    return asyncio.run(wait())


async def _temporal(system: System) -> Client:
    address = f"127.0.0.1:{system.environ['TEMPORAL_PORT']}"
    return await connect(TemporalSettings(address=address))


def held(system: System) -> list[Json]:
    """Tickets that are not for sale."""
    with MongoClient[Json](system.mongodb) as client:
        return list(client["te_tickets"]["tickets"].find({"status": {"$ne": "available"}}))


def click_into_the_void(system: System, people: list[Buyer]) -> None:
    """All click, their starts are there, and the API dies before anybody has an answer."""
    with ThreadPoolExecutor(len(people)) as clicking:
        answers: list[Future[httpx.Response]] = [clicking.submit(each.clicks) for each in people]
        eventually(lambda: started(system, people), "the starts have been sent")
        system.kill("api")
        assert {each.result().status_code for each in answers} == {503}


def answers(system: System) -> bool:
    """Whether the API is there, whatever it can do."""
    try:
        return httpx.get(f"{system.api}/healthz").is_success
    except httpx.TransportError:
        return False


def click_on(people: list[Buyer], seconds: float) -> None:
    """For so long these click now and then, and hear each time that nobody answers."""
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(len(people)) as clicking:
        while time.monotonic() < end:
            assert {each.status_code for each in clicking.map(Buyer.clicks, people)} == {503}
            time.sleep(max(0.0, min(CLICK_EVERY_SECONDS, end - time.monotonic())))


def test_an_api_killed_after_the_start_was_sent_gives_the_same_order_to_the_same_key(
    system: System,
) -> None:
    with buyers(system, 1) as (buyer,):
        with frozen(system, "worker"):
            click_into_the_void(system, [buyer])
        eventually(system.ready, "the API is back")
        eventually(lambda: held(system), "the start is served though nobody waits")

        order = again(buyer.clicks)
        assert order["id"] == buyer.first_id
        assert again(buyer.clicks)["id"] == order["id"]
        assert [each["held_by"] for each in held(system)] == [order["id"]]
        assert buyer.clicks(key=str(uuid4())).status_code == httpx.codes.CONFLICT
        assert len(buyer.browser.get("/api/orders").json()["items"]) == 1

        buyer.cancels(order)
        eventually(lambda: not closed_books(system), "the books agree")


def test_starts_that_no_worker_takes_for_long_hold_nothing_and_the_buyers_buy_again(
    system: System,
) -> None:
    """Over some clicks the API dies, so that nobody takes them back; others go on clicking."""
    with buyers(system, CROWD + STUBBORN) as people:
        system.kill("worker")
        with frozen(system, "worker"):  # before it has asked for anything to do
            click_into_the_void(system, people[:CROWD])
            eventually(lambda: answers(system), "the API is back, and knows no worker")
            click_on(people[CROWD:], SILENCE)
            eventually(lambda: started(system, people), "there is a start of everybody")

        assert outcomes(system, people) == [PurchaseStatus.ABANDONED] * len(people)
        assert held(system) == []
        eventually(system.ready, "the API is back")
        orders = [again(each.clicks) for each in people]
        assert not {order["id"] for order in orders} & {each.first_id for each in people}
        assert {each["held_by"] for each in held(system)} == {order["id"] for order in orders}

        for each, order in zip(people, orders, strict=True):
            each.cancels(order)
        eventually(lambda: not closed_books(system), "the books agree")


def test_starts_in_the_hands_of_a_worker_that_stood_still_for_long_hold_nothing_either(
    system: System,
) -> None:
    """What it had been handed it takes for fresh; Temporal has long given it to be done again.

    Where it has written an order by then, the order is there to see, and cancelled.
    """
    with buyers(system, CROWD) as people:
        with frozen(system, "worker"):
            click_into_the_void(system, people)
            time.sleep(SILENCE)

        ends = outcomes(system, people)
        assert set(ends) <= {PurchaseStatus.ABANDONED, PurchaseStatus.CANCELLED}
        eventually(lambda: not held(system), "no ticket is held")
        eventually(system.ready, "the API is back")
        orders = [again(each.clicks) for each in people]
        assert [order["status"] == "cancelled" for order in orders] == [
            end is PurchaseStatus.CANCELLED for end in ends
        ]
        for each, order in zip(people, orders, strict=True):
            if order["status"] == "cancelled":
                each.key = str(uuid4())
                order = again(each.clicks)  # noqa: PLW2901 - what they have now
            each.cancels(order)
        eventually(lambda: not closed_books(system), "the books agree")
