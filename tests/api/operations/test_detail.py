"""Everything about one purchase: what happened, where it stands, what can be done."""

import time
from datetime import datetime
from itertools import pairwise

import pytest
import stripe

from services.clock import now
from services.operations.documents import Finding, Trouble
from services.operations.store import OperationsStore
from temporal.operations.looking import WorkflowWindow
from tests.api.market import (
    ANSWER_SECONDS,
    BILLING,
    Json,
    Market,
    Person,
    intent_of,
    problem,
    until,
)
from tests.api.operations.conftest import Duty, Told


def told_by(detail: Json, source: str) -> list[str]:
    """What one source says has happened."""
    return [event["what"] for event in detail["timeline"] if event["source"] == source]


def workflow(detail: Json, kind: str) -> Json | None:
    """The workflow of this kind, if it is shown."""
    found = [each for each in detail["workflows"] if each["workflow_id"].startswith(f"{kind}-")]
    assert len(found) <= 1
    return found[0] if found else None


async def test_an_open_purchase_says_what_it_waits_for(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    detail = await operator.sees(order)
    purchase = workflow(detail, "purchase")
    assert purchase is not None
    assert (purchase["status"], purchase["closed_at"]) == ("running", None)
    assert purchase["started_at"] <= detail["purchase"]["created_at"]
    assert "UTC" in purchase["says"]
    assert [each["workflow_id"] for each in detail["workflows"]] == [f"purchase-{order['id']}"]
    assert detail["actions"] == ["extend", "cancel"]
    assert detail["findings"] == []


async def test_a_sale_is_told_from_all_sides_in_order(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    with pytest.raises(stripe.CardError):
        await market.pay(order, card="pm_card_chargeDeclined")
    await buyer.when(order, lambda it: it["payment"]["last_error"])
    await market.pay(order)
    await buyer.when_it_is(order, "complete")
    await market.letters(buyer, 1)
    await market.letters(seller, 1)

    async def look() -> Json | None:
        found = await operator.sees(order)
        has_all = len(told_by(found, "mail")) == 2 and "not handled yet" not in str(found)
        return found if has_all and "completed" in str(found["workflows"]) else None

    detail = await until(look)
    moments = [datetime.fromisoformat(event["at"]) for event in detail["timeline"]]
    assert all(before <= after for before, after in pairwise(moments))
    assert told_by(detail, "order")[0] == "reserved"
    assert told_by(detail, "order")[-1] == "complete"
    assert set(told_by(detail, "mail")) == {
        "mail to the buyer: confirmed",
        "mail to the seller: confirmed",
    }
    assert "payment_intent.amount_capturable_updated: authorized" in told_by(detail, "stripe")
    assert detail["actions"] == ["refund"]
    (shown,) = detail["workflows"]
    assert shown["says"] is None


async def test_a_refund_is_shown_with_its_workflow(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    await market.pay(order)
    await buyer.when_it_is(order, "complete")
    await buyer.asks_money_back(order)
    await buyer.when_it_is(order, "refunded")
    detail = await operator.sees(order)
    refund = workflow(detail, "refund")
    assert refund is not None
    assert detail["purchase"]["refund_status"] == "succeeded"
    assert detail["actions"] == []


async def test_money_for_a_closed_purchase_is_part_of_its_story(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    intent = intent_of(order)
    await market.databases.orders["orders"].update_one(
        {"_id": order["id"]}, {"$set": {"status": "cancelled", "active": False}}
    )
    await market.pay(order)

    async def look() -> Json | None:
        found = await operator.sees(order)
        return found if workflow(found, "orphan") else None

    await until(look)

    async def settled() -> Json | None:
        found = await operator.sees(order)
        return (
            found if "payment for a closed purchase: voided" in told_by(found, "stripe") else None
        )

    detail = await until(settled)
    orphan = workflow(detail, "orphan")
    assert orphan is not None
    assert orphan["workflow_id"] == f"orphan-{intent}"


async def test_findings_about_it_are_shown_and_counted(
    operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    await OperationsStore().report(
        Finding(
            id=f"{Trouble.MAIL_GIVEN_UP}:{order['id']}",
            kind=Trouble.MAIL_GIVEN_UP,
            subject=order["id"],
            detail="The mail could not be sent.",
            order_id=order["id"],
            found_at=now(),
            seen_at=now(),
        )
    )
    detail = await operator.sees(order)
    assert [each["title"] for each in detail["findings"]] == ["A mail could not be sent"]
    assert detail["purchase"]["findings"] == 1
    (line,) = (await operator.looks("purchases", search=order["id"]))["items"]
    assert line == detail["purchase"]


async def test_without_temporal_the_rest_is_shown_in_time(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    async with market.cables.temporal.pulled():
        started = time.monotonic()
        detail = await operator.sees(order)
        assert time.monotonic() - started < ANSWER_SECONDS
    purchase = workflow(detail, "purchase")
    assert purchase is not None
    assert purchase["status"] == "unknown"
    assert detail["actions"] == []
    assert told_by(detail, "order")[0] == "reserved"


async def test_without_a_worker_temporal_itself_is_still_asked(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    async with market.crew.away():
        detail = await operator.sees(order)
    purchase = workflow(detail, "purchase")
    assert purchase is not None
    assert (purchase["status"], purchase["says"]) == ("running", None)
    assert detail["actions"] == []


async def test_nobody_is_named(
    market: Market, operator: Duty, seller: Person, buyer: Person, told: Told
) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    await market.pay(order)
    await buyer.when_it_is(order, "complete")
    answer = await operator.http.get(f"/api/operations/purchases/{order['id']}")
    secret = order["payment"]["client_secret"]
    personal = [buyer.email, seller.email, BILLING["name"], BILLING["address"]["line1"], secret]
    for each in personal:
        assert each not in answer.text
        assert each not in told.everything


async def test_workflows_lead_into_temporals_own_pages_if_it_is_told_where(
    market: Market, operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    (shown,) = (await operator.sees(order))["workflows"]
    assert shown["url"] is None
    window = WorkflowWindow(market.temporal, "https://temporal.example/")
    assert window.url("orphan-pi/1") == (
        f"https://temporal.example/namespaces/{market.temporal.namespace}/workflows/orphan-pi%2F1"
    )


async def test_there_is_no_such_order(operator: Duty) -> None:
    for order_id in ("no-such-order", "%2e%2e", "x" * 65):
        problem(await operator.http.get(f"/api/operations/purchases/{order_id}"), 404)
