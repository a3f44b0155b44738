"""What a test can break, and that the rest goes on."""

import asyncio
import time
from typing import Any

import pytest
import stripe

from tests.devstack.stripe.helpers import Hooks, StripeApi, a_client

CAPTURES = "/v1/payment_intents/*/capture"


async def test_an_error_before_the_effect_changes_nothing(
    simulated: StripeApi, hooks: Hooks
) -> None:
    intent = await simulated.held()
    await hooks.fault("error_before", CAPTURES, status=503)
    with pytest.raises(stripe.APIError):
        await simulated.intents.capture_async(intent.id)
    assert (await simulated.intents.retrieve_async(intent.id)).status == "requires_capture"
    # The rule was for one request.
    assert (await simulated.intents.capture_async(intent.id)).status == "succeeded"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 429}, stripe.RateLimitError),
        ({"status": 402, "code": "card_declined", "decline_code": "lost_card"}, stripe.CardError),
        ({"status": 500}, stripe.APIError),
    ],
)
async def test_a_planted_error_looks_like_stripes(
    simulated: StripeApi, hooks: Hooks, fault: dict[str, Any], error: type[Exception]
) -> None:
    await hooks.fault("error_before", "/v1/payment_intents", **fault)
    with pytest.raises(error):
        await simulated.opened()


@pytest.mark.parametrize("kind", ["disconnect_after", "timeout_after"])
async def test_a_lost_answer_is_found_with_the_same_key(
    simulated: StripeApi, hooks: Hooks, kind: str
) -> None:
    intent = await simulated.held()
    await hooks.fault(kind, CAPTURES, seconds=0.02)
    options: Any = {"idempotency_key": "capture-1"}
    with pytest.raises(stripe.APIConnectionError):
        await simulated.intents.capture_async(intent.id, {}, options)
    assert (await simulated.intents.capture_async(intent.id, {}, options)).status == "succeeded"
    account = (await hooks.get("/ledger"))["payment_intents"][intent.id]
    assert len(account["captures"]) == 1


async def test_a_timeout_before_the_effect_changes_nothing(
    simulated: StripeApi, hooks: Hooks
) -> None:
    intent = await simulated.held()
    await hooks.fault("timeout_before", CAPTURES, seconds=0.02)
    with pytest.raises(stripe.APIConnectionError):
        await simulated.intents.capture_async(intent.id)
    assert (await simulated.intents.retrieve_async(intent.id)).status == "requires_capture"


async def test_a_hanging_request_holds_up_nobody_else(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.held()
    await hooks.fault("timeout_before", CAPTURES)
    hanging = asyncio.create_task(simulated.intents.capture_async(intent.id))
    await asyncio.sleep(0.02)
    started = time.monotonic()
    await simulated.opened()
    assert time.monotonic() - started < 1
    hanging.cancel()
    await asyncio.wait([hanging])


async def test_the_sdk_survives_a_broken_line(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.held()
    await hooks.fault("disconnect_after", CAPTURES)
    async with a_client("sk_test_x", hooks.url, retries=1) as patient:
        paid = await patient.v1.payment_intents.capture_async(intent.id)
    assert paid.status == "succeeded"


async def test_faults_are_listed_and_cleared(simulated: StripeApi, hooks: Hooks) -> None:
    await hooks.fault("error_before", "^/v1/.*", times=None)
    assert [fault["times"] for fault in await hooks.get("/faults")] == [None]
    await hooks.http.delete("/_sim/faults")
    assert await hooks.get("/faults") == []
    assert (await simulated.opened()).amount == 1600


async def test_a_senseless_fault_is_refused(hooks: Hooks) -> None:
    response = await hooks.http.post("/_sim/faults", json={"kind": "earthquake"})
    assert response.status_code == 400


async def test_a_reset_forgets_everything(simulated: StripeApi, hooks: Hooks) -> None:
    await simulated.paid()
    await hooks.post("/clock", offset_seconds=500)
    await hooks.post("/reset")
    assert (await simulated.intents.list_async()).data == []
    assert (await hooks.get("/clock"))["offset_seconds"] == 0
    assert (await hooks.get("/ledger"))["payment_intents"] == {}


async def test_the_page_shows_what_happened(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.paid()
    page = await hooks.http.get("/")
    assert intent.id in page.text
    assert "payment_intent.succeeded" in page.text
    assert (await hooks.http.get("/healthz")).json() == {"status": "ok"}


async def test_a_browser_of_another_origin_may_ask(simulated: StripeApi, hooks: Hooks) -> None:
    intent = await simulated.opened()
    asked = {
        "Origin": "http://localhost:5173",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,stripe-version",
    }
    preflight = await hooks.http.options(f"/v1/payment_intents/{intent.id}/confirm", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
