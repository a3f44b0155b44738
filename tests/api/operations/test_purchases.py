"""An operator steers a purchase that is under way."""

import asyncio
from datetime import datetime, timedelta

from services.security_log import Event
from tests.api.market import BILLING, Json, Market, Person, intent_of, problem, until
from tests.api.operations.conftest import REASON, Duty, Told
from workflows.purchase.address import purchase_workflow_id

EARLY = (0.3, 0.05, 0.0, -0.05)
"""Seconds before a deadline."""


def deadline(of: Json) -> datetime:
    return datetime.fromisoformat(of["expires_at"])


def by(detail: Json, operator: Duty) -> list[str]:
    """What the timeline says that this operator did, for the reason they gave."""
    return [
        event["what"]
        for event in detail["timeline"]
        if (event["who"], event["why"]) == (operator.id, REASON)
    ]


async def extend(operator: Duty, order: Json, seconds: int = 300) -> Json:
    """From the deadline that is in the order."""
    return await operator.does("extend", order, seconds=seconds, expires_at=order["expires_at"])


async def test_the_buyer_gets_more_time_and_is_not_told_why(
    operator: Duty, seller: Person, buyer: Person, told: Told
) -> None:
    order = await buyer.buys(await seller.lists())
    detail = await extend(operator, order)
    longer = await buyer.order(order)
    assert deadline(longer) == deadline(order) + timedelta(minutes=5)
    assert detail["purchase"]["expires_at"] == longer["expires_at"]
    assert by(detail, operator) == ["hold extended"]
    assert REASON not in str(longer)
    assert operator.id not in str(longer)
    (line,) = told.of(Event.OPERATOR_ACTED)
    assert (line["user_id"], line["action"]) == (operator.id, "extend")
    assert (line["order_id"], line["outcome"]) == (order["id"], "done")
    assert REASON not in told.everything


async def test_a_double_click_extends_once(operator: Duty, seller: Person, buyer: Person) -> None:
    order = await buyer.buys(await seller.lists())
    await asyncio.gather(*(extend(operator, order) for _ in range(3)))
    await extend(operator, order)
    longer = await buyer.order(order)
    assert deadline(longer) == deadline(order) + timedelta(minutes=5)


