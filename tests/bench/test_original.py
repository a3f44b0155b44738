"""The original's twin does what the original did, with what was wrong about it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pymongo import AsyncMongoClient, MongoClient

from bench.others.aftermath import Aftermath
from bench.others.original.books import aftermath_of
from bench.others.original.servers import NO_REDIS, find_redis, original_parts, running_redis
from bench.others.original.store import DATABASE, Store, Stored
from bench.others.parts import Parts
from devstack.simulators.resend.app import running_inbox
from devstack.simulators.stripe.server import running_simulator
from tests.api.market import until
from tests.waiting import eventually

REDIS = find_redis()
pytestmark = pytest.mark.skipif(REDIS is None, reason=NO_REDIS)
NOTHING = Aftermath(0, 0, 0, 0, 0, 0)
HOLD_SECONDS = 900
BUYERS = 50


class Twin:
    """The twin with its people."""

    def __init__(self, mongodb: str, stripe: str, mail: str, original: Parts) -> None:
        self.original = original
        self.mail = mail
        self._where = (mongodb, stripe, mail)
        self._http = httpx.AsyncClient(base_url=original.address, timeout=30)

    async def lists(self) -> str:
        async with AsyncMongoClient[Stored](self._where[0]) as client:
            return await Store(client).lists("Rock Concert", 10_000)

    async def reserve(self, ticket: str, buyer: str = "ada") -> httpx.Response:
        return await self._http.post(
            "/api/orders", json={"ticket_id": ticket}, headers={"X-Buyer": buyer}
        )

    async def pay(self, order: str, buyer: str = "ada") -> httpx.Response:
        paying = {"order_id": order, "card": "pm_card_visa"}
        return await self._http.post("/api/payments", json=paying, headers={"X-Buyer": buyer})

    async def buys(self, ticket: str) -> str:
        order = str((await self.reserve(ticket)).raise_for_status().json()["id"])
        (await self.pay(order)).raise_for_status()
        return order

    async def aftermath(self) -> Aftermath:
        return await aftermath_of(*self._where)

    async def comes_to(self, wanted: Aftermath) -> None:
        """Wait until the counts are these."""

        async def look() -> bool:
            return await self.aftermath() == wanted

        await until(look)

    async def closes(self) -> None:
        await self._http.aclose()


@pytest.fixture
def hold_seconds() -> int:
    """As long as the original's; who waits for its end asks for less."""
    return HOLD_SECONDS


@pytest.fixture
async def twin(mongodb_uri: str, tmp_path: Path, hold_seconds: int) -> AsyncIterator[Twin]:
    assert REDIS is not None
    with MongoClient[Stored](mongodb_uri) as client:
        client.drop_database(DATABASE)
    with running_redis(REDIS, tmp_path / "redis") as redis:
        async with running_simulator() as stripe, running_inbox(tmp_path / "mail.sqlite") as mail:
            original = original_parts(
                tmp_path,
                {
                    "ORIGINAL_MONGODB": mongodb_uri,
                    "ORIGINAL_REDIS": redis,
                    "ORIGINAL_STRIPE": stripe,
                    "ORIGINAL_MAIL": mail,
                    "ORIGINAL_WINDOW_SECONDS": str(hold_seconds),
                },
            )
            with original.running():
                open_twin = Twin(mongodb_uri, stripe, mail, original)
                yield open_twin
                await open_twin.closes()
    with MongoClient[Stored](mongodb_uri) as client:
        client.drop_database(DATABASE)


async def test_a_purchase_ends_paid_and_confirmed_with_nothing_to_count(twin: Twin) -> None:
    ticket = await twin.lists()
    await twin.buys(ticket)
    await twin.comes_to(NOTHING)
    assert (await twin.reserve(ticket, "bob")).status_code == 400


async def test_a_hold_that_nobody_pays_for_is_counted_as_stuck_while_it_lasts(twin: Twin) -> None:
    (await twin.reserve(await twin.lists())).raise_for_status()
    assert (await twin.aftermath()).stuck == 1


@pytest.mark.parametrize("hold_seconds", [2])
async def test_a_hold_that_nobody_pays_for_ends_by_the_delayed_job(twin: Twin) -> None:
    ticket = await twin.lists()
    (await twin.reserve(ticket)).raise_for_status()
    await twin.comes_to(NOTHING)
    assert (await twin.reserve(ticket, "bob")).status_code == 201


async def test_a_second_click_on_buy_now_charges_again(twin: Twin) -> None:
    order = await twin.buys(await twin.lists())
    (await twin.pay(order)).raise_for_status()
    assert (await twin.aftermath()).charged_again == 1


async def test_buyers_who_click_at_once_are_counted_as_sales_of_one_ticket(twin: Twin) -> None:
    ticket = await twin.lists()
    answers = await asyncio.gather(*(twin.reserve(ticket, f"b{n}") for n in range(BUYERS)))
    taken = [(n, each.json()["id"]) for n, each in enumerate(answers) if each.status_code == 201]
    await asyncio.gather(*(twin.pay(order, f"b{n}") for n, order in taken))
    assert (await twin.aftermath()).sold_again == len(taken) - 1


@pytest.mark.parametrize("part", ["api", "worker"])
async def test_a_part_that_is_killed_comes_back_and_sells(twin: Twin, part: str) -> None:
    before = twin.original.pid(part)
    twin.original.kill(part)
    eventually(twin.original.ready, "the API answers again")
    assert twin.original.pid(part) != before
    await twin.buys(await twin.lists())
    await twin.comes_to(NOTHING)


async def test_a_mail_that_fails_once_is_not_tried_again(twin: Twin) -> None:
    async with httpx.AsyncClient(base_url=twin.mail) as inbox:
        (await inbox.post("/_sim/faults", json={"kind": "error_before"})).raise_for_status()
        await twin.buys(await twin.lists())

        async def fault_is_spent() -> bool:
            pending: list[object] = (await inbox.get("/_sim/faults")).raise_for_status().json()
            return not pending

        await until(fault_is_spent)
    await twin.buys(await twin.lists())
    await twin.comes_to(replace(NOTHING, mails_lost=1))
