"""Disputes: what Stripe says is shown, and while the bank has the money nothing is refunded."""

import asyncio

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from tests.api.market import Json, Market, Person, intent_of, problem, until
from tests.api.webhooks.signed import a_payable_order, a_sale, an_event, deliver
from workflows.messages import Steering
from workflows.refund.address import refund_workflow_id
from workflows.refund.workflow import RefundWorkflow

BECAUSE = Steering(actor="operator-1", why="The buyer has asked.")


async def disputed(market: Market, order: Json, **more: object) -> str:
    """The buyer goes to the bank; the dispute's id."""
    opened = await market.hooks.post("/disputes", payment_intent=intent_of(order), **more)
    dispute: str = opened["id"]
    return dispute


async def shown(market: Market, order: Json) -> Json | None:
    """The dispute as the order has it."""
    found = await market.databases.orders["orders"].find_one({"_id": order["id"]})
    assert found is not None
    dispute: Json | None = found["dispute"]
    return dispute


async def when_shown(market: Market, order: Json, status: str) -> Json:
    """The dispute once the order shows this status."""

    async def look() -> Json | None:
        found = await shown(market, order)
        return found if found and found["status"] == status else None

    return await until(look)


async def heard(market: Market, kind: str, dispute: str) -> str:
    """What came of an event about this dispute."""
    event = an_event(f"charge.dispute.{kind}", data={"object": {"id": dispute}})
    assert (await deliver(market, event)).status_code == 204
    outcome: str = (await market.in_inbox(event["id"], "handled"))["outcome"]
    return outcome


def told(order: Json) -> list[str]:
    return [entry["what"] for entry in order["timeline"]]


