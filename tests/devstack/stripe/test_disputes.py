"""Money that the bank takes back: opened, answered, decided, and what that does to a refund."""

import pytest
import stripe

from tests.devstack.stripe.helpers import Hooks, StripeApi, until_answer


async def dispute_of(api: StripeApi, intent: stripe.PaymentIntent) -> stripe.Dispute:
    """The dispute of a payment, once there is one."""
    disputes = api.server.v1.disputes

    async def there_is_one() -> bool:
        return bool((await disputes.list_async({"payment_intent": intent.id})).data)

    await until_answer(there_is_one, 5 if api.simulated else 60)
    return (await disputes.list_async({"payment_intent": intent.id})).data[0]


async def opened(
    api: StripeApi, hooks: Hooks, **more: object
) -> tuple[stripe.PaymentIntent, stripe.Dispute]:
    """A payment that a test disputes."""
    intent = await api.paid()
    await hooks.post("/disputes", payment_intent=intent.id, **more)
    return intent, await dispute_of(api, intent)


async def moves(api: StripeApi, dispute: stripe.Dispute) -> list[tuple[int, int]]:
    """What it did to the balance: amounts and fees."""
    found = await api.server.v1.disputes.retrieve_async(dispute.id)
    return [(each.amount, each.fee) for each in found.balance_transactions]


async def test_a_test_card_disputes_what_is_taken_from_it(stripe_api: StripeApi) -> None:
    intent = await stripe_api.paid(card="pm_card_createDispute")
    dispute = await dispute_of(stripe_api, intent)
    assert (dispute.amount, dispute.currency, dispute.reason) == (1600, "cad", "fraudulent")
    assert (dispute.payment_intent, dispute.charge) == (intent.id, intent.latest_charge)
    assert dispute.status == "needs_response"
    assert not dispute.is_charge_refundable
    assert (await stripe_api.charge_of(intent)).disputed


async def test_a_card_that_is_only_held_is_not_disputed_yet(simulated: StripeApi) -> None:
    intent = await simulated.held(card="pm_card_createDispute")
    assert (await simulated.server.v1.disputes.list_async()).data == []
    await simulated.intents.capture_async(intent.id)
    assert (await dispute_of(simulated, intent)).status == "needs_response"


async def test_an_inquiry_asks_and_takes_nothing(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.paid(card="pm_card_createDisputeInquiry")
    dispute = await dispute_of(simulated, intent)
    assert dispute.status == "warning_needs_response"
    assert dispute.is_charge_refundable
    assert await moves(simulated, dispute) == []
    await hooks.post(f"/disputes/{dispute.id}/close", status="warning_closed")
    assert await simulated.told_about(dispute.id) == [
        "charge.dispute.created",
        "charge.dispute.closed",
    ]
    refund = await simulated.refunds.create_async({"payment_intent": intent.id})
    assert refund.status == "succeeded"


async def test_a_dispute_that_is_lost_keeps_the_money(simulated: StripeApi, hooks: Hooks) -> None:
    intent, dispute = await opened(simulated, hooks, reason="product_not_received")
    assert dispute.reason == "product_not_received"
    await hooks.post(f"/disputes/{dispute.id}/respond")
    await hooks.post(f"/disputes/{dispute.id}/close", status="lost")
    assert (await dispute_of(simulated, intent)).status == "lost"
    assert await moves(simulated, dispute) == [(-1600, 1500)]
    assert (await hooks.get("/ledger"))["totals"]["disputed"] == 1600
    assert await simulated.told_about(dispute.id) == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.closed",
    ]


async def test_a_dispute_that_is_won_gives_it_back_but_not_the_fee(
    simulated: StripeApi, hooks: Hooks
) -> None:
    _, dispute = await opened(simulated, hooks)
    await hooks.post(f"/disputes/{dispute.id}/close", status="won")
    assert await moves(simulated, dispute) == [(-1600, 1500), (1600, 0)]
    assert (await hooks.get("/ledger"))["totals"]["disputed"] == 0
    assert (await simulated.told_about(dispute.id))[-2:] == [
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
    ]


async def test_what_the_bank_has_is_not_refunded_and_what_was_won_is(
    simulated: StripeApi, hooks: Hooks
) -> None:
    intent, dispute = await opened(simulated, hooks)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await simulated.refunds.create_async({"payment_intent": intent.id})
    assert refused.value.code == "charge_disputed"
    await hooks.post(f"/disputes/{dispute.id}/close", status="won")
    refund = await simulated.refunds.create_async({"payment_intent": intent.id})
    assert refund.status == "succeeded"


async def test_a_decision_stands(simulated: StripeApi, hooks: Hooks) -> None:
    _, dispute = await opened(simulated, hooks)
    await hooks.post(f"/disputes/{dispute.id}/close", status="lost")
    await hooks.post(f"/disputes/{dispute.id}/close", status="lost")
    for path, status in (("close", "won"), ("close", "warning_closed"), ("respond", "")):
        answer = await hooks.http.post(
            f"/_sim/disputes/{dispute.id}/{path}", json={"status": status}
        )
        assert not answer.is_success
    assert len(await simulated.told_about(dispute.id)) == 3


async def test_only_what_was_taken_can_be_disputed(simulated: StripeApi, hooks: Hooks) -> None:
    held, paid = await simulated.held(), await simulated.paid()
    for body in (
        {"payment_intent": held.id},
        {"payment_intent": "pi_unknown"},
        {"payment_intent": paid.id, "reason": "bad mood"},
    ):
        answer = await hooks.http.post("/_sim/disputes", json=body)
        assert not answer.is_success
    assert (await simulated.server.v1.disputes.list_async()).data == []
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        await simulated.server.v1.disputes.retrieve_async("du_unknown")
    assert unknown.value.http_status == 404
