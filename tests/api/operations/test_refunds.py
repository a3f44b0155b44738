"""An operator gives money back, or says that it went back."""

import asyncio

from services.security_log import Event
from tests.api.market import BILLING, Json, Market, Person, intent_of, problem, until
from tests.api.operations.conftest import REASON, Duty, Told


async def a_sale(market: Market, seller: Person, buyer: Person) -> Json:
    """A complete order."""
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    await market.pay(order)
    await buyer.when_it_is(order, "complete")
    return order


async def a_failed_refund(market: Market, seller: Person, buyer: Person, operator: Duty) -> Json:
    """An order whose refund Stripe has refused once, and would take now."""
    order = await a_sale(market, seller, buyer)
    await market.hooks.post("/refund_mode", status="failed")
    await operator.does("refund", order)
    await buyer.when(order, lambda it: it["refund"]["status"] == "failed")
    await market.hooks.post("/refund_mode", status=None)
    return order


def by(detail: Json, operator: Duty) -> list[str]:
    """What the timeline says that this operator did, for the reason they gave."""
    return [
        event["what"]
        for event in detail["timeline"]
        if (event["who"], event["why"]) == (operator.id, REASON)
    ]


async def refunded(market: Market, order: Json) -> int:
    """What went back, in minor units."""
    return int((await market.ledger(order))["refunded"])


async def test_an_operator_refunds_and_the_story_says_who_and_why(
    market: Market, operator: Duty, seller: Person, buyer: Person, told: Told
) -> None:
    order = await a_sale(market, seller, buyer)
    answer = await operator.tries("refund", order)
    assert answer.status_code == 202
    assert answer.json()["purchase"]["status"] in ("refunding", "refunded")
    done = await buyer.when_it_is(order, "refunded")
    assert REASON not in str(done)
    assert operator.id not in str(done)
    assert by(await operator.sees(order), operator) == ["refund requested"]
    (line,) = told.of(Event.OPERATOR_ACTED)
    assert (line["user_id"], line["action"]) == (operator.id, "refund")
    assert (line["order_id"], line["outcome"]) == (order["id"], "done")
    assert REASON not in told.everything


async def test_a_double_click_refunds_once(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await a_sale(market, seller, buyer)
    answers = await asyncio.gather(*(operator.tries("refund", order) for _ in range(3)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert 202 in {answer.status_code for answer in answers}
    done = await buyer.when_it_is(order, "refunded")
    assert await refunded(market, order) == done["total"]["amount"]
    assert len(by(await operator.sees(order), operator)) == 1
    assert problem(await operator.tries("refund", order), 409)["detail"] == (
        "Only a complete order can be refunded, and only once."
    )


async def test_an_open_order_is_not_refunded(
    operator: Duty, seller: Person, buyer: Person, told: Told
) -> None:
    order = await buyer.buys(await seller.lists())
    assert problem(await operator.tries("refund", order), 409)["type"] == "/problems/action-refused"
    assert [line["outcome"] for line in told.of(Event.OPERATOR_ACTED)] == ["refused"]


async def test_a_refund_that_failed_is_tried_again(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await a_failed_refund(market, seller, buyer, operator)
    assert (await operator.sees(order))["actions"] == ["refund", "settle_refund"]
    answers = await asyncio.gather(*(operator.tries("refund", order) for _ in range(2)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    done = await buyer.when_it_is(order, "refunded")
    assert await refunded(market, order) == done["total"]["amount"]


async def test_a_refund_that_failed_is_settled_by_other_means(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await a_failed_refund(market, seller, buyer, operator)
    answers = await asyncio.gather(*(operator.tries("settle-refund", order) for _ in range(2)))
    assert {answer.status_code for answer in answers} == {200}
    settled = (await buyer.when_it_is(order, "refunded"))["refund"]
    assert settled["status"] == "settled"
    assert await refunded(market, order) == 0
    detail = await operator.sees(order)
    assert by(detail, operator) == ["refund requested", "refunded by other means"]
    assert detail["actions"] == []


async def test_a_refund_that_needs_nobody_is_not_settled(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await a_sale(market, seller, buyer)
    too_late = problem(await operator.tries("settle-refund", order), 409)
    assert too_late["type"] == "/problems/too-late"
    await market.hooks.post("/refund_mode", status="pending")
    await operator.does("refund", order)
    await buyer.when(order, lambda it: it["refund"]["status"] == "pending")
    refused = problem(await operator.tries("settle-refund", order), 409)
    assert refused["detail"].startswith("This refund does not wait for a person")
    assert (await operator.sees(order))["actions"] == []


async def test_disputed_money_is_not_refunded_until_the_dispute_is_won(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await a_sale(market, seller, buyer)
    dispute = await market.hooks.post("/disputes", payment_intent=intent_of(order))
    await seen_as(operator, order, "needs_response")
    assert (await operator.sees(order))["actions"] == []
    refused = problem(await operator.tries("refund", order), 409)
    assert "dispute" in refused["detail"]
    assert await refunded(market, order) == 0

    await market.hooks.post(f"/disputes/{dispute['id']}/close", status="won")
    await seen_as(operator, order, "won")
    assert (await operator.sees(order))["actions"] == ["refund"]
    await operator.does("refund", order)
    done = await buyer.when_it_is(order, "refunded")
    assert await refunded(market, order) == done["total"]["amount"]
    stripes = [each["what"] for each in (await operator.sees(order))["timeline"]]
    assert any(what.startswith("charge.dispute.closed") for what in stripes)


async def seen_as(operator: Duty, order: Json, status: str) -> None:
    """Back when the dispute of an order stands like this."""

    async def look() -> bool:
        return bool((await operator.sees(order))["purchase"]["dispute_status"] == status)

    await until(look)


async def test_without_temporal_it_is_said_that_it_may_still_happen(
    market: Market, operator: Duty, seller: Person, buyer: Person, told: Told
) -> None:
    order = await a_sale(market, seller, buyer)
    async with market.cables.temporal.pulled():
        for what in ("refund", "settle-refund"):
            answer = await operator.tries(what, order)
            problem(answer, 503)
            assert int(answer.headers["retry-after"]) > 0
    assert [line["outcome"] for line in told.of(Event.OPERATOR_ACTED)] == ["unanswered"] * 2
    await operator.does("refund", order)
    await buyer.when_it_is(order, "refunded")
