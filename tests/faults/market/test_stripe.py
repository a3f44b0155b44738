"""Everything that Stripe can answer, to everything that it is asked to do."""

import asyncio
from typing import Any, Final
from uuid import uuid4

import pytest
from temporalio import activity
from typing_extensions import override

from activities.gateways.stripe import StripeGateway
from activities.payments import PaymentActivities
from services.payments.store import PaymentStore
from tests.api.market import ENVIRONMENT, Market, intent_of, until
from tests.faults.books import closed_books_of
from tests.faults.market.people import Purchase, all_is_well, payments_of
from workflows.messages import Steering
from workflows.purchase.payment_steps import ClosePayment, PaymentSeen, PaymentStanding
from workflows.refund.address import refund_workflow_id
from workflows.refund.workflow import RefundWorkflow

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

CREATE: Final = "/v1/payment_intents"
REFUND: Final = "/v1/refunds"


def on(purchase: Purchase, what: str) -> str:
    """The path of something that is done to its payment."""
    return f"{CREATE}/{intent_of(purchase.order)}/{what}"


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("timeout_after", {"seconds": 12}),
        ("timeout_before", {"seconds": 12}),
        ("disconnect_after", {}),
        ("error_after", {"status": 500}),
        ("error_before", {"status": 500, "saved": True}),
        ("error_before", {"status": 409, "code": "idempotency_key_in_use"}),
        ("error_before", {"status": 429}),
    ],
    ids=[
        "silence after the effect",
        "silence before the effect",
        "broken line after the effect",
        "stored 500 after the effect",
        "stored 500 before the effect",
        "409",
        "429",
    ],
)
async def test_whatever_stripe_answers_money_and_ticket_agree(
    market: Market, kind: str, more: dict[str, Any]
) -> None:
    created = await Purchase.reserved(market)
    captured = await Purchase.billed(market)
    cancelled = await Purchase.billed(market)
    refunded = await Purchase.paid(market)
    for path in (CREATE, on(captured, "capture"), on(cancelled, "cancel"), REFUND):
        await market.hooks.fault(kind, path, **more)

    async def opens() -> None:
        await created.bills()
        await created.pays()
        await created.is_in("complete")

    async def pays() -> None:
        await captured.pays()
        await captured.is_in("complete")

    async def cancels() -> None:
        await cancelled.buyer.tries("cancel", cancelled.order)
        assert (await cancelled.is_in("cancelled"))["cancel_reason"] == "buyer"

    async def returns() -> None:
        await refunded.buyer.tries("refund", refunded.order)
        await refunded.is_in("refunded")

    await asyncio.gather(opens(), pays(), cancels(), returns())
    assert [each["hits"] for each in await market.hooks.get("/faults")] == [1, 1, 1, 1]
    await all_is_well(market, [created, captured, cancelled, refunded])


async def test_a_capture_that_is_refused_frees_ticket_and_money_and_says_so(market: Market) -> None:
    purchase = await Purchase.billed(market)
    await market.hooks.fault(
        "error_before", on(purchase, "capture"), status=402, code="card_declined"
    )
    await purchase.pays()
    assert (await purchase.is_in("cancelled"))["cancel_reason"] == "payment_failed"
    assert await market.letters(purchase.buyer, 1) != ["Order Confirmed!"]
    await all_is_well(market, [purchase])


async def test_a_hold_that_ran_out_before_the_capture_frees_the_ticket_and_says_so(
    market: Market,
) -> None:
    purchase = await Purchase.billed(market)
    async with market.crew.away():
        await purchase.pays()
        intent = intent_of(purchase.order)
        event = await market.event(intent, "payment_intent.amount_capturable_updated")
        await market.in_inbox(event.id, "handled")
        await market.hooks.post(f"/payment_intents/{intent}/expire_authorization")
    assert (await purchase.is_in("cancelled"))["cancel_reason"] == "payment_failed"
    await all_is_well(market, [purchase])


async def test_a_refund_that_is_pending_and_then_fails_keeps_money_and_ticket_together(
    market: Market,
) -> None:
    purchase = await Purchase.paid(market)
    await market.hooks.post("/refund_mode", status="pending")
    await purchase.buyer.asks_money_back(purchase.order)
    pending = await purchase.buyer.when(
        purchase.order, lambda order: order["refund"]["status"] == "pending"
    )
    assert (await purchase.buyer.ticket(pending["ticket"]))["status"] == "sold"
    (refund,) = (
        await market.stripe.v1.refunds.list_async({"payment_intent": intent_of(purchase.order)})
    ).data
    await market.hooks.post(f"/refunds/{refund.id}", status="failed")
    failed = await purchase.buyer.when(
        purchase.order, lambda order: order["refund"]["status"] == "failed"
    )
    assert failed["status"] == "refunding"
    assert (await purchase.buyer.ticket(pending["ticket"]))["status"] == "sold"
    assert (await market.ledger(purchase.order))["refunded"] == 0

    await market.hooks.post("/refund_mode", status=None)
    counter = market.temporal.get_workflow_handle(refund_workflow_id(purchase.order["id"]))
    await counter.execute_update(RefundWorkflow.refund, Steering(actor="ada", why="asked again"))
    await purchase.is_in("refunded")
    await all_is_well(market, [purchase])


class Keyless(StripeGateway):
    """How not to ask Stripe: each try is a request of its own."""

    @override
    def _key(self, order_id: str, operation: str, attempt: int) -> str:
        return uuid4().hex


async def test_without_idempotency_keys_an_order_gets_two_payments(market: Market) -> None:
    purchase = await Purchase.reserved(market)
    careless = PaymentActivities(
        PaymentStore(), Keyless(market.gateway._stripe, environment=ENVIRONMENT)
    )
    async with market.crew.working_with(payments=careless):
        await market.hooks.fault("disconnect_after", CREATE)
        await purchase.bills()
    assert len(await payments_of(market, purchase.order)) == 2
    await purchase.buyer.cancels(purchase.order)


class SeatFirst(PaymentActivities):
    """How not to end a purchase: the seat is given away while the till is open."""

    @activity.defn
    @override
    async def close_payment(self, request: ClosePayment) -> PaymentSeen:
        return PaymentSeen(standing=PaymentStanding.CANCELED)


async def test_without_closing_the_till_money_is_held_for_nobody(market: Market) -> None:
    purchase = await Purchase.billed(market)
    await market.hooks.post("/webhooks/mode", drop=True)
    async with market.crew.working_with(payments=SeatFirst(PaymentStore(), market.gateway)):
        await purchase.buyer.cancels(purchase.order)
        await purchase.pays()
    wrong = await closed_books_of(market)
    assert wrong == [f"{intent_of(purchase.order)}: money is held for nobody"]

    await market.hooks.post("/webhooks/mode")
    event = await market.event(
        intent_of(purchase.order), "payment_intent.amount_capturable_updated"
    )
    await market.hooks.post("/webhooks/resend", event=event.id)

    async def let_go() -> bool:
        return not await closed_books_of(market)

    await until(let_go)
