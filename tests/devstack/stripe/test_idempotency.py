"""One key, one effect, one answer."""

import asyncio
from uuid import uuid4

import pytest
import stripe

from tests.devstack.stripe.helpers import Hooks, StripeApi

CAPTURES = "/v1/payment_intents/*/capture"


def replayed(answer: stripe.StripeObject) -> bool:
    response = answer.last_response
    assert response is not None
    headers: dict[str, str] = dict(response.headers or {})
    return headers.get("idempotent-replayed") == "true"


async def captured(api: StripeApi, intent: stripe.PaymentIntent, key: str) -> stripe.PaymentIntent:
    return await api.intents.capture_async(intent.id, {}, {"idempotency_key": key})


async def test_the_same_request_gets_the_same_answer(stripe_api: StripeApi) -> None:
    intent, key = await stripe_api.held(), uuid4().hex
    first = await captured(stripe_api, intent, key)
    second = await captured(stripe_api, intent, key)
    assert (replayed(first), replayed(second)) == (False, True)
    assert first.last_response is not None
    assert second.last_response is not None
    assert first.last_response.body == second.last_response.body


async def test_a_decline_is_replayed_too(stripe_api: StripeApi) -> None:
    intent, key = await stripe_api.opened(), uuid4().hex
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            await stripe_api.intents.confirm_async(
                intent.id, {"payment_method": "pm_card_chargeDeclined"}, {"idempotency_key": key}
            )
    charges = await stripe_api.server.v1.charges.list_async({"payment_intent": intent.id})
    assert len(charges.data) == 1


async def test_a_key_belongs_to_its_parameters(stripe_api: StripeApi) -> None:
    intent, key = await stripe_api.held(), uuid4().hex
    await captured(stripe_api, intent, key)
    with pytest.raises(stripe.IdempotencyError) as refused:
        await stripe_api.intents.capture_async(
            intent.id, {"amount_to_capture": 1000}, {"idempotency_key": key}
        )
    assert refused.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        await stripe_api.intents.cancel_async(intent.id, {}, {"idempotency_key": key})


async def test_a_refused_parameter_leaves_the_key_free(stripe_api: StripeApi) -> None:
    key = uuid4().hex
    with pytest.raises(stripe.InvalidRequestError):
        await stripe_api.intents.create_async(
            {"amount": 1, "currency": "cad"}, {"idempotency_key": key}
        )
    made = await stripe_api.intents.create_async(
        {"amount": 1600, "currency": "cad"}, {"idempotency_key": key}
    )
    assert made.amount == 1600


async def test_a_server_error_is_replayed_although_it_had_its_effect(
    simulated: StripeApi, hooks: Hooks
) -> None:
    intent = await simulated.held()
    await hooks.fault("error_after", CAPTURES)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as broken:
            await captured(simulated, intent, "capture-1")
        assert broken.value.http_status == 500
    assert (await simulated.intents.retrieve_async(intent.id)).status == "succeeded"
    log = [entry for entry in await hooks.get("/requests") if entry["idempotency_key"]]
    assert [entry["replayed"] for entry in log[-2:]] == [False, True]


async def test_a_second_request_while_the_first_runs_is_refused(
    simulated: StripeApi, hooks: Hooks
) -> None:
    intent = await simulated.held()
    await hooks.fault("delay", CAPTURES, seconds=2)
    answers = await asyncio.gather(
        *(captured(simulated, intent, "capture-1") for _ in range(2)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, stripe.StripeError)]
    assert len(refused) == 1
    assert refused[0].http_status == 409
    assert "idempotency_key_in_use" in str(refused[0].http_body)
    assert replayed(await captured(simulated, intent, "capture-1"))


async def test_a_key_is_forgotten_after_a_day(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.held()
    await captured(simulated, intent, "capture-1")
    await hooks.post("/clock", advance_seconds=23 * 3600)
    assert replayed(await captured(simulated, intent, "capture-1"))
    await hooks.post("/clock", advance_seconds=3601)
    with pytest.raises(stripe.InvalidRequestError, match="already been captured"):
        await captured(simulated, intent, "capture-1")


@pytest.mark.parametrize("keys", ["one key", "many keys"])
async def test_captures_at_once_capture_once(simulated: StripeApi, hooks: Hooks, keys: str) -> None:
    intent = await simulated.held()
    answers = await asyncio.gather(
        *(captured(simulated, intent, "k" if keys == "one key" else f"k{n}") for n in range(8)),
        return_exceptions=True,
    )
    assert any(isinstance(answer, stripe.PaymentIntent) for answer in answers)
    account = (await hooks.get("/ledger"))["payment_intents"][intent.id]
    assert (account["captured"], len(account["captures"])) == (1600, 1)
