"""What buyers meet while a part is away, and that nothing is lost or taken by it."""

import asyncio
import time
from uuid import uuid4, uuid5

from temporalio.client import WorkflowHandle

from api.orders.desk import FRESH_STARTS, ORDERS
from tests.api.market import (
    ANSWER_SECONDS,
    BILLING,
    Json,
    Market,
    Person,
    in_quebec,
    problem,
    sorry,
    until,
)
from workflows.purchase.address import purchase_workflow_id
from workflows.purchase.messages import PurchaseOutcome, PurchaseStatus, StartPurchase
from workflows.purchase.workflow import PurchaseWorkflow
from workflows.queues import TaskQueue

PROMPT_SECONDS = 1.5


async def readiness(market: Market) -> tuple[int, str, list[str]]:
    answer = await market.browser().get("/readyz")
    found = answer.json()
    down = [name for name, state in found["checks"].items() if state == "down"]
    return answer.status_code, found["status"], down


class TestNoWorker:
    """Temporal takes the start, and nobody works on it."""

    async def test_a_buyer_is_told_in_time_and_the_ticket_is_not_taken_later(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket, key = await seller.lists(), uuid4().hex
        async with market.crew.away():
            started = time.monotonic()
            sorry(await buyer.asks_for(ticket, key=key))
            assert time.monotonic() - started < ANSWER_SECONDS
            assert await seller.ticket(ticket) == ticket
        query = f"TicketId = '{ticket['id']}'"

        async def look() -> str | None:
            found = [each async for each in market.temporal.list_workflows(query)]
            return found[0].id if found else None

        left_behind = market.temporal.get_workflow_handle(
            await until(look), result_type=PurchaseOutcome
        )
        assert (await left_behind.result()).status is PurchaseStatus.ABANDONED
        assert await seller.ticket(ticket) == ticket
        assert await market.orders_of_ticket(ticket) == []

        order = await buyer.buys(ticket, key=key)
        assert purchase_workflow_id(order["id"]) != left_behind.id
        assert (await market.stored_ticket(ticket))["held_by"] == order["id"]
        assert (await buyer.buys(ticket, key=key))["id"] == order["id"]

    async def test_a_start_whose_click_was_forgotten_is_spent_and_the_key_begins_anew(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket, key = await seller.lists(), uuid4().hex
        spent = await given_up(market, buyer, ticket, key, 0)
        order = await buyer.buys(ticket, key=key)
        assert order["id"] != spent
        assert (await buyer.buys(ticket, key=key))["id"] == order["id"]

    async def test_a_start_that_forgot_its_click_is_joined_by_the_next_one_with_that_key(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        """A server that went down keeps starts, and forgets what nobody had answered yet."""
        ticket, key = await seller.lists(), uuid4().hex
        places = market.databases.orders["holds"]
        async with market.crew.away():
            begun, _ = await started(market, buyer, ticket, key, 0)
            click = asyncio.create_task(buyer.asks_for(ticket, key=key))
            await until(lambda: places.find_one({"claims.order_id": begun}))
            await asyncio.sleep(0.5)  # it is on its way to Temporal
        answer = await click
        assert (answer.status_code, answer.json()["id"]) == (201, begun)
        assert len(await market.orders_of_ticket(ticket)) == 1

    async def test_a_key_outlives_any_number_of_starts_that_were_given_up(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket, key = await seller.lists(), uuid4().hex
        for start in range(FRESH_STARTS + 1):
            await given_up(market, buyer, ticket, key, start)
        sorry(await buyer.asks_for(ticket, key=key))
        order = await buyer.buys(ticket, key=key)
        assert (await buyer.buys(ticket, key=key))["id"] == order["id"]


async def started(
    market: Market, buyer: Person, ticket: Json, key: str, start: int, *, signal: str | None = None
) -> tuple[str, WorkflowHandle[PurchaseWorkflow, PurchaseOutcome]]:
    """The order id of a start under this key that nobody waits for, and the start."""
    order_id = str(uuid5(ORDERS, f"{buyer.id}:{start}:{key}"))
    purchase = await market.temporal.start_workflow(
        PurchaseWorkflow.run,
        StartPurchase(
            order_id=order_id,
            ticket_id=ticket["id"],
            ticket_version=ticket["version"],
            buyer_id=buyer.id,
        ),
        id=purchase_workflow_id(order_id),
        task_queue=TaskQueue.PURCHASES,
        start_signal=signal,
    )
    return order_id, purchase


async def given_up(market: Market, buyer: Person, ticket: Json, key: str, start: int) -> str:
    """The order id of a start under this key that ended before it took the ticket."""
    order_id, purchase = await started(market, buyer, ticket, key, start, signal="withdraw")
    assert (await purchase.result()).status is PurchaseStatus.ABANDONED
    return order_id


class TestTemporal:
    """Temporal is away."""

    async def test_buyers_are_told_and_looking_goes_on(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket = await seller.lists()
        order = await buyer.bills(await buyer.buys(await seller.lists()))
        paid = await buyer.bills(await buyer.buys(await seller.lists()))
        await market.pay(paid)
        complete = await buyer.when_it_is(paid, "complete")
        async with market.cables.temporal.pulled():
            started = time.monotonic()
            answers = await asyncio.gather(
                buyer.asks_for(ticket),
                buyer.tries_billing(order, in_quebec()),
                buyer.tries("cancel", order),
                buyer.tries("refund", paid),
            )
            assert time.monotonic() - started < ANSWER_SECONDS
            for answer in answers:
                sorry(answer)
            assert await buyer.order(order) == order
            assert await buyer.order(paid) == complete
            assert await seller.ticket(ticket) == ticket
            status, state, down = await readiness(market)
            assert (status, state) == (503, "unavailable")
            assert down == ["temporal", "worker"]
        assert (await buyer.cancels(order))["status"] == "cancelled"
        assert (await buyer.buys(ticket))["status"] == "created"
        await buyer.asks_money_back(paid)
        await buyer.when_it_is(paid, "refunded")


class TestStripe:
    """Stripe is away or slow."""

    async def test_an_order_becomes_payable_by_itself_once_stripe_is_back(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await buyer.buys(await seller.lists())
        async with market.cables.stripe.pulled():
            said = sorry(await buyer.tries_billing(order, in_quebec()))
            assert "stays reserved" in said["detail"]
            assert await buyer.order(order) == order
            assert await readiness(market) == (200, "degraded", ["stripe"])
        billed = await buyer.when_it_is(order, "awaiting_payment")
        assert billed["billing"]["address"]["region"] == "QC"
        assert billed["total"] == {"amount": 18396, "currency": "CAD"}
        await market.pay(billed)
        await buyer.when_it_is(order, "complete")

    async def test_the_last_address_counts_when_several_were_sent_meanwhile(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await buyer.buys(await seller.lists())
        async with market.cables.stripe.pulled():
            sorry(await buyer.tries_billing(order))
            sorry(await buyer.tries_billing(order, in_quebec()))
        billed = await buyer.when(
            order, lambda found: found["total"] and found["total"]["amount"] == 18396
        )
        await market.pay(billed)
        await buyer.when_it_is(order, "complete")
        assert (await market.ledger(billed))["captured"] == 18396

    async def test_reserving_and_cancelling_need_no_stripe(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket = await seller.lists()
        async with market.cables.stripe.pulled():
            order = await buyer.buys(ticket, billing=BILLING)
            sorry(await buyer.tries_billing(order))
            assert (await buyer.cancels(order))["status"] == "cancelled"
            assert (await seller.ticket(ticket))["status"] == "available"

    async def test_a_slow_stripe_delays_nobody_elses_reservation(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        slow = [await buyer.buys(await seller.lists()) for _ in range(10)]
        other, ticket = await market.person(), await seller.lists()
        await market.hooks.fault("delay", "/v1/payment_intents", seconds=2.5, times=None)
        billing = asyncio.gather(*(buyer.tries_billing(order) for order in slow))
        await until(lambda: self._all_wait(market, len(slow)))
        started = time.monotonic()
        await other.buys(ticket)
        assert time.monotonic() - started < PROMPT_SECONDS
        assert not billing.done()
        await market.hooks.http.delete("/_sim/faults")
        for answer in await billing:
            sorry(answer)
        for order in slow:
            await buyer.when_it_is(order, "awaiting_payment")

    async def test_what_stripe_refuses_for_good_is_said(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await buyer.buys(await seller.lists())
        await market.hooks.fault(
            "error_before", "/v1/payment_intents", status=400, code="amount_too_small"
        )
        refused = problem(await buyer.tries_billing(order), 409)
        assert refused["type"] == "/problems/payment-refused"
        assert (await buyer.order(order))["payment"]["client_secret"] is None
        assert (await buyer.cancels(order))["status"] == "cancelled"

    async def _all_wait(self, market: Market, count: int) -> bool:
        faults = await market.hooks.get("/faults")
        return int(faults[0]["hits"]) >= count


class TestMongodb:
    """MongoDB is away."""

    async def test_everybody_is_told(self, market: Market, seller: Person, buyer: Person) -> None:
        order = await buyer.buys(await seller.lists())
        address = f"/api/orders/{order['id']}"
        requests: list[tuple[str, str, Json | None]] = [
            ("POST", "/api/orders", {"ticket_id": order["ticket"]["id"]}),
            ("GET", "/api/orders", None),
            ("GET", address, None),
            ("PUT", f"{address}/billing", BILLING),
            ("POST", f"{address}/cancel", None),
            ("POST", f"{address}/refund", None),
            ("GET", "/api/tickets", None),
        ]
        async with market.cables.mongodb.pulled():
            started = time.monotonic()
            answers = await asyncio.gather(
                *(buyer.http.request(method, path, json=body) for method, path, body in requests)
            )
            assert time.monotonic() - started < ANSWER_SECONDS
            for answer in answers:
                sorry(answer)
        assert await buyer.order(order) == order

    async def test_a_purchase_goes_on_once_it_is_back(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket = await seller.lists()
        order = await buyer.bills(await buyer.buys(ticket))
        async with market.cables.mongodb.pulled():
            assert (await readiness(market))[2] == ["mongodb"]
            await market.pay(order)
        await buyer.when_it_is(order, "complete")
        assert (await seller.ticket(ticket))["status"] == "sold"
        assert await market.letters(buyer, 1) == ["Order Confirmed!"]
        assert await readiness(market) == (200, "ready", [])
