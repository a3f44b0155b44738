"""The bank asks the buyer first."""

import pytest
import stripe

from tests.devstack.stripe.helpers import Hooks, StripeApi

CHALLENGED = "pm_card_threeDSecure2Required"


@pytest.mark.parametrize("card", [CHALLENGED, "pm_card_authenticationRequired"])
async def test_some_cards_ask_for_authentication(stripe_api: StripeApi, card: str) -> None:
    intent = await stripe_api.held(card=card)
    assert (intent.status, intent.amount_capturable) == ("requires_action", 0)
    assert intent.latest_charge is None
    assert intent.next_action is not None
    assert intent.next_action.type == "use_stripe_sdk"


async def test_a_redirect_is_offered_where_there_is_a_way_back(stripe_api: StripeApi) -> None:
    intent = await stripe_api.opened()
    asked = await stripe_api.intents.confirm_async(
        intent.id, {"payment_method": CHALLENGED, "return_url": "https://example.com/back"}
    )
    assert asked.next_action is not None
    assert asked.next_action.type == "redirect_to_url"
    assert asked.next_action.redirect_to_url is not None
    assert asked.next_action.redirect_to_url.return_url == "https://example.com/back"


async def test_a_passed_challenge_holds_the_money(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.held(card=CHALLENGED)
    await hooks.post(f"/payment_intents/{intent.id}/authenticate", outcome="success")
    held = await simulated.intents.retrieve_async(intent.id)
    assert (held.status, held.next_action) == ("requires_capture", None)
    charge = await simulated.charge_of(held)
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    secure = charge.payment_method_details.card.three_d_secure
    assert secure is not None
    assert secure.result == "authenticated"


async def test_a_failed_challenge_leaves_the_buyer_to_try_again(
    simulated: StripeApi, hooks: Hooks
) -> None:
    intent = await simulated.held(card=CHALLENGED)
    await hooks.post(f"/payment_intents/{intent.id}/authenticate", outcome="failure")
    failed = await simulated.intents.retrieve_async(intent.id)
    assert (failed.status, failed.latest_charge) == ("requires_payment_method", None)
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    assert "payment_intent.payment_failed" in await simulated.told_about(intent.id)
    again = await simulated.intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert again.status == "requires_capture"


async def test_a_card_can_be_declined_after_the_challenge(
    simulated: StripeApi, hooks: Hooks
) -> None:
    intent = await simulated.held(card="pm_card_threeDSecureRequiredChargeDeclined")
    await hooks.post(f"/payment_intents/{intent.id}/authenticate", outcome="success")
    declined = await simulated.intents.retrieve_async(intent.id)
    assert declined.status == "requires_payment_method"
    assert declined.last_payment_error is not None
    assert declined.last_payment_error.code == "card_declined"


async def test_an_old_challenge_cannot_pay_a_new_amount(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.held(card=CHALLENGED)
    await simulated.intents.update_async(intent.id, {"amount": 1808})
    response = await hooks.http.post(
        f"/_sim/payment_intents/{intent.id}/authenticate", json={"outcome": "success"}
    )
    assert response.status_code == 400


async def test_nobody_answers_a_challenge_off_session(stripe_api: StripeApi) -> None:
    with pytest.raises(stripe.CardError) as declined:
        await stripe_api.held(card="pm_card_authenticationRequired", off_session=True)
    assert declined.value.code == "authentication_required"


async def test_a_person_decides_on_the_page(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.opened()
    asked = await simulated.intents.confirm_async(
        intent.id, {"payment_method": CHALLENGED, "return_url": "http://127.0.0.1:8000/back?a=1"}
    )
    assert asked.next_action is not None
    assert asked.next_action.redirect_to_url is not None
    page = str(asked.next_action.redirect_to_url.url)
    assert "Complete" in (await hooks.http.get(page)).text
    answer = await hooks.http.post(page, data={"outcome": "success"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(
        "http://127.0.0.1:8000/back?a=1&payment_intent=pi_"
    )
    assert (await simulated.intents.retrieve_async(intent.id)).status == "requires_capture"
