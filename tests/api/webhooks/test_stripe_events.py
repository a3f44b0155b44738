"""Stripe's webhook: what is believed, what it does once, and what is done when nobody waits."""

import asyncio
import json
import re
import time
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import stripe

from devstack.simulators.stripe.webhooks import signature
from tests.api.market import (
    ENVIRONMENT,
    WEBHOOK_SECRET,
    Json,
    Market,
    Person,
    intent_of,
    problem,
    until,
)
from tests.api.webhooks.signed import (
    AUTHORIZED,
    a_payable_order,
    a_sale,
    an_event,
    an_event_like,
    deliver,
    money_for,
    post,
)
from workflows.orphan.address import orphan_workflow_id

BY_CHANCE = {"_id", "object_id", "received_at", "handled_at"}
ROW = {"_id", "type", "object_id", "status", "outcome", "received_at", "handled_at"}


async def rows(market: Market, event_id: str) -> list[Json]:
    return await market.databases.payments["inbox"].find({"_id": event_id}).to_list()


class TestRefused:
    """Whoever cannot sign is not listened to."""

    async def test_without_a_good_signature(self, market: Market) -> None:
        event = an_event()
        payload, moment = json.dumps(event).encode(), int(time.time())
        good = signature(payload, WEBHOOK_SECRET, moment)
        headers: list[dict[str, str]] = [
            {},
            {"Stripe-Signature": ""},
            {"Stripe-Signature": "nonsense"},
            {"Stripe-Signature": "t=x,v1=y"},
            {"Stripe-Signature": f"t={moment}"},
            {"Stripe-Signature": good.replace("v1=", "v0=")},
            {"Stripe-Signature": good.replace(f"t={moment}", f"t={moment + 1}")},
            {"Stripe-Signature": signature(payload, "whsec_of_another", moment)},
            {"Stripe-Signature": signature(payload + b" ", WEBHOOK_SECRET, moment)},
        ]
        for each in headers:
            refused = await post(market, payload, each)
            assert problem(refused, 400)["type"] == "/problems/bad-signature"
        assert await rows(market, event["id"]) == []

    async def test_with_an_old_signature(self, market: Market) -> None:
        event = an_event()
        problem(await deliver(market, event, age=301), 400)
        assert await rows(market, event["id"]) == []
        assert (await deliver(market, event, age=290)).status_code == 204

    async def test_with_an_old_signature_of_stripes_own(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        await market.hooks.post("/webhooks/mode", drop=True)
        order = await a_payable_order(seller, buyer)
        await market.pay(order)
        event = await market.event(intent_of(order), AUTHORIZED)
        await market.hooks.post("/webhooks/resend", event=event.id, timestamp_offset=-600)

        async def refused() -> bool:
            deliveries = await market.hooks.get(f"/webhooks/deliveries?event={event.id}")
            return any(each["last_status"] == 400 for each in deliveries)

        await until(refused)
        assert await rows(market, event.id) == []
        assert (await buyer.order(order))["payment"]["status"] == "requires_payment"

    @pytest.mark.parametrize("payload", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'"text"', b"{}"])
    async def test_when_it_is_no_event(self, market: Market, payload: bytes) -> None:
        problem(await deliver(market, payload), 400)

    async def test_when_its_names_are_no_text(self, market: Market) -> None:
        for place in ({"id": "\ud800"}, {"type": "a\x00"}, {"data": {"object": {"id": "\udfff"}}}):
            problem(await deliver(market, an_event(**place)), 400)

    async def test_when_it_is_larger_than_any_event(self, market: Market) -> None:
        event = an_event(padding="x" * 1_000_000)
        assert problem(await deliver(market, event), 413)["type"] == "/problems/body-too-large"
        assert await rows(market, event["id"]) == []

    async def test_by_other_methods(self, market: Market) -> None:
        assert (await market.browser().get("/api/webhooks/stripe")).status_code == 405


