"""What is safe is put right by the run that finds it, and is not left on the board."""

from datetime import UTC, datetime, timedelta

import pytest

from services.auth.documents import LetterKind, LetterRequest
from services.auth.letters import LetterStore
from services.operations.documents import Finding
from temporal.operations.actions import Operations, Steering
from tests.api.market import Market, Person, intent_of, until
from tests.reconciliation.auditor import Auditor
from workflows.orphan.address import orphan_workflow_id
from workflows.refund.address import refund_workflow_id
from workflows.rescue.address import rescue_workflow_id

AN_HOUR_AGO = datetime.now(UTC) - timedelta(minutes=50)


@pytest.fixture(autouse=True)
async def no_webhooks(market: Market) -> None:
    """Stripe's events are lost from the beginning."""
    await market.hooks.post("/webhooks/mode", drop=True)


async def test_a_lost_webhook_completes_the_order(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.billed(seller, buyer)
    await market.pay(order)
    result = await auditor.check()
    assert (result.healed, result.found) == (1, 0)
    await buyer.when_it_is(order, "complete")


async def test_a_lost_webhook_about_a_refusal_shows_it(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.billed(seller, buyer)
    await market.decline(order)
    assert (await auditor.check()).healed == 1
    shown = await buyer.when(order, lambda found: found["payment"]["last_error"])
    assert shown["status"] == "awaiting_payment"
    assert (await auditor.check()).healed == 0


async def test_a_purchase_lost_before_it_was_paid_is_cancelled_after_its_deadline(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.billed(seller, buyer)
    await auditor.lose_purchase(order)
    assert (await auditor.check()).healed == 0, "its deadline is still to come"
    await auditor.let_the_hold_run_out(order)
    result = await auditor.check()
    assert (result.healed, result.found) == (1, 0)
    over = await buyer.order(order)
    assert (over["status"], over["cancel_reason"]) == ("cancelled", "expired")
    assert (await buyer.ticket(order["ticket"]))["status"] == "available"
    assert await market.letters(buyer, 1) == ["Order Expired"]
    intent = await market.stripe.v1.payment_intents.retrieve_async(intent_of(order))
    assert intent.status == "canceled"


async def test_a_purchase_lost_with_money_held_is_cancelled_and_the_money_let_go(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.billed(seller, buyer)
    await market.pay(order)
    await auditor.lose_purchase(order)
    result = await auditor.check()
    assert (result.healed, result.found) == (1, 0)
    over = await buyer.when_it_is(order, "cancelled")
    assert over["cancel_reason"] == "payment_failed"
    ledger = await market.ledger(order)
    assert (ledger["captured"], ledger["voided"]) == (0, 18080)
    assert (await buyer.ticket(order["ticket"]))["status"] == "available"
    assert await market.letters(buyer, 1) == ["Payment Failed"]


async def test_a_purchase_lost_with_the_money_taken_is_completed(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.billed(seller, buyer)
    await market.pay(order)
    await auditor.lose_purchase(order)
    await market.stripe.v1.payment_intents.capture_async(intent_of(order))
    result = await auditor.check()
    assert (result.healed, result.found) == (1, 0)
    assert (await buyer.order(order))["status"] == "complete"
    assert (await market.stored_ticket(order["ticket"]))["status"] == "sold"
    assert await market.letters(buyer, 1) == ["Order Confirmed!"]


async def test_a_purchase_lost_with_the_money_taken_and_the_ticket_gone_is_refunded(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.billed(seller, buyer)
    await market.pay(order)
    await auditor.lose_purchase(order)
    await market.stripe.v1.payment_intents.capture_async(intent_of(order))
    await auditor.change_ticket(order["ticket"]["id"], status="available", held_by=None)
    assert (await auditor.check()).found == 0
    over = await buyer.order(order)
    assert (over["status"], over["cancel_reason"]) == ("cancelled", "payment_failed")
    ledger = await market.ledger(order)
    assert (ledger["captured"], ledger["refunded"]) == (18080, 18080)


async def test_a_ticket_reserved_for_an_order_that_never_was_is_let_go(
    auditor: Auditor, market: Market, seller: Person
) -> None:
    ticket = await seller.lists()
    await auditor.change_ticket(
        ticket["id"], status="reserved", held_by="nobody's", held_until=AN_HOUR_AGO
    )
    result = await auditor.check()
    assert (result.healed, result.found) == (1, 0)
    assert (await market.stored_ticket(ticket))["status"] == "available"


async def test_money_held_for_a_cancelled_order_is_voided(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.billed(seller, buyer)
    await market.pay(order)
    await auditor.lose_purchase(order)
    await auditor.change_order(order, status="cancelled", cancel_reason="buyer", active=False)
    result = await auditor.check()
    assert (result.healed, result.found) == (2, 0), "the money and the ticket"
    held, seat = f"I6:{intent_of(order)}", f"I1:{order['ticket']['id']}"
    assert await auditor.healed() == [seat, held]
    assert (await market.ledger(order))["voided"] == 18080
    assert (await market.stored_ticket(order["ticket"]))["status"] == "available"


async def test_an_orphan_that_cannot_be_settled_is_on_the_board_until_it_is(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.billed(seller, buyer)
    await market.pay(order)
    await auditor.lose_purchase(order)
    await auditor.change_order(order, status="cancelled", cancel_reason="buyer", active=False)
    await market.hooks.fault("error_before", "/v1/payment_intents/*/cancel", status=500, times=None)
    await auditor.check()
    (found,) = (await auditor.board()).values()
    assert (found.kind, found.payment_intent_id) == ("orphan_payment", intent_of(order))
    await market.hooks.http.delete("/_sim/faults")
    await market.temporal.get_workflow_handle(orphan_workflow_id(intent_of(order))).result()
    assert (await auditor.check()).found == 0


async def test_held_money_that_a_rescue_cannot_let_go_is_on_the_board_until_it_can(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.billed(seller, buyer)
    await market.pay(order)
    await auditor.lose_purchase(order)
    await market.hooks.fault("error_before", "/v1/payment_intents/*/cancel", status=500, times=None)
    for _ in range(2):
        result = await auditor.check()
        assert (result.healed, result.found) == (0, 1)
    (found,) = (await auditor.board()).values()
    assert (found.kind, found.payment_intent_id) == ("I6", intent_of(order))
    assert "a rescue is at it" in found.detail
    await market.hooks.http.delete("/_sim/faults")
    await market.temporal.get_workflow_handle(rescue_workflow_id(order["id"])).result()
    assert (await auditor.check()).found == 0
    assert (await buyer.order(order))["status"] == "cancelled"


async def test_a_refund_that_was_paid_back_by_other_means_is_not_found(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold_by_check(seller, buyer)
    await market.hooks.post("/refund_mode", status="failed")
    await buyer.asks_money_back(order)
    await buyer.when(order, lambda found: (found["refund"] or {}).get("status") == "failed")
    assert (await auditor.check()).found == 1
    steering = Steering(actor="night-desk", why="paid back by bank transfer")
    await Operations(market.temporal).settle_refund(order["id"], steering)
    await buyer.when_it_is(order, "refunded")
    assert (await auditor.check()).found == 0


async def test_a_refund_that_has_lost_its_workflow_goes_on(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold_by_check(seller, buyer)
    await market.hooks.post("/refund_mode", status="pending")
    await buyer.asks_money_back(order)
    await buyer.when(order, lambda found: (found["refund"] or {}).get("status") == "pending")
    await market.temporal.get_workflow_handle(refund_workflow_id(order["id"])).terminate("by hand")
    result = await auditor.check()
    assert (result.healed, result.found) == (1, 0)
    await settle_refund(market, order["pi"])
    await auditor.check()
    await buyer.when_it_is(order, "refunded")
    assert (await market.ledger(order["pi"]))["refunded"] == 18080


async def test_a_refund_whose_last_event_was_lost_comes_to_its_end(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold_by_check(seller, buyer)
    await market.hooks.post("/refund_mode", status="pending")
    await buyer.asks_money_back(order)
    await buyer.when(order, lambda found: (found["refund"] or {}).get("status") == "pending")
    assert (await auditor.check()).healed == 0, "Stripe is not done with it"
    await settle_refund(market, order["pi"])
    assert (await auditor.check()).healed == 1
    await buyer.when_it_is(order, "refunded")


async def test_a_mail_that_did_not_go_out_is_sent(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold_by_check(seller, buyer)
    sent = market.databases.orders["sent_mail"]
    assert (await sent.delete_many({"order_id": order["id"]})).deleted_count == 2
    assert (await auditor.check()).healed == 1

    async def look() -> bool:
        return await sent.count_documents({"order_id": order["id"]}) == 2

    await until(look)
    assert (await auditor.check()).healed == 0


async def test_a_mail_that_was_given_up_waits_for_a_person(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.sold_by_check(seller, buyer)
    await market.databases.orders["sent_mail"].delete_many({"order_id": order["id"]})
    at = datetime.now(UTC)
    given_up = Finding(
        id=f"mail_given_up:{order['id']}",
        kind="mail_given_up",
        subject=order["id"],
        detail="Given up.",
        order_id=order["id"],
        found_at=at,
        seen_at=at,
    )
    await given_up.insert()
    result = await auditor.check()
    assert (result.healed, result.found) == (0, 1)
    for role in ("buyer", "seller"):
        await market.databases.orders["sent_mail"].insert_one(
            {
                "_id": f"confirmed:{order['id']}:{role}",
                "order_id": order["id"],
                "provider_id": "by hand",
                "sent_at": at,
            }
        )
    assert (await auditor.check()).found == 0


async def test_a_letter_asked_for_while_temporal_was_away_is_written(
    auditor: Auditor, market: Market, buyer: Person
) -> None:
    await market.post_is_done(datetime.now(UTC) - timedelta(minutes=5))
    lately = datetime.now(UTC) - timedelta(minutes=30)
    asked = LetterRequest(kind=LetterKind.VERIFY, user_id=buyer.id, created_at=lately)
    await LetterStore().ask(asked)
    assert (await auditor.check()).healed == 1
    await market.letter(buyer.email, "Confirm your e-mail address", nth=2)
    assert (await auditor.check()).healed == 0


async def settle_refund(market: Market, payment_intent_id: str) -> None:
    """Stripe says that the money has arrived."""
    page = await market.stripe.v1.refunds.list_async({"payment_intent": payment_intent_id})
    await market.hooks.post(f"/refunds/{page.data[0].id}", status="succeeded")
