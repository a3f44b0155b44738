"""The system allows just what the table says: every event, in every status."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import httpx
import pytest
import stripe
from _pytest.mark import ParameterSet

from services.database import MongoSettings
from tests.api.market import Market, Person, intent_of
from tests.faults.machine.clocks import Clocks, market_with_clocks
from tests.faults.market.people import Purchase
from tests.faults.model.table import REFUSED, STAYS, TABLE, Event

A_BREATH: Final = 0.3
"""What would happen does so within milliseconds; nothing else can be waited for when nothing is."""
LONGER_THAN_A_HOLD: Final = timedelta(minutes=20)

Answer = httpx.Response | None


@pytest.fixture(scope="module")
async def clocks(
    mongo_settings: MongoSettings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Clocks]:
    """A market whose time can be moved."""
    mongo = mongo_settings.model_copy(
        update={"database_prefix": f"{mongo_settings.database_prefix}table_"}
    )
    folder = tmp_path_factory.mktemp("table")
    async with market_with_clocks(mongo, folder, other_steps=lambda _: {}) as clocks:
        yield clocks


class Case:
    """One order, and everybody who can do something to it."""

    def __init__(self, clocks: Clocks, purchase: Purchase, operator: Person) -> None:
        self.clocks = clocks
        self.market: Market = clocks.market
        self.purchase = purchase
        self.operator = operator

    @classmethod
    async def of(cls, clocks: Clocks) -> "Case":
        """A new order."""
        operator = await clocks.market.person()
        await clocks.market.put_on_duty(operator)
        return cls(clocks, await Purchase.reserved(clocks.market), operator)

    async def comes_to(self, status: str) -> None:
        """By the usual way."""
        if status == "created":
            return
        await self.purchase.bills()
        if status == "awaiting_payment":
            return
        if status == "cancelled":
            await self.purchase.buyer.cancels(self.purchase.order)
            return
        await self.purchase.pays()
        await self.purchase.is_in("complete")
        if status == "complete":
            return
        await self.purchase.buyer.asks_money_back(self.purchase.order)
        await self.purchase.buyer.when(self.purchase.order, _is_pending)
        if status == "refunded":
            await self.settles("succeeded")
            await self.purchase.is_in("refunded")

    async def settles(self, status: str) -> None:
        """Stripe's word about the refund."""
        stored = await self.market.databases.orders["orders"].find_one(
            {"_id": self.purchase.order["id"]}
        )
        assert stored is not None
        await self.market.hooks.post(f"/refunds/{stored['refund']['id']}", status=status)

    async def pays(self, card: str) -> None:
        """With the client secret that the buyer was shown, if ever."""
        if self.purchase.order["payment"]["client_secret"]:
            with suppress(stripe.StripeError):  # it is over, or the bank refuses
                await self.market.pay(self.purchase.order, card=card)

    async def hears_everything_again(self) -> None:
        """All events of Stripe's about this order's money."""
        if not self.purchase.order["payment"]["client_secret"]:
            return
        page = await self.market.stripe.v1.events.list_async({"limit": 100})
        intent = intent_of(self.purchase.order)
        for event in page.data:
            moved = event.data.object.to_dict()
            if intent in (moved["id"], moved.get("payment_intent")):
                await self.market.hooks.post("/webhooks/resend", event=event.id)

    async def operates(self, what: str, **more: object) -> httpx.Response:
        """By the person on duty."""
        address = f"/api/operations/purchases/{self.purchase.order['id']}/{what}"
        return await self.operator.http.post(address, json={"reason": "a test", **more})

    async def more_time(self) -> httpx.Response:
        """Five minutes more than it has."""
        order = await self.purchase.now()
        return await self.operates("extend", seconds=300, expires_at=order["expires_at"])


def _is_pending(order: dict[str, dict[str, str]]) -> bool:
    return bool(order["refund"]) and order["refund"]["status"] == "pending"


HAPPENS: Final[dict[Event, Callable[[Case], Awaitable[Answer]]]] = {
    Event.ADDRESS: lambda case: case.purchase.buyer.tries_billing(case.purchase.order),
    Event.PAYMENT: lambda case: case.pays("pm_card_visa"),
    Event.DECLINE: lambda case: case.pays("pm_card_chargeDeclined"),
    Event.DEADLINE: lambda case: case.clocks.move(LONGER_THAN_A_HOLD),
    Event.BUYER_CANCELS: lambda case: case.purchase.buyer.tries("cancel", case.purchase.order),
    Event.OPERATOR_CANCELS: lambda case: case.operates("cancel"),
    Event.EXTENSION: lambda case: case.more_time(),
    Event.REFUND: lambda case: case.purchase.buyer.tries("refund", case.purchase.order),
    Event.OLD_EVENTS: lambda case: case.hears_everything_again(),
    Event.REFUND_MADE: lambda case: case.settles("succeeded"),
    Event.REFUND_FAILED: lambda case: case.settles("failed"),
}


async def becomes(clocks: Clocks, status: str, event: Event) -> str:
    """What the system does, in the words of the table."""
    case = await Case.of(clocks)
    await case.market.hooks.post("/refund_mode", status="pending")
    try:
        await case.comes_to(status)
        answer = await HAPPENS[event](case)
        expected = TABLE[status, event]
        if expected not in (STAYS, REFUSED):
            with suppress(AssertionError):  # it never came to that: then it is said below
                await case.purchase.is_in(expected)
        await asyncio.sleep(A_BREATH)
        now = str((await case.purchase.now())["status"])
    finally:
        await case.market.hooks.post("/refund_mode", status=None)
    if now != status:
        return now
    refused = answer is not None and answer.status_code == httpx.codes.CONFLICT
    return REFUSED if refused else STAYS


def cells() -> list[ParameterSet]:
    """All of the table; the row in which most can happen is quick enough for every test run."""
    return [
        pytest.param(
            *cell,
            id=f"{cell[0]}-{cell[1]}",
            marks=[] if cell[0] == "awaiting_payment" else [pytest.mark.faults],
        )
        for cell in TABLE
    ]


@pytest.mark.parametrize(("status", "event"), cells())
async def test_an_event_has_the_effect_that_the_table_says(
    clocks: Clocks, status: str, event: Event
) -> None:
    assert await becomes(clocks, status, event) == TABLE[status, event]


async def test_a_cell_that_says_something_else_is_noticed(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TABLE, ("complete", Event.BUYER_CANCELS), STAYS)
    assert await becomes(clocks, "complete", Event.BUYER_CANCELS) != STAYS
