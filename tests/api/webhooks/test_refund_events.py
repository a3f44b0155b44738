"""Refunds that happen outside: made in Stripe's dashboard, or lost by a bank long after."""

import pytest
import stripe

from temporal.purchases import Purchases
from tests.api.market import Json, Market, Person, intent_of, until
from tests.api.webhooks.signed import a_sale, an_event, deliver
from workflows.messages import Steering
from workflows.refund.address import refund_workflow_id
from workflows.refund.workflow import RefundWorkflow

TOTAL = 18080
BECAUSE = Steering(actor="operator-1", why="The bank sent the money back.")


async def in_dashboard(
    market: Market, order: Json, amount: int | None = None, status: str | None = None
) -> stripe.Refund:
    """Somebody refunds it at Stripe: no metadata, no key of ours."""
    await market.hooks.post("/refund_mode", status=status)
    if amount is None:
        return await market.stripe.v1.refunds.create_async({"payment_intent": intent_of(order)})
    return await market.stripe.v1.refunds.create_async(
        {"payment_intent": intent_of(order), "amount": amount}
    )


async def heard(market: Market, kind: str, object_id: str) -> str:
    """What came of one more event about this."""
    event = an_event(kind, data={"object": {"id": object_id}})
    assert (await deliver(market, event)).status_code == 204
    outcome: str = (await market.in_inbox(event["id"], "handled"))["outcome"]
    return outcome


async def stored(market: Market, order: Json) -> Json:
    found = await market.databases.orders["orders"].find_one({"_id": order["id"]})
    assert found is not None
    return found


def told(order: Json) -> list[str]:
    return [entry["what"] for entry in order["timeline"]]


async def refunds_of_ours(market: Market, order: Json) -> list[Json]:
    """What our side asked of Stripe to give back."""
    return [each for each in await market.requests(order) if each["path"] == "/v1/refunds"]