class TestTaken:
    """What is Stripe's is taken, also when it is no concern of ours."""

    @pytest.mark.parametrize(
        ("event", "outcome"),
        [
            (an_event("customer.created"), "not of interest"),
            (an_event("some.type.of.next.year"), "not of interest"),
            (an_event(), "unknown at Stripe"),
            (an_event("payment_intent.payment_failed"), "unknown at Stripe"),
            (an_event("refund.updated"), "unknown at Stripe"),
            (an_event(livemode=True), "of another mode"),
            (an_event(data={"object": {"object": "balance"}}), "about nothing"),
            (an_event("refund.updated", data={"object": {"id": ".."}}), "about nothing"),
        ],
    )
    async def test_what_is_none_of_our_business(
        self, market: Market, event: Json, outcome: str
    ) -> None:
        assert (await deliver(market, event)).status_code == 204
        assert (await market.in_inbox(event["id"], "handled"))["outcome"] == outcome

    async def test_what_is_none_of_our_business_is_written_once_however_often_it_comes(
        self, market: Market
    ) -> None:
        event = an_event("customer.created")
        await deliver(market, event)
        written = await rows(market, event["id"])
        await deliver(market, event)

        assert await rows(market, event["id"]) == written
        assert written[0]["handled_at"] == written[0]["received_at"]

    @pytest.mark.parametrize("environment", ["production", ""])
    async def test_a_payment_of_another_environment(
        self, market: Market, seller: Person, buyer: Person, environment: str
    ) -> None:
        order = await a_payable_order(seller, buyer)
        intent = await money_for(market, order["id"], environment)
        event = await market.event(intent.id, AUTHORIZED)
        assert (await market.in_inbox(event.id, "handled"))["outcome"] == "not ours"
        assert await buyer.order(order) == order
        held = await market.stripe.v1.payment_intents.retrieve_async(intent.id)
        assert held.status == "requires_capture"

    async def test_security_28_an_event_is_a_hint_what_counts_is_what_stripe_says(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_payable_order(seller, buyer)
        early = an_event(data={"object": {"id": intent_of(order), "status": "requires_capture"}})
        assert (await deliver(market, early)).status_code == 204
        row = await market.in_inbox(early["id"], "handled")
        assert row["outcome"] == "nothing to do"
        assert await buyer.order(order) == order

    async def test_nothing_personal_is_kept(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        event = await market.event(intent_of(order), AUTHORIZED)
        row = await market.in_inbox(event.id, "handled")
        assert set(row) == ROW
        assert (row["type"], row["object_id"]) == (AUTHORIZED, intent_of(order))
        kept = await market.databases.payments["inbox"].find().to_list()
        for personal in (buyer.email, "Lovelace", "Victoria", "_secret_"):
            assert personal not in str(kept)
        # Within an id the letters of her first name come by chance.
        assert not re.search(r"(?<![a-zA-Z0-9])Ada(?![a-zA-Z0-9])", str(kept))
        # The digits of a card may be in an id or a time by chance, and nowhere else.
        told = [[each[name] for name in ROW - BY_CHANCE] for each in kept]
        assert "4242" not in str(told)
        assert all(set(each) <= ROW for each in kept)


class TestOnce:
    """However often an event comes, it has its effect once."""

    async def test_twenty_at_once(self, market: Market, seller: Person, buyer: Person) -> None:
        order = await a_payable_order(seller, buyer)
        await market.hooks.post("/webhooks/mode", duplicate=19)
        await market.pay(order)
        complete = await buyer.when_it_is(order, "complete")
        event = await market.event(intent_of(order), AUTHORIZED)

        async def all_are_there() -> bool:
            deliveries = await market.hooks.get(f"/webhooks/deliveries?event={event.id}")
            assert {each["last_status"] for each in deliveries} <= {204, None}
            return [each["state"] for each in deliveries] == ["delivered"] * 20

        await until(all_are_there)
        assert len(await rows(market, event.id)) == 1
        await self._had_one_effect(market, seller, buyer, complete)
        assert len((await market.ledger(order))["captures"]) == 1

    async def test_again_after_the_sale(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        complete = await buyer.order(order)
        for kind in (AUTHORIZED, "payment_intent.succeeded"):
            event = await market.event(intent_of(order), kind)
            row = await market.in_inbox(event.id, "handled")
            await market.hooks.post("/webhooks/resend", event=event.id, times=3)
            fresh = an_event(kind, data={"object": {"id": intent_of(order)}})
            assert (await deliver(market, fresh)).status_code == 204
            assert (await market.in_inbox(fresh["id"], "handled"))["outcome"] == "known"
            assert await rows(market, event.id) == [row]
        await self._had_one_effect(market, seller, buyer, complete)
        assert await orphans(market, intent_of(order)) == []

    async def test_a_refusal_that_is_heard_twice(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_payable_order(seller, buyer)
        await market.hooks.post("/webhooks/mode", duplicate=4)
        with pytest.raises(stripe.CardError):
            await market.pay(order, "pm_card_chargeDeclined")
        event = await market.event(intent_of(order), "payment_intent.payment_failed")
        await market.in_inbox(event.id, "handled")
        again = an_event("payment_intent.payment_failed", data={"object": {"id": intent_of(order)}})
        assert (await deliver(market, again)).status_code == 204
        declined = await buyer.when(order, lambda found: found["payment"]["last_error"])
        refusals = [each for each in declined["timeline"] if "declined" in each["what"]]
        assert len(refusals) == 1

    async def _had_one_effect(
        self, market: Market, seller: Person, buyer: Person, complete: Json
    ) -> None:
        assert await market.letters(buyer, 1) == ["Order Confirmed!"]
        assert await market.letters(seller, 1) == ["Ticket Sold"]
        assert await buyer.order(complete) == complete
        told = [entry["what"] for entry in complete["timeline"]]
        assert told == ["reserved", "billed", "payment authorized", "complete"]


class TestOutages:
    """What cannot be handled now is handled when Stripe repeats it."""

    async def test_while_temporal_is_away(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_payable_order(seller, buyer)
        await market.hooks.post("/webhooks/mode", drop=True)
        await market.pay(order)
        event = await market.event(intent_of(order), AUTHORIZED)
        async with market.cables.temporal.pulled():
            refused = await deliver(market, an_event_like(event))
            assert problem(refused, 503)["type"] == "/problems/unavailable"
            (row,) = await rows(market, event.id)
            assert (row["status"], row["outcome"]) == ("received", None)
        await market.hooks.post("/webhooks/resend", event=event.id)
        await market.in_inbox(event.id, "handled")
        await buyer.when_it_is(order, "complete")

    async def test_while_stripe_itself_cannot_be_asked(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_payable_order(seller, buyer)
        await market.hooks.post("/webhooks/mode", drop=True)
        await market.pay(order)
        event = await market.event(intent_of(order), AUTHORIZED)
        async with market.cables.stripe.pulled():
            refused = await deliver(market, an_event_like(event))
            assert problem(refused, 503)["type"] == "/problems/unavailable"
            (row,) = await rows(market, event.id)
            assert row["status"] == "received"
        assert (await deliver(market, an_event_like(event))).status_code == 204
        await buyer.when_it_is(order, "complete")

    async def test_while_mongodb_is_away(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_payable_order(seller, buyer)
        async with market.cables.mongodb.pulled():
            problem(await deliver(market, an_event("customer.created")), 503)
            await market.pay(order)
        await buyer.when_it_is(order, "complete")

    async def test_while_no_worker_is_there(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_payable_order(seller, buyer)
        async with market.crew.away():
            await market.pay(order)
            event = await market.event(intent_of(order), AUTHORIZED)
            assert (await market.in_inbox(event.id, "handled"))["outcome"] == "authorized"
        await buyer.when_it_is(order, "complete")

    async def test_late_and_in_the_wrong_order(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_payable_order(seller, buyer)
        await market.hooks.post("/webhooks/mode", hold=True)
        with pytest.raises(stripe.CardError):
            await market.pay(order, "pm_card_chargeDeclined")
        await market.pay(order)
        authorized = await market.event(intent_of(order), AUTHORIZED)
        declined = await market.event(intent_of(order), "payment_intent.payment_failed")
        for event in (authorized, declined):
            assert (await deliver(market, an_event_like(event))).status_code == 204
        complete = await buyer.when_it_is(order, "complete")
        assert complete["payment"]["last_error"] is None


class TestOrphans:
    """Money that no purchase waits for goes back."""

    async def test_held_for_a_purchase_that_is_over_is_let_go(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket = await seller.lists()
        order = await buyer.cancels(await buyer.bills(await buyer.buys(ticket)))
        intent = await money_for(market, order["id"], ENVIRONMENT)
        event = await market.event(intent.id, AUTHORIZED)
        assert (await market.in_inbox(event.id, "handled"))["outcome"] == "orphan"
        orphan = await self._recorded(market, intent.id)
        assert (orphan["order_id"], orphan["settlement"]) == (order["id"], "voided")
        assert (orphan["amount"], orphan["currency"]) == (5000, "CAD")
        gone = await market.stripe.v1.payment_intents.retrieve_async(intent.id)
        assert gone.status == "canceled"
        assert (await market.ledger(intent.id))["captured"] == 0
        assert await buyer.order(order) == order
        assert (await seller.ticket(ticket))["status"] == "available"

    async def test_held_twice_for_one_sale_is_let_go_and_the_sale_stands(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_sale(market, seller, buyer)
        complete = await buyer.order(order)
        intent = await money_for(market, order["id"], ENVIRONMENT)
        assert (await self._recorded(market, intent.id))["settlement"] == "voided"
        assert await buyer.order(order) == complete
        assert (await market.ledger(order))["refunded"] == 0

    async def test_held_beside_the_orders_own_payment_is_let_go_and_the_order_goes_on(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await a_payable_order(seller, buyer)
        intent = await money_for(market, order["id"], ENVIRONMENT)
        assert (await self._recorded(market, intent.id))["settlement"] == "voided"
        assert await buyer.order(order) == order
        await market.pay(order)
        await buyer.when_it_is(order, "complete")
        assert (await market.ledger(order))["captured"] == 18080

    async def test_for_an_order_that_never_was_is_let_go(self, market: Market) -> None:
        intent = await money_for(market, str(uuid4()), ENVIRONMENT)
        assert (await self._recorded(market, intent.id))["settlement"] == "voided"

    async def test_taken_for_a_purchase_that_is_over_is_given_back(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        order = await buyer.cancels(await buyer.buys(await seller.lists()))
        await market.hooks.post("/webhooks/mode", drop=True)
        intent = await money_for(market, order["id"], ENVIRONMENT)
        await market.stripe.v1.payment_intents.capture_async(intent.id)
        await market.hooks.post("/webhooks/mode")
        event = await market.event(intent.id, "payment_intent.succeeded")
        answers = await asyncio.gather(*(deliver(market, an_event_like(event)) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {204}
        assert (await self._recorded(market, intent.id))["settlement"] == "refunded"
        money = await market.ledger(intent.id)
        assert (money["captured"], money["refunded"]) == (5000, 5000)

    async def _recorded(self, market: Market, intent: str) -> Json:
        (orphan,) = await until(lambda: orphans(market, intent))
        handler = market.temporal.get_workflow_handle(orphan_workflow_id(intent))
        await handler.result()
        return orphan


async def orphans(market: Market, intent: str) -> list[Json]:
    return await market.databases.payments["orphans"].find({"_id": intent}).to_list()


async def test_moments_are_kept_in_utc(market: Market) -> None:
    event, before = an_event("customer.created"), datetime.now(UTC)
    await deliver(market, event)
    row = await market.in_inbox(event["id"], "handled")
    assert (row["received_at"] - before).total_seconds() < 5
    assert row["handled_at"] >= row["received_at"]