async def test_an_open_dispute_is_shown_and_freezes_refunds(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await a_sale(market, seller, buyer)
    dispute = await disputed(market, order, reason="product_not_received")
    seen = await when_shown(market, order, "needs_response")
    assert (seen["id"], seen["reason"]) == (dispute, "product_not_received")
    assert seen["amount"] == {"amount": 18080, "currency": "CAD"}
    assert seen["closed_at"] is None

    before = await buyer.order(order)
    assert (before["status"], told(before)[-1]) == ("complete", "payment disputed")
    assert "dispute" not in before
    refused = problem(await buyer.tries("refund", order), 409)
    assert refused["type"] == "/problems/disputed"
    assert "your bank" in refused["title"]
    assert await buyer.order(order) == before
    assert (await market.ledger(order))["refunded"] == 0


async def test_a_dispute_that_is_won_sets_the_refund_free(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await a_sale(market, seller, buyer)
    dispute = await disputed(market, order)
    await market.hooks.post(f"/disputes/{dispute}/respond")
    await when_shown(market, order, "under_review")
    await market.hooks.post(f"/disputes/{dispute}/close", status="won")
    seen = await when_shown(market, order, "won")
    assert seen["closed_at"] is not None
    assert await heard(market, "closed", dispute) == "dispute won"
    assert (await shown(market, order) or {})["closed_at"] == seen["closed_at"]

    await buyer.asks_money_back(order)
    refunded = await buyer.when_it_is(order, "refunded")
    assert [what for what in told(refunded) if "dispute" in what] == [
        "payment disputed",
        "dispute: under_review",
        "dispute: won",
    ]


async def test_a_dispute_that_is_lost_keeps_refunds_frozen(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await a_sale(market, seller, buyer)
    dispute = await disputed(market, order)
    await market.hooks.post(f"/disputes/{dispute}/close", status="lost")
    await when_shown(market, order, "lost")
    assert problem(await buyer.tries("refund", order), 409)["type"] == "/problems/disputed"


async def test_an_inquiry_that_is_closed_sets_the_refund_free(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await a_sale(market, seller, buyer)
    dispute = await disputed(market, order, inquiry=True)
    await when_shown(market, order, "warning_needs_response")
    assert problem(await buyer.tries("refund", order), 409)["type"] == "/problems/disputed"
    await market.hooks.post(f"/disputes/{dispute}/close", status="warning_closed")
    await when_shown(market, order, "warning_closed")
    await buyer.asks_money_back(order)
    await buyer.when_it_is(order, "refunded")


async def test_late_repeated_and_reversed_events_show_what_stripe_says_now(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await a_sale(market, seller, buyer)
    await market.hooks.post("/webhooks/mode", drop=True)
    dispute = await disputed(market, order)
    await market.hooks.post(f"/disputes/{dispute}/close", status="lost")
    for kind in ("closed", "funds_withdrawn", "updated", "created", "created"):
        assert await heard(market, kind, dispute) == "dispute lost"
    assert (await shown(market, order) or {})["status"] == "lost"
    story = told(await buyer.order(order))
    assert story[-2:] == ["payment disputed", "dispute: lost"]
    assert story.count("payment disputed") == 1


async def test_events_at_once_agree_in_the_end(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await a_sale(market, seller, buyer)
    dispute = await disputed(market, order)
    await asyncio.gather(
        *(heard(market, "updated", dispute) for _ in range(5)),
        market.hooks.post(f"/disputes/{dispute}/close", status="won"),
        *(heard(market, "created", dispute) for _ in range(5)),
    )
    await when_shown(market, order, "won")


async def test_a_refund_that_waits_for_a_person_is_not_tried_again_while_disputed(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await a_sale(market, seller, buyer)
    await market.hooks.post("/refund_mode", status="failed")
    await buyer.asks_money_back(order)
    await buyer.when(order, lambda found: found["refund"]["status"] == "failed")
    await market.hooks.post("/refund_mode", status=None)
    dispute = await disputed(market, order)
    await when_shown(market, order, "needs_response")

    handle = market.temporal.get_workflow_handle(refund_workflow_id(order["id"]))
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update(RefundWorkflow.refund, BECAUSE)
    assert isinstance(refused.value.cause, ApplicationError)
    assert "dispute" in refused.value.cause.message
    assert (await market.ledger(order))["refunded"] == 0

    await market.hooks.post(f"/disputes/{dispute}/close", status="won")
    await when_shown(market, order, "won")
    await handle.execute_update(RefundWorkflow.refund, BECAUSE)
    await buyer.when_it_is(order, "refunded")
    assert (await market.ledger(order))["refunded"] == 18080


async def test_a_refund_that_the_bank_was_faster_than_fails_and_can_be_settled(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await a_sale(market, seller, buyer)
    await market.hooks.post("/webhooks/mode", drop=True)
    dispute = await disputed(market, order)  # and we have not heard of it
    await buyer.asks_money_back(order)
    failed = await buyer.when(order, lambda found: found["refund"]["status"] == "failed")
    assert failed["refund"]["failure"] == "charge_disputed"
    await market.hooks.post(f"/disputes/{dispute}/close", status="lost")
    assert await heard(market, "closed", dispute) == "dispute lost"

    handle = market.temporal.get_workflow_handle(refund_workflow_id(order["id"]))
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update(RefundWorkflow.refund, BECAUSE)
    await handle.execute_update(RefundWorkflow.settle, BECAUSE)
    assert (await buyer.order(order))["status"] == "refunded"
    assert (await market.ledger(order))["refunded"] == 0


async def test_the_test_card_for_disputes_sells_and_is_disputed(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await a_payable_order(seller, buyer)
    await market.pay(order, "pm_card_createDispute")
    await buyer.when_it_is(order, "complete")
    await when_shown(market, order, "needs_response")
    assert told(await buyer.order(order)).count("payment disputed") == 1


async def test_what_is_not_ours_or_not_at_stripe_is_taken_and_left_alone(market: Market) -> None:
    intent = await market.stripe.v1.payment_intents.create_async(
        {
            "amount": 5000,
            "currency": "cad",
            "allowed_payment_method_types": ["card"],
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )
    opened = await market.hooks.post("/disputes", payment_intent=intent.id)
    assert await heard(market, "created", opened["id"]) == "not ours"
    assert await heard(market, "created", "du_unknown") == "unknown at Stripe"
