"""The clock that a test moves, and what happens by itself."""

import pytest
import stripe

from tests.devstack.stripe.helpers import Hooks, StripeApi

WEEK = 7 * 86_400


async def test_objects_carry_the_simulators_time(simulated: StripeApi, hooks: Hooks) -> None:
    before = (await simulated.opened()).created
    await hooks.post("/clock", offset_seconds=3600)
    assert (await simulated.opened()).created - before in range(3600, 3605)
    clock = await hooks.get("/clock")
    assert clock["offset_seconds"] == 3600


async def test_a_hold_runs_out_after_a_week(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.held()
    await hooks.post("/clock", advance_seconds=WEEK - 60)
    assert (await simulated.intents.retrieve_async(intent.id)).status == "requires_capture"
    await hooks.post("/clock", advance_seconds=61)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await simulated.intents.capture_async(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    gone = await simulated.intents.retrieve_async(intent.id)
    assert (gone.status, gone.cancellation_reason) == ("canceled", "expired")
    assert "charge.expired" in await simulated.told_about(str(gone.latest_charge))


async def test_a_captured_payment_does_not_run_out(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.paid()
    await hooks.post("/clock", advance_seconds=2 * WEEK)
    assert (await simulated.intents.retrieve_async(intent.id)).status == "succeeded"


async def test_a_test_lets_a_hold_run_out_at_once(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.held()
    await hooks.post(f"/payment_intents/{intent.id}/expire_authorization")
    assert (await simulated.intents.retrieve_async(intent.id)).status == "canceled"
    account = (await hooks.get("/ledger"))["payment_intents"][intent.id]
    assert (account["authorized"], account["captured"], account["voided"]) == (1600, 0, 1600)