class TestOurs:
    """News of a refund that we made."""

    async def test_that_is_done_change_nothing(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        await buyer.asks_money_back(order)
        refunded = await buyer.when_it_is(order, "refunded")
        page = await market.stripe.v1.refunds.list_async({"payment_intent": intent_of(order)})
        refund = page.data[0]
        assert await heard(market, "refund.updated", refund.id) == "known"
        assert await heard(market, "charge.refunded", str(refund.charge)) == "known"
        assert await buyer.order(order) == refunded


class TestWhole:
    """All of a sale refunded in the dashboard."""

    @pytest.mark.parametrize("times", [0, 4], ids=["once", "five times"])
    async def test_ends_the_sale_and_nothing_is_refunded_twice(
        self, market: Market, seller: Person, buyer: Person, times: int
    ) -> None:
        order = await a_sale(market, seller, buyer)
        await market.hooks.post("/webhooks/mode", duplicate=times)
        refund = await in_dashboard(market, order)
        refunded = await buyer.when_it_is(order, "refunded")
        assert told(refunded)[-2:] == ["refund made at Stripe", "refunded"]
        assert (await stored(market, order))["refund"]["id"] == refund.id
        assert await market.letters(buyer, 2) == ["Order Confirmed!", "Order Refunded"]
        ticket = {"id": order["ticket"]["id"]}
        assert (await seller.ticket(ticket))["status"] == "available"

        for kind in ("refund.created", "refund.updated"):
            assert await heard(market, kind, refund.id) == "known"
        assert await refunds_of_ours(market, order) == []
        assert (await market.ledger(order))["refunded"] == TOTAL

    async def test_in_parts_ends_the_sale_with_the_last(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        await in_dashboard(market, order, 80)
        await buyer.when(order, lambda found: told(found)[-1] == "refunded in part")
        await in_dashboard(market, order)
        await buyer.when_it_is(order, "refunded")
        assert await refunds_of_ours(market, order) == []
        assert (await market.ledger(order))["refunded"] == TOTAL

    async def test_that_takes_its_time_keeps_the_ticket_until_it_is_done(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        refund = await in_dashboard(market, order, status="pending")
        await buyer.when(
            order, lambda found: found["refund"] and found["refund"]["status"] == "pending"
        )
        assert (await seller.ticket({"id": order["ticket"]["id"]}))["status"] == "sold"
        await market.hooks.post(f"/refunds/{refund.id}", status="succeeded")
        await buyer.when_it_is(order, "refunded")
        assert await refunds_of_ours(market, order) == []

    async def test_while_ours_waits_for_a_person_is_taken_for_it(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        await market.hooks.post("/refund_mode", status="failed")
        await buyer.asks_money_back(order)
        await buyer.when(order, lambda found: found["refund"]["status"] == "failed")
        refund = await in_dashboard(market, order)
        await buyer.when_it_is(order, "refunded")
        assert (await stored(market, order))["refund"]["id"] == refund.id
        assert (await market.ledger(order))["refunded"] == TOTAL

    async def test_while_no_worker_is_there_waits_for_one(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        async with market.crew.away():
            await in_dashboard(market, order)
        await buyer.when_it_is(order, "refunded")
        assert await refunds_of_ours(market, order) == []


class TestPart:
    """Some of a sale refunded in the dashboard."""

    async def test_is_noted_once_and_nothing_else_changes(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        complete = await buyer.order(order)
        refund = await in_dashboard(market, order, 100)
        noted = await buyer.when(order, lambda found: told(found) != told(complete))
        for kind in ("refund.created", "refund.updated"):
            assert await heard(market, kind, refund.id) == "refunded in part"
        assert await heard(market, "charge.refunded", str(refund.charge)) == "refunded in part"
        after = await stored(market, order)
        assert (after["timeline"][-1]["what"], after["timeline"][-1]["about"]) == (
            "refunded in part",
            refund.id,
        )
        assert await buyer.order(order) == noted
        assert {**noted, "timeline": None} == {**complete, "timeline": None}
        assert told(noted) == [*told(complete), "refunded in part"]

    async def test_that_comes_back_is_noted_too(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        refund = await in_dashboard(market, order, 100)
        await buyer.when(order, lambda found: told(found)[-1] == "refunded in part")
        await market.hooks.post(f"/refunds/{refund.id}", status="failed")
        await buyer.when(order, lambda found: told(found)[-1] == "refund at Stripe failed")
        assert (await buyer.order(order))["status"] == "complete"


class TestLost:
    """A bank sends the money of a refund back long after it succeeded."""

    async def a_lost_refund(self, market: Market, buyer: Person, order: Json) -> str:
        await buyer.asks_money_back(order)
        await buyer.when_it_is(order, "refunded")
        await market.letters(buyer, 2)
        await market.temporal.get_workflow_handle(refund_workflow_id(order["id"])).result()
        refund: str = (await stored(market, order))["refund"]["id"]
        await market.hooks.post(f"/refunds/{refund}", status="failed", failure_reason="declined")
        await buyer.when(order, lambda found: found["refund"]["status"] == "failed")
        return refund

    async def test_is_shown_once_and_the_ticket_stays_on_the_market(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        refund = await self.a_lost_refund(market, buyer, order)
        lost = await buyer.order(order)
        assert (lost["status"], lost["refund"]["failure"]) == ("refunded", "declined")
        assert told(lost)[-2:] == ["refunded", "refund failed"]
        assert (await seller.ticket({"id": order["ticket"]["id"]}))["status"] == "available"
        assert await heard(market, "refund.failed", refund) == "known"
        assert await buyer.order(order) == lost

    async def test_is_refunded_once_more_while_the_ticket_is_anothers(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        refund = await self.a_lost_refund(market, buyer, order)
        another = await market.person()
        sold = await another.bills(await another.buys({"id": order["ticket"]["id"]}))
        await market.pay(sold)
        await another.when_it_is(sold, "complete")

        await Purchases(market.temporal).refund(
            order["id"], order["ticket"]["id"], steering=BECAUSE
        )
        await buyer.when(order, lambda found: found["refund"]["status"] == "succeeded")
        handle = market.temporal.get_workflow_handle(refund_workflow_id(order["id"]))
        await handle.result()
        found = await stored(market, order)
        assert (found["status"], found["refund"]["turn"]) == ("refunded", 2)
        assert found["refund"]["id"] != refund
        assert found["timeline"][-2]["actor"] == BECAUSE.actor
        assert (await market.ledger(order))["refunded"] == TOTAL
        assert (await another.order(sold))["status"] == "complete"
        ticket = await market.stored_ticket({"id": order["ticket"]["id"]})
        assert (ticket["status"], ticket["held_by"]) == ("sold", sold["id"])
        assert await heard(market, "refund.failed", refund) == "known"

    async def test_may_be_made_up_for_in_the_dashboard(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        await self.a_lost_refund(market, buyer, order)
        refund = await in_dashboard(market, order)
        await buyer.when(order, lambda found: found["refund"]["status"] == "succeeded")
        assert (await stored(market, order))["refund"]["id"] == refund.id
        assert (await market.ledger(order))["refunded"] == TOTAL


class TestByHand:
    """What a person does about a refund that failed, on real servers."""

    async def a_failed_refund(self, market: Market, buyer: Person, order: Json) -> None:
        await market.hooks.post("/refund_mode", status="failed")
        await buyer.asks_money_back(order)
        await buyer.when(order, lambda found: found["refund"]["status"] == "failed")
        await market.hooks.post("/refund_mode", status=None)

    async def test_trying_again_refunds_once_under_a_new_key(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        await self.a_failed_refund(market, buyer, order)
        handle = market.temporal.get_workflow_handle(refund_workflow_id(order["id"]))
        await handle.execute_update(RefundWorkflow.refund, BECAUSE)
        await buyer.when_it_is(order, "refunded")
        keys = [each["idempotency_key"] for each in await refunds_of_ours(market, order)]
        assert keys == [f"te:test:{order['id']}:{name}:1" for name in ("refund", "refund-2")]
        assert (await market.ledger(order))["refunded"] == TOTAL

    async def test_settling_moves_no_money(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        await self.a_failed_refund(market, buyer, order)
        handle = market.temporal.get_workflow_handle(refund_workflow_id(order["id"]))
        await handle.execute_update(RefundWorkflow.settle, BECAUSE)
        settled = await buyer.order(order)
        assert (settled["status"], settled["refund"]["status"]) == ("refunded", "settled")
        assert BECAUSE.why not in str(settled), "what operators say is for operators"

        async def is_available() -> bool:
            ticket = await seller.ticket({"id": order["ticket"]["id"]})
            return bool(ticket["status"] == "available")

        await until(is_available)
        assert (await market.ledger(order))["refunded"] == 0


class TestOfOlderCode:
    """A refund that failed under older code left an order that no workflow waits for."""

    async def an_orphaned_refund(self, market: Market, buyer: Person, order: Json) -> None:
        await market.hooks.post("/refund_mode", status="failed")
        await buyer.asks_money_back(order)
        await buyer.when(order, lambda found: found["refund"]["status"] == "failed")
        await market.hooks.post("/refund_mode", status=None)
        await market.temporal.get_workflow_handle(refund_workflow_id(order["id"])).terminate()
        untold = {"$unset": {"refund.id": "", "refund.turn": "", "dispute": ""}}
        await market.databases.orders["orders"].update_one({"_id": order["id"]}, untold)

    async def test_can_be_tried_again(self, market: Market, seller: Person, buyer: Person) -> None:
        order = await a_sale(market, seller, buyer)
        await self.an_orphaned_refund(market, buyer, order)
        await Purchases(market.temporal).refund(
            order["id"], order["ticket"]["id"], steering=BECAUSE
        )
        await buyer.when_it_is(order, "refunded")
        assert (await market.ledger(order))["refunded"] == TOTAL

    async def test_can_be_made_up_for_in_the_dashboard(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        await self.an_orphaned_refund(market, buyer, order)
        await in_dashboard(market, order)
        await buyer.when_it_is(order, "refunded")
        assert (await market.ledger(order))["refunded"] == TOTAL


async def test_a_refund_of_a_payment_that_is_not_ours_is_not_ours(market: Market) -> None:
    intent = await market.stripe.v1.payment_intents.create_async(
        {
            "amount": 5000,
            "currency": "cad",
            "allowed_payment_method_types": ["card"],
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )
    refund = await market.stripe.v1.refunds.create_async({"payment_intent": intent.id})
    assert await heard(market, "refund.created", refund.id) == "not ours"
    assert await heard(market, "charge.refunded", str(refund.charge)) == "not ours"
