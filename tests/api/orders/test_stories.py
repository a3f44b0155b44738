"""Whole purchases, from the listing to the last mail, through the front door."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import stripe

from tests.api.market import BILLING, Json, Market, Person, in_quebec, intent_of, until

BRIEFLY = timedelta(seconds=2)
LONGER = timedelta(seconds=6)
"""Time enough for an address and a payment."""

moment = datetime.fromisoformat


def told(order: Json) -> list[str]:
    return [entry["what"] for entry in order["timeline"]]


async def test_a_sale(market: Market, seller: Person, buyer: Person) -> None:
    ticket = await seller.lists(price={"amount": 12345, "currency": "CAD"}, seat="A 12")
    reserved = await buyer.buys(ticket)
    assert (reserved["status"], reserved["lines"], reserved["total"]) == ("created", [], None)
    assert reserved["payment"] == {
        "status": "not_started",
        "client_secret": None,
        "last_error": None,
        "card": None,
    }
    assert reserved["ticket"] == {
        field: ticket[field]
        for field in ("id", "title", "price", "venue", "starts_at", "seat", "description")
    }
    assert (await seller.ticket(ticket))["status"] == "reserved"

    billed = await buyer.bills(reserved, in_quebec())
    assert billed["status"] == "awaiting_payment"
    assert [(line["kind"], line["name"], line["rate"]) for line in billed["lines"]] == [
        ("ticket", "Ticket", None),
        ("tax", "GST", "5"),
        ("tax", "QST", "9.975"),
    ]
    assert [line["amount"]["amount"] for line in billed["lines"]] == [12345, 617, 1231]
    assert billed["total"] == {"amount": 14193, "currency": "CAD"}
    assert billed["billing"]["address"]["region"] == "QC"

    await market.pay(billed, "pm_card_mastercard")
    sold = await buyer.when_it_is(billed, "complete")
    assert sold["payment"] == {
        "status": "captured",
        "client_secret": None,
        "last_error": None,
        "card": {"brand": "mastercard", "last4": "4444"},
    }
    assert told(sold) == ["reserved", "billed", "payment authorized", "complete"]
    assert all(moment(one["at"]) <= moment(two["at"]) for one, two in pairwise(sold["timeline"]))
    assert (await seller.ticket(ticket))["status"] == "sold"
    money = await market.ledger(billed)
    assert (money["authorized"], money["captured"], money["refunded"]) == (14193, 14193, 0)
    assert await market.letters(buyer, 1) == ["Order Confirmed!"]
    assert await market.letters(seller, 1) == ["Ticket Sold"]


async def test_an_address_with_the_order_makes_it_payable_at_once(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    billed = await buyer.when_it_is(order, "awaiting_payment")
    assert billed["total"] == {"amount": 18080, "currency": "CAD"}
    assert billed["billing"]["name"] == "Ada Lovelace"
    intent = await market.stripe.v1.payment_intents.retrieve_async(intent_of(billed))
    assert (intent.amount, intent.currency, intent.capture_method) == (18080, "cad", "manual")
    await market.pay(billed)
    assert (await buyer.when_it_is(billed, "complete"))["payment"]["card"]["last4"] == "4242"


async def test_another_address_changes_the_total_and_what_stripe_asks(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    first = await buyer.bills(order)
    second = await buyer.bills(order, in_quebec())
    assert (first["total"]["amount"], second["total"]["amount"]) == (18080, 18396)
    assert second["payment"]["client_secret"] == first["payment"]["client_secret"]
    await market.pay(second)
    await buyer.when_it_is(order, "complete")
    assert (await market.ledger(second))["captured"] == 18396


async def test_outside_canada_there_is_no_tax(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    somewhere = {"line1": "1 Raffles Place", "city": "Singapore", "postal_code": "048616"}
    billed = await buyer.bills(order, {"name": "Tan", "address": {**somewhere, "country": "sg"}})
    assert [line["kind"] for line in billed["lines"]] == ["ticket"]
    assert billed["total"]["amount"] == 16000
    assert billed["billing"]["address"]["country"] == "SG"
    await market.pay(billed)
    await buyer.when_it_is(order, "complete")
    assert await market.letters(buyer, 1) == ["Order Confirmed!"]


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeDeclinedStolenCard", "stolen_card"),
    ],
)
async def test_a_declined_card_is_explained_and_another_one_pays(
    market: Market, seller: Person, buyer: Person, card: str, code: str
) -> None:
    order = await buyer.bills(await buyer.buys(await seller.lists()))
    with pytest.raises(stripe.CardError):
        await market.pay(order, card)
    declined = await buyer.when(order, lambda found: found["payment"]["last_error"])
    assert (declined["status"], declined["payment"]["status"]) == ("awaiting_payment", "declined")
    assert declined["payment"]["last_error"]["code"] == code
    assert "card" in declined["payment"]["last_error"]["message"]
    assert declined["payment"]["client_secret"] == order["payment"]["client_secret"]
    await market.pay(order)
    paid = await buyer.when_it_is(order, "complete")
    assert paid["payment"]["last_error"] is None
    assert (await market.ledger(order))["captured"] == 18080


async def test_three_d_secure_passed(market: Market, seller: Person, buyer: Person) -> None:
    order = await buyer.bills(await buyer.buys(await seller.lists()))
    asked = await market.pay(order, "pm_card_threeDSecure2Required")
    assert asked.status == "requires_action"
    assert (await buyer.order(order))["status"] == "awaiting_payment"
    await market.hooks.post(f"/payment_intents/{asked.id}/authenticate", outcome="success")
    assert (await buyer.when_it_is(order, "complete"))["payment"]["status"] == "captured"


async def test_three_d_secure_failed_leaves_the_order_payable(
    market: Market, seller: Person, buyer: Person
) -> None:
    order = await buyer.bills(await buyer.buys(await seller.lists()))
    asked = await market.pay(order, "pm_card_threeDSecure2Required")
    await market.hooks.post(f"/payment_intents/{asked.id}/authenticate", outcome="failure")
    event = await market.event(asked.id, "payment_intent.payment_failed")
    await market.in_inbox(event.id, "handled")
    failed = await buyer.when(order, lambda found: found["payment"]["last_error"])
    assert failed["payment"]["last_error"]["code"] == "payment_intent_authentication_failure"
    assert failed["payment"]["client_secret"] == order["payment"]["client_secret"]
    await market.pay(order)
    await buyer.when_it_is(order, "complete")


async def test_cancelled_before_there_is_anything_to_pay(
    market: Market, seller: Person, buyer: Person
) -> None:
    ticket = await seller.lists()
    order = await buyer.buys(ticket)
    cancelled = await buyer.cancels(order)
    assert (cancelled["status"], cancelled["cancel_reason"]) == ("cancelled", "buyer")
    assert (await seller.ticket(ticket))["status"] == "available"
    assert await market.requests(order) == []


async def test_cancelled_with_something_to_pay_closes_it_at_stripe(
    market: Market, seller: Person, buyer: Person
) -> None:
    ticket = await seller.lists()
    order = await buyer.bills(await buyer.buys(ticket))
    cancelled = await buyer.cancels(order)
    assert (cancelled["status"], cancelled["cancel_reason"]) == ("cancelled", "buyer")
    assert (cancelled["payment"]["status"], cancelled["payment"]["client_secret"]) == (
        "canceled",
        None,
    )
    intent = await market.stripe.v1.payment_intents.retrieve_async(intent_of(order))
    assert intent.status == "canceled"
    assert await market.ledger(order) == {}
    assert (await seller.ticket(ticket))["status"] == "available"
    with pytest.raises(stripe.InvalidRequestError):
        await market.pay(order)
    assert await market.mail_to(buyer) == []


async def test_a_ticket_that_came_back_can_be_bought_by_somebody_else(
    market: Market, seller: Person, buyer: Person
) -> None:
    ticket = await seller.lists()
    await buyer.cancels(await buyer.buys(ticket))
    other = await market.person()
    order = await other.bills(await other.buys(ticket))
    await market.pay(order)
    await other.when_it_is(order, "complete")
    assert await market.letters(other, 1) == ["Order Confirmed!"]


async def test_expired_before_there_was_anything_to_pay(
    market: Market, seller: Person, buyer: Person
) -> None:
    ticket = await seller.lists()
    with market.desk(window=BRIEFLY):
        order = await buyer.buys(ticket)
    expired = await buyer.when_it_is(order, "cancelled")
    assert expired["cancel_reason"] == "expired"
    await until(lambda: _is_available(seller, ticket))
    assert await market.requests(order) == []
    assert await market.letters(buyer, 1) == ["Order Expired"]
    assert await market.mail_to(seller) == []


async def test_expired_with_something_to_pay_closes_it_at_stripe(
    market: Market, seller: Person, buyer: Person
) -> None:
    ticket = await seller.lists()
    with market.desk(window=LONGER):
        order = await buyer.bills(await buyer.buys(ticket))
    expired = await buyer.when_it_is(order, "cancelled")
    assert (expired["cancel_reason"], expired["payment"]["client_secret"]) == ("expired", None)
    intent = await market.stripe.v1.payment_intents.retrieve_async(intent_of(order))
    assert intent.status == "canceled"
    await until(lambda: _is_available(seller, ticket))


async def test_paid_in_time_counts_even_if_no_webhook_ever_comes(
    market: Market, seller: Person, buyer: Person
) -> None:
    await market.hooks.post("/webhooks/mode", drop=True)
    with market.desk(window=LONGER):
        order = await buyer.bills(await buyer.buys(await seller.lists()))
    await market.pay(order)
    paid = await buyer.when_it_is(order, "complete")
    assert moment(paid["timeline"][-1]["at"]) >= moment(order["expires_at"])
    assert (await market.ledger(order))["captured"] == 18080


async def test_an_address_at_the_last_moment_gives_a_little_more_time_once(
    market: Market, seller: Person, buyer: Person
) -> None:
    with market.desk(window=LONGER, extension=timedelta(seconds=30)):
        order = await buyer.buys(await seller.lists())
    billed = await buyer.bills(order)
    again = await buyer.bills(order, in_quebec())
    assert moment(billed["expires_at"]) > moment(order["expires_at"])
    assert again["expires_at"] == billed["expires_at"]


async def test_a_refund(market: Market, seller: Person, buyer: Person) -> None:
    ticket, order = await a_sold_ticket(market, seller, buyer)
    asked = await buyer.asks_money_back(order)
    assert asked["status"] in ("refunding", "refunded")
    assert asked["refund"]["amount"] == {"amount": 18080, "currency": "CAD"}
    refunded = await buyer.when_it_is(order, "refunded")
    assert (refunded["refund"]["status"], refunded["refund"]["failure"]) == ("succeeded", None)
    assert refunded["refund"]["settled_at"] is not None
    await until(lambda: _is_available(seller, ticket))
    money = await market.ledger(order)
    assert (money["captured"], money["refunded"]) == (18080, 18080)
    assert await market.letters(buyer, 2) == ["Order Confirmed!", "Order Refunded"]
    assert await market.letters(seller, 2) == ["Ticket Sold", "Ticket Refunded"]


async def test_a_refund_that_takes_its_time_is_shown_until_the_webhook_settles_it(
    market: Market, seller: Person, buyer: Person
) -> None:
    ticket, order = await a_sold_ticket(market, seller, buyer)
    await market.hooks.post("/refund_mode", status="pending")
    await buyer.asks_money_back(order)
    pending = await buyer.when(order, lambda found: found["refund"]["status"] == "pending")
    assert pending["status"] == "refunding"
    assert (await seller.ticket(ticket))["status"] == "sold"
    refunds = await market.stripe.v1.refunds.list_async({"payment_intent": intent_of(order)})
    await market.hooks.post(f"/refunds/{refunds.data[0].id}", status="succeeded")
    await buyer.when_it_is(order, "refunded")
    await until(lambda: _is_available(seller, ticket))
    assert await market.letters(buyer, 2) == ["Order Confirmed!", "Order Refunded"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_refund_that_fails_is_shown_and_the_ticket_stays_sold(
    market: Market, seller: Person, buyer: Person, *, at_once: bool
) -> None:
    ticket, order = await a_sold_ticket(market, seller, buyer)
    await market.hooks.post("/refund_mode", status="failed" if at_once else "pending")
    await buyer.asks_money_back(order)
    if not at_once:
        await buyer.when(order, lambda found: found["refund"]["status"] == "pending")
        refunds = await market.stripe.v1.refunds.list_async({"payment_intent": intent_of(order)})
        await market.hooks.post(
            f"/refunds/{refunds.data[0].id}",
            status="failed",
            failure_reason="expired_or_canceled_card",
        )
    failed = await buyer.when(order, lambda found: found["refund"]["status"] == "failed")
    assert failed["status"] == "refunding"
    assert failed["refund"]["failure"] == ("unknown" if at_once else "expired_or_canceled_card")
    assert (await seller.ticket(ticket))["status"] == "sold"
    assert (await market.ledger(order))["refunded"] == 0


async def a_sold_ticket(market: Market, seller: Person, buyer: Person) -> tuple[Json, Json]:
    """The ticket, and its order as it was when it could be paid."""
    ticket = await seller.lists()
    order = await buyer.bills(await buyer.buys(ticket))
    await market.pay(order)
    await buyer.when_it_is(order, "complete")
    return ticket, order


async def _is_available(person: Person, ticket: Json) -> bool:
    return bool((await person.ticket(ticket))["status"] == "available")
