"""Money back: all of it, too much of it, twice, later, or not at all."""

import pytest
import stripe

from tests.devstack.stripe.helpers import Hooks, StripeApi, until_answer


async def status_of(api: StripeApi, refund: stripe.Refund, wanted: str) -> stripe.Refund:
    """Wait until the refund has this status."""

    async def reached() -> bool:
        return (await api.refunds.retrieve_async(refund.id)).status == wanted

    await until_answer(reached, 5 if api.simulated else 60)
    return await api.refunds.retrieve_async(refund.id)


async def test_a_payment_is_refunded_in_full(stripe_api: StripeApi) -> None:
    intent = await stripe_api.paid()
    refund = await stripe_api.refunds.create_async(
        {
            "payment_intent": intent.id,
            "reason": "requested_by_customer",
            "metadata": {"order_id": "o-1"},
        }
    )
    assert (refund.status, refund.amount, refund.currency) == ("succeeded", 1600, "cad")
    assert (refund.payment_intent, refund.charge) == (intent.id, intent.latest_charge)
    charge = await stripe_api.charge_of(intent)
    assert (charge.refunded, charge.amount_refunded) == (True, 1600)
    assert (await stripe_api.intents.retrieve_async(intent.id)).status == "succeeded"


async def test_a_refund_is_told_as_events(simulated: StripeApi) -> None:
    intent = await simulated.paid()
    refund = await simulated.refunds.create_async({"payment_intent": intent.id})
    assert await simulated.told_about(refund.id) == ["refund.created"]
    assert (await simulated.told_about(str(intent.latest_charge)))[-1] == "charge.refunded"


async def test_nothing_is_refunded_twice(stripe_api: StripeApi) -> None:
    intent = await stripe_api.paid()
    await stripe_api.refunds.create_async({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_api.refunds.create_async({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"
    listed = await stripe_api.refunds.list_async({"payment_intent": intent.id})
    assert len(listed.data) == 1


async def test_no_more_is_refunded_than_was_paid(stripe_api: StripeApi) -> None:
    intent = await stripe_api.paid(1600)
    half = {"payment_intent": intent.id, "amount": 1000}
    await stripe_api.refunds.create_async(half)  # type: ignore[arg-type]  # a plain dict
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        await stripe_api.refunds.create_async(half)  # type: ignore[arg-type]  # a plain dict
    rest = await stripe_api.refunds.create_async({"charge": str(intent.latest_charge)})
    assert rest.amount == 600


async def test_a_hold_is_not_refunded_but_cancelled(stripe_api: StripeApi) -> None:
    intent = await stripe_api.held()
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        await stripe_api.refunds.create_async({"payment_intent": intent.id})


async def test_a_refund_needs_something_to_refund(stripe_api: StripeApi) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_api.refunds.create_async({"amount": 100})
    assert refused.value.code == "parameter_missing"


async def test_a_pending_refund_succeeds_later(stripe_api: StripeApi) -> None:
    intent = await stripe_api.paid(card="pm_card_pendingRefund")
    refund = await stripe_api.refunds.create_async({"payment_intent": intent.id})
    assert refund.status == "pending"
    await status_of(stripe_api, refund, "succeeded")
    assert "refund.updated" in await stripe_api.told_about(refund.id)


async def test_a_refund_can_fail_after_it_looked_good(stripe_api: StripeApi) -> None:
    intent = await stripe_api.paid(card="pm_card_refundFail")
    refund = await stripe_api.refunds.create_async({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    failed = await status_of(stripe_api, refund, "failed")
    assert failed.failure_reason == "expired_or_canceled_card"
    assert "refund.failed" in await stripe_api.told_about(refund.id)


async def test_a_test_decides_how_a_refund_ends(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.paid()
    await hooks.post("/refund_mode", status="pending")
    refund = await simulated.refunds.create_async({"payment_intent": intent.id})
    assert refund.status == "pending"
    await hooks.post(f"/refunds/{refund.id}", status="failed", failure_reason="declined")
    failed = await simulated.refunds.retrieve_async(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "declined")
    charge = await simulated.charge_of(intent)
    assert (charge.refunded, charge.amount_refunded) == (False, 0)

    await hooks.post("/refund_mode", status=None)
    again = await simulated.refunds.create_async({"payment_intent": intent.id})
    assert again.status == "succeeded"
    ledger = await hooks.get(f"/ledger?payment_intent={intent.id}")
    assert ledger["totals"] == {
        "authorized": 1600,
        "captured": 1600,
        "refunded": 1600,
        "voided": 0,
    }
