"""The click on "Purchase": one round trip, one order per key, one buyer per ticket."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig
from typing_extensions import override

from activities.orders import OrderActivities
from activities.tickets import TicketActivities
from api.orders.turnstile import Turnstile
from services.clock import now
from services.metrics import Funnel
from services.orders.documents import Order
from services.orders.store import OrderStore
from services.tickets.documents import Ticket, TicketStatus
from services.tickets.store import TicketStore
from temporal.purchases import Purchases
from tests.api.market import BILLING, Json, Market, Person, in_quebec, problem, until
from tests.api.orders.snatched import Snatched
from workflows.purchase.address import purchase_workflow_id

CROWD = 50
GAVE_UP_AFTER_SECONDS = 2
STARTS = 5
CAUTIOUS_BUFFER = 10_000


class TestOneRoundTrip:
    """Nothing slow is in a buyer's way."""

    async def test_a_reservation_asks_temporal_once(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket, metrics = await seller.lists(), MetricBuffer(CAUTIOUS_BUFFER)
        client = await Client.connect(
            market.temporal_settings.address,
            namespace=market.temporal_settings.namespace,
            data_converter=pydantic_data_converter,
            runtime=Runtime(telemetry=TelemetryConfig(metrics=metrics)),
        )
        metrics.retrieve_updates()
        with market.desk(purchases=Purchases(client)):
            await buyer.buys(ticket)
        asked = Counter(
            update.attributes["operation"]
            for update in metrics.retrieve_updates()
            if update.metric.name in ("temporal_request", "temporal_long_request")
        )
        assert asked == {"ExecuteMultiOperation": 1}

    async def test_a_reservation_asks_stripe_nothing(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket = await seller.lists()
        await market.hooks.http.delete("/_sim/requests")
        order = await buyer.buys(ticket)
        assert order["status"] == "created"
        asked = await market.hooks.get("/requests")
        assert [entry for entry in asked if entry["method"] == "POST"] == []

    async def test_the_answer_says_where_the_order_is_and_until_when_the_ticket_is_held(
        self, seller: Person, buyer: Person
    ) -> None:
        answer = await buyer.asks_for(await seller.lists())
        order = answer.json()
        assert answer.headers["location"] == f"/api/orders/{order['id']}"
        assert (await buyer.http.get(answer.headers["location"])).json() == order
        held = datetime.fromisoformat(order["expires_at"]) - datetime.fromisoformat(
            order["created_at"]
        )
        assert timedelta(minutes=15) - timedelta(seconds=1) < held <= timedelta(minutes=15)


class TestKey:
    """``Idempotency-Key``: a click that is repeated is one click."""

    async def test_again_gives_the_same_order(self, seller: Person, buyer: Person) -> None:
        ticket, key = await seller.lists(), uuid4().hex
        first = await buyer.asks_for(ticket, billing=BILLING, key=key)
        again = await buyer.asks_for(ticket, billing=BILLING, key=key)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json()["id"] == again.json()["id"]

    async def test_again_also_after_the_order_is_over(self, seller: Person, buyer: Person) -> None:
        ticket, key = await seller.lists(), uuid4().hex
        order = await buyer.buys(ticket, key=key)
        cancelled = await buyer.cancels(order)
        assert await buyer.buys(ticket, key=key) == cancelled
        assert (await seller.ticket(ticket))["status"] == "available"

    async def test_ten_at_once_are_one_order(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket, key = await seller.lists(), uuid4().hex
        answers = await asyncio.gather(*(buyer.asks_for(ticket, key=key) for _ in range(10)))
        assert [answer.status_code for answer in answers] == [201] * 10
        (order_id,) = {answer.json()["id"] for answer in answers}
        assert [order["_id"] for order in await market.orders_of_ticket(ticket)] == [order_id]
        assert (await market.stored_ticket(ticket))["held_by"] == order_id

    async def test_security_29_with_another_request_is_refused_and_changes_nothing(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket, other, key = await seller.lists(), await seller.lists(), uuid4().hex
        order = await buyer.buys(ticket, key=key)
        for refused in (
            await buyer.asks_for(other, key=key),
            await buyer.asks_for(ticket, billing=BILLING, key=key),
        ):
            assert problem(refused, 422)["errors"] == [
                {"field": "Idempotency-Key", "message": "Was used before, with another request."}
            ]
        assert await buyer.order(order) == order
        assert await seller.ticket(other) == other

    async def test_security_29_of_somebody_else_is_another_key(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        key, other = uuid4().hex, await market.person()
        mine = await buyer.buys(await seller.lists(), key=key)
        theirs = await other.buys(await seller.lists(), key=key)
        assert mine["id"] != theirs["id"]
        assert (await other.http.get(f"/api/orders/{mine['id']}")).status_code == 404

    async def test_without_one_each_click_is_an_order_of_its_own(
        self, seller: Person, buyer: Person
    ) -> None:
        ticket = await seller.lists()
        first = await buyer.buys(ticket)
        refused = await buyer.asks_for(ticket)
        assert problem(refused, 409)["type"] == "/problems/ticket-unavailable"
        assert (await buyer.order(first))["status"] == "created"

    @pytest.mark.parametrize("key", ["", "a b", "x" * 256, "\t", "ключ"])
    async def test_must_be_printable_and_short(
        self, seller: Person, buyer: Person, key: str
    ) -> None:
        ticket = await seller.lists()
        refused = await buyer.http.post(
            "/api/orders",
            json={"ticket_id": ticket["id"]},
            headers={b"Idempotency-Key": key.encode()},
        )
        assert [error["field"] for error in problem(refused, 422)["errors"]] == ["Idempotency-Key"]
        assert await seller.ticket(ticket) == ticket

    async def test_of_a_refused_click_can_be_tried_again_once_the_ticket_is_back(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket, key, other = await seller.lists(), uuid4().hex, await market.person()
        taken = await other.buys(ticket)
        assert (await buyer.asks_for(ticket, key=key)).status_code == 409
        await other.cancels(taken)
        order = await buyer.buys(ticket, key=key)
        assert order["status"] == "created"


class TestBetweenLookAndReserve:
    """What the API saw may be old; the reservation decides."""

    async def test_a_ticket_that_was_edited_is_not_had(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        class Edited(TicketStore):
            """Edits the ticket right after the look."""

            @override
            async def get(self, ticket_id: str) -> Ticket | None:
                seen = await super().get(ticket_id)
                await seller.http.put(
                    f"/api/tickets/{ticket_id}",
                    json={"title": "Back row", "price": {"amount": 99900}},
                )
                return seen

        ticket = await seller.lists()
        with market.desk(tickets=Edited()):
            refused = await buyer.asks_for(ticket)
        assert problem(refused, 409)["type"] == "/problems/ticket-unavailable"
        assert await market.orders_of_ticket(ticket) == []
        now = await seller.ticket(ticket)
        assert (now["status"], now["price"]["amount"]) == ("available", 99900)

    async def test_a_ticket_that_was_snatched_is_not_had_and_a_key_keeps_its_answer(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket, key, other = await seller.lists(), uuid4().hex, await market.person()
        taken = await other.buys(ticket)
        with market.desk(tickets=Snatched()):
            refused = await buyer.asks_for(ticket, key=key)
        assert problem(refused, 409)["type"] == "/problems/ticket-unavailable"
        await other.cancels(taken)
        assert (await buyer.asks_for(ticket, key=key)).json() == refused.json()
        assert (await buyer.buys(ticket, key=uuid4().hex))["status"] == "created"


class ReadThenWrite(TicketStore):
    """How not to reserve: look, think, write."""

    def __init__(self) -> None:
        self.answered: list[str] = []
        """Orders that were told that they hold the ticket."""
        self._pen = asyncio.Lock()
        self._seen: Ticket | None = None

    @override
    async def reserve(
        self,
        ticket_id: str,
        *,
        order_id: str,
        buyer_id: str,
        version: int,
        until: datetime,
        at: datetime,
    ) -> Ticket | None:
        """Believe what was read when the first of them looked."""
        self._seen = ticket = self._seen or await self.get(ticket_id)
        if ticket is None or ticket.status is not TicketStatus.AVAILABLE:
            return None
        async with self._pen:
            if len(self.answered) == 1:
                await self._the_first_one_is_through()
            await self._collection.update_one(
                {"_id": ticket_id},
                {"$set": {"status": "reserved", "held_by": order_id, "held_until": until}},
            )
            self.answered.append(order_id)
        return ticket

    async def _the_first_one_is_through(self) -> None:
        """Their order is there by now: it would not be opened without the ticket."""
        orders = Order.get_pymongo_collection()
        with suppress(TimeoutError):  # who gave up meanwhile never has one
            async with asyncio.timeout(GAVE_UP_AFTER_SECONDS):
                await until(lambda: orders.find_one({"_id": self.answered[0]}))


class Counted(Purchases):
    """Notes which orders a start was sent for."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.started: list[str] = []

    @override
    async def start(self, *, order_id: str, **more: Any) -> datetime:
        self.started.append(order_id)
        return await super().start(order_id=order_id, **more)


class Together(Counted):
    """Sends no start before there are more than a turnstile would let through."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._here: set[str] = set()
        self._many = asyncio.Event()

    @override
    async def start(self, *, order_id: str, **more: Any) -> datetime:
        self._here.add(order_id)
        if len(self._here) > STARTS:
            self._many.set()
        await self._many.wait()
        return await super().start(order_id=order_id, **more)


def open_door() -> Turnstile:
    """Everybody may start, as when each came to a process of their own."""
    return Turnstile(at_once=CROWD)


class TestCrowd:
    """Fifty people click at once."""

    async def test_of_fifty_buyers_one_gets_the_ticket_and_few_start(
        self, market: Market, seller: Person
    ) -> None:
        ticket, purchases = await seller.lists(), Counted(market.temporal)
        with market.desk(purchases=purchases):
            won = await self._rush(market, ticket)
        assert len(won) == 1
        assert 1 <= len(purchases.started) <= STARTS
        (order,) = await market.orders_of_ticket(ticket)
        assert (order["_id"], order["active"]) == (won[0], True)

    async def test_of_fifty_buyers_who_all_start_one_gets_the_ticket(
        self, market: Market, seller: Person
    ) -> None:
        ticket, purchases = await seller.lists(), Together(market.temporal)
        with market.desk(purchases=purchases, turnstile=open_door()):
            won = await self._rush(market, ticket)
        assert len(won) == 1
        assert len(purchases.started) > STARTS
        (order,) = await market.orders_of_ticket(ticket)
        assert (order["_id"], order["active"]) == (won[0], True)
        assert (await market.stored_ticket(ticket))["held_by"] == won[0]

    async def test_a_store_that_reads_then_writes_promises_it_to_many_and_the_index_stops_them(
        self, market: Market, seller: Person
    ) -> None:
        ticket, careless = await seller.lists(), ReadThenWrite()
        async with market.crew.working_with(**steps_with(careless)):
            with market.desk(purchases=Together(market.temporal), turnstile=open_door()):
                won = await self._rush(market, ticket)
        assert len(careless.answered) > 1
        assert len(won) == 1
        assert len(await market.orders_of_ticket(ticket, active=True)) == 1

    async def test_without_the_index_such_a_store_oversells(
        self, market: Market, seller: Person
    ) -> None:
        ticket, careless = await seller.lists(), ReadThenWrite()
        orders, name = Order.get_pymongo_collection(), "one_active_order_per_ticket"
        await orders.drop_index(name)
        try:
            async with market.crew.working_with(**steps_with(careless)):
                with market.desk(purchases=Together(market.temporal), turnstile=open_door()):
                    won = await self._rush(market, ticket)
            assert len(won) > 1
            assert len(await market.orders_of_ticket(ticket, active=True)) > 1
        finally:
            await orders.delete_many({"ticket_id": ticket["id"]})
            index = next(one for one in Order.Settings.indexes if one.document["name"] == name)
            await orders.create_indexes([index])

    async def _rush(self, market: Market, ticket: Json) -> list[str]:
        """Everybody clicks; the orders of those who were told that it is theirs."""
        begun = now()
        crowd = [await market.person() for _ in range(CROWD)]
        await market.post_is_done(begun)  # the workers are there for the rush alone
        answers = await asyncio.gather(*(person.insists_on(ticket) for person in crowd))
        refused = [problem(answer, 409) for answer in answers if answer.status_code != 201]
        assert {each["type"] for each in refused} <= {"/problems/ticket-unavailable"}
        return [answer.json()["id"] for answer in answers if answer.status_code == 201]


def steps_with(tickets: TicketStore) -> dict[str, object]:
    """Steps that reserve through this store."""
    orders = OrderActivities(OrderStore(), tickets, Funnel(CollectorRegistry()))
    return {"tickets": TicketActivities(tickets), "orders": orders, "refund_orders": orders}


async def test_an_operator_finds_the_purchase_by_the_order(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await buyer.bills(await buyer.buys(await seller.lists()), in_quebec())
    purchase = market.temporal.get_workflow_handle(purchase_workflow_id(order["id"]))
    found = await purchase.describe()
    attributes = {pair.key.name: pair.value for pair in found.typed_search_attributes}
    assert attributes["OrderStatus"] == "awaiting_payment"
    assert attributes["AmountMinor"] == 18396
    assert attributes["BuyerId"] == buyer.id
    assert attributes["TicketId"] == order["ticket"]["id"]
