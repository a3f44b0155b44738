"""Holding, capturing and cancelling; the same for the simulator and for Stripe."""

from typing import Any

import pytest
import stripe

from tests.devstack.stripe.helpers import StripeApi

DECLINES = {
    "pm_card_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_visa_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_visa_chargeDeclinedLostCard": ("card_declined", "lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": ("card_declined", "stolen_card"),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": (
        "card_declined",
        "card_velocity_exceeded",
    ),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", None),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", None),
}


async def test_a_hold_is_captured(stripe_api: StripeApi) -> None:
    intent = await stripe_api.opened(metadata={"order_id": "o-1"})
    assert (intent.status, intent.latest_charge) == ("requires_payment_method", None)
    assert intent.client_secret is not None
    assert intent.client_secret.startswith(f"{intent.id}_secret_")

    held = await stripe_api.intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert (held.status, held.amount_capturable) == ("requires_capture", 1600)
    assert held.amount_received == 0
    hold = await stripe_api.charge_of(held)
    assert (hold.captured, hold.amount_captured, hold.paid) == (False, 0, True)
    assert hold.payment_method_details is not None
    card = hold.payment_method_details.card
    assert card is not None
    assert (card.brand, card.last4) == ("visa", "4242")
    assert card.capture_before is not None
    assert card.capture_before > hold.created

    paid = await stripe_api.intents.capture_async(intent.id, {"expand": ["latest_charge"]})
    assert (paid.status, paid.amount_received, paid.amount_capturable) == ("succeeded", 1600, 0)
    assert paid.metadata.to_dict() == {"order_id": "o-1"}
    assert isinstance(paid.latest_charge, stripe.Charge)
    assert (paid.latest_charge.captured, paid.latest_charge.amount_captured) == (True, 1600)


async def test_each_step_is_told_as_an_event(simulated: StripeApi) -> None:
    intent = await simulated.paid()
    assert await simulated.told_about(intent.id) == [
        "payment_intent.created",
        "payment_intent.amount_capturable_updated",
        "payment_intent.succeeded",
    ]
    assert await simulated.told_about(str(intent.latest_charge)) == [
        "charge.succeeded",
        "charge.captured",
    ]


@pytest.mark.parametrize(("card", "codes"), DECLINES.items())
async def test_a_declined_card_says_why(
    stripe_api: StripeApi, card: str, codes: tuple[str, str | None]
) -> None:
    intent = await stripe_api.opened()
    with pytest.raises(stripe.CardError) as declined:
        await stripe_api.intents.confirm_async(intent.id, {"payment_method": card})
    error = declined.value.error
    assert declined.value.http_status == 402
    assert error is not None
    assert error.code == codes[0]
    if codes[1]:
        assert error.decline_code == codes[1]

    after = await stripe_api.intents.retrieve_async(intent.id)
    assert (after.status, after.payment_method) == ("requires_payment_method", None)
    assert after.last_payment_error is not None
    assert after.last_payment_error.code == codes[0]
    charge = await stripe_api.charge_of(after)
    assert (charge.status, charge.failure_code, charge.paid) == ("failed", codes[0], False)


async def test_another_card_pays_after_a_decline(stripe_api: StripeApi) -> None:
    intent = await stripe_api.opened()
    with pytest.raises(stripe.CardError):
        await stripe_api.intents.confirm_async(
            intent.id, {"payment_method": "pm_card_chargeDeclined"}
        )
    held = await stripe_api.intents.confirm_async(
        intent.id, {"payment_method": "pm_card_mastercard"}
    )
    assert (held.status, held.last_payment_error) == ("requires_capture", None)
    charges = await stripe_api.server.v1.charges.list_async({"payment_intent": intent.id})
    assert [charge.status for charge in charges.data] == ["succeeded", "failed"]


async def test_the_amount_can_change_until_it_is_held(stripe_api: StripeApi) -> None:
    intent = await stripe_api.opened(1600)
    changed = await stripe_api.intents.update_async(intent.id, {"amount": 1808})
    assert changed.amount == 1808
    held = await stripe_api.intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert held.amount_capturable == 1808
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_api.intents.update_async(intent.id, {"amount": 2000})
    assert refused.value.code == "payment_intent_unexpected_state"
    noted = await stripe_api.intents.update_async(intent.id, {"metadata": {"order_id": "o-2"}})
    assert noted.metadata.to_dict() == {"order_id": "o-2"}