async def test_what_is_seen_after_an_extension_can_be_extended_again(
    operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    await extend(operator, order)
    detail = await extend(operator, await buyer.order(order))
    longer = await buyer.order(order)
    assert deadline(longer) == deadline(order) + timedelta(minutes=10)
    assert by(detail, operator) == ["hold extended"] * 2


async def test_nobody_gets_more_than_an_hour(
    operator: Duty, seller: Person, buyer: Person, told: Told
) -> None:
    order = await buyer.buys(await seller.lists())
    fields = {"seconds": 3600, "expires_at": order["expires_at"]}
    refused = problem(await operator.tries("extend", order, **fields), 409)
    assert refused["type"] == "/problems/action-refused"
    assert refused["detail"] == "The deadline would be more than 60 minutes from now."
    assert await buyer.order(order) == order
    assert [line["outcome"] for line in told.of(Event.OPERATOR_ACTED)] == ["refused"]


async def test_a_purchase_is_cancelled_and_the_ticket_is_free(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    ticket = await seller.lists()
    order = await buyer.buys(ticket, billing=BILLING)
    answers = await asyncio.gather(*(operator.tries("cancel", order) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert (await operator.tries("cancel", order)).status_code == 200
    over = await buyer.order(order)
    assert (over["status"], over["cancel_reason"]) == ("cancelled", "operator")
    assert (await seller.ticket(ticket))["status"] == "available"
    detail = await operator.sees(order)
    assert by(detail, operator) == ["cancelled: operator"]
    assert detail["actions"] == []


async def test_a_paid_purchase_is_neither_extended_nor_cancelled(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    await market.pay(order)
    await buyer.when_it_is(order, "complete")
    handle = market.temporal.get_workflow_handle(purchase_workflow_id(order["id"]))
    await handle.result()
    fields = {"seconds": 60, "expires_at": order["expires_at"]}
    for answer in (
        await operator.tries("extend", order, **fields),
        await operator.tries("cancel", order),
        await operator.tries("retry-capture", order),
    ):
        assert problem(answer, 409)["type"] == "/problems/too-late"


async def test_a_cancellation_and_a_payment_at_the_same_moment_end_in_one_way(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    """Either the buyer has the ticket and has paid, or neither."""
    for _ in range(5):
        ticket = await seller.lists()
        order = await buyer.buys(ticket, billing=BILLING)
        await asyncio.gather(
            market.pay(order), operator.tries("cancel", order), return_exceptions=True
        )
        over = await buyer.when(order, lambda it: it["status"] in ("complete", "cancelled"))
        sold = over["status"] == "complete"
        money = await market.ledger(order)
        assert money["captured"] == (over["total"]["amount"] if sold else 0)
        stored = await market.stored_ticket(ticket)
        assert stored["status"] == ("sold" if sold else "available")


async def test_an_extension_in_the_last_moment_either_holds_or_is_refused(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    with market.desk(window=timedelta(seconds=1)):
        orders = [await buyer.buys(await seller.lists()) for _ in range(4)]

    async def at_the_end(order: Json, early: float) -> tuple[int, Json]:
        left = (deadline(order) - datetime.now(tz=deadline(order).tzinfo)).total_seconds()
        await asyncio.sleep(max(0.0, left - early))
        fields = {"seconds": 60, "expires_at": order["expires_at"]}
        answer = await operator.tries("extend", order, **fields)
        return answer.status_code, await settled(order)

    async def settled(order: Json) -> Json:
        handle = market.temporal.get_workflow_handle(purchase_workflow_id(order["id"]))

        async def look() -> Json | None:
            found = await buyer.order(order)
            longer = deadline(found) > deadline(order)
            over = (await handle.describe()).close_time is not None
            return found if longer or over else None

        return await until(look)

    ends = await asyncio.gather(
        *(at_the_end(order, early) for order, early in zip(orders, EARLY, strict=True))
    )
    for status, order in ends:
        if status == 200:
            assert order["status"] == "created"
        else:
            assert (status, order["status"]) == (409, "cancelled")


async def test_stripe_is_asked_again_when_an_operator_says_so(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    refused = problem(await operator.tries("retry-capture", order), 409)
    assert refused["detail"] == "Nothing waits for another try at Stripe."
    capture = f"/v1/payment_intents/{intent_of(order)}/capture"
    await market.hooks.fault("error_before", capture, status=503, saved=False, times=None)
    await market.pay(order)

    async def waits() -> Json | None:
        found = await operator.sees(order)
        return found if found["actions"] == ["retry_capture"] else None

    await until(waits)
    await market.hooks.http.delete("/_sim/faults")
    detail = await operator.does("retry-capture", order)
    assert "payment tried again" in by(detail, operator)
    paid = await buyer.when_it_is(order, "complete")
    assert (await market.ledger(order))["captured"] == paid["total"]["amount"]


async def test_without_temporal_or_a_worker_it_is_said_that_it_may_still_happen(
    market: Market, operator: Duty, seller: Person, buyer: Person, told: Told
) -> None:
    order = await buyer.buys(await seller.lists())
    fields = {"seconds": 60, "expires_at": order["expires_at"]}
    async with market.cables.temporal.pulled():
        for what, more in (("extend", fields), ("cancel", {}), ("retry-capture", {})):
            problem(await operator.tries(what, order, **more), 503)
    async with market.crew.away():
        problem(await operator.tries("extend", order, **fields), 503)
    assert [line["outcome"] for line in told.of(Event.OPERATOR_ACTED)] == ["unanswered"] * 4
    assert (await operator.tries("extend", order, **fields)).status_code == 200
    longer = await buyer.order(order)
    assert deadline(longer) == deadline(order) + timedelta(minutes=1)


async def test_nothing_is_done_to_an_order_that_is_not_there(operator: Duty) -> None:
    nothing = {"id": "no-such-order"}
    fields = {"seconds": 60, "expires_at": "2027-05-01T12:00:00Z"}
    problem(await operator.tries("extend", nothing, **fields), 404)
    for what in ("cancel", "retry-capture", "refund", "settle-refund", "check"):
        answer = await operator.tries(what, nothing)
        assert answer.status_code == 404, what