async def test_an_attached_card_waits_for_confirmation(stripe_api: StripeApi) -> None:
    intent = await stripe_api.opened()
    ready = await stripe_api.intents.update_async(intent.id, {"payment_method": "pm_card_visa"})
    assert ready.status == "requires_confirmation"
    assert (await stripe_api.intents.confirm_async(intent.id)).status == "requires_capture"


async def test_confirming_without_a_card_is_refused(stripe_api: StripeApi) -> None:
    intent = await stripe_api.opened()
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method") as refused:
        await stripe_api.intents.confirm_async(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"


async def test_a_hold_is_captured_only_once(stripe_api: StripeApi) -> None:
    intent = await stripe_api.paid()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_api.intents.capture_async(intent.id)
    assert (refused.value.code, refused.value.http_status) == (
        "payment_intent_unexpected_state",
        400,
    )
    error = refused.value.error
    assert error is not None
    assert error.payment_intent is not None
    assert error.payment_intent.status == "succeeded"


async def test_a_part_of_a_hold_can_be_captured(stripe_api: StripeApi) -> None:
    intent = await stripe_api.held(1600)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_api.intents.capture_async(intent.id, {"amount_to_capture": 1601})
    assert refused.value.code == "amount_too_large"
    paid = await stripe_api.intents.capture_async(intent.id, {"amount_to_capture": 1000})
    assert (paid.status, paid.amount_received) == ("succeeded", 1000)


async def test_an_automatic_payment_needs_no_capture(stripe_api: StripeApi) -> None:
    intent = await stripe_api.held(capture_method="automatic")
    assert (intent.status, intent.amount_received) == ("succeeded", 1600)
    assert (await stripe_api.charge_of(intent)).captured


@pytest.mark.parametrize("state", ["opened", "attached", "challenged", "held"])
async def test_an_unpaid_intent_can_be_cancelled(stripe_api: StripeApi, state: str) -> None:
    card = "pm_card_threeDSecure2Required" if state == "challenged" else "pm_card_visa"
    more: dict[str, Any] = {"payment_method": card} if state != "opened" else {}
    intent = await stripe_api.opened(confirm=state in {"challenged", "held"}, **more)
    gone = await stripe_api.intents.cancel_async(intent.id, {"cancellation_reason": "abandoned"})
    assert (gone.status, gone.cancellation_reason) == ("canceled", "abandoned")
    assert gone.canceled_at is not None
    assert gone.amount_capturable == 0
    if state == "held":
        charge = await stripe_api.charge_of(gone)
        # Letting a hold go is no refund: nothing was taken.
        assert (charge.captured, charge.refunded, charge.amount_refunded) == (False, False, 0)


@pytest.mark.parametrize("state", ["paid", "cancelled"])
async def test_what_is_over_stays_over(stripe_api: StripeApi, state: str) -> None:
    intent = await stripe_api.held()
    if state == "paid":
        await stripe_api.intents.capture_async(intent.id)
    else:
        await stripe_api.intents.cancel_async(intent.id)
    attempts = [
        stripe_api.intents.cancel_async(intent.id),
        stripe_api.intents.capture_async(intent.id),
        stripe_api.intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"}),
    ]
    for attempt in attempts:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await attempt
        assert refused.value.code == "payment_intent_unexpected_state"


async def test_nothing_can_be_captured_before_it_is_held(stripe_api: StripeApi) -> None:
    intent = await stripe_api.opened()
    with pytest.raises(stripe.InvalidRequestError, match="requires_payment_method"):
        await stripe_api.intents.capture_async(intent.id)


async def test_a_dashboard_payment_needs_a_return_url(stripe_api: StripeApi) -> None:
    intent = await stripe_api.intents.create_async({"amount": 1600, "currency": "cad"})
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        await stripe_api.intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
