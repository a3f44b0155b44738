"""What is refused before anything happens, and how lists are read."""

from typing import Any
from uuid import uuid4

import pytest
import stripe

from devstack.simulators.stripe.operations import OPERATIONS, Operation
from tests.devstack.stripe.helpers import Hooks, StripeApi, a_client

BAD_PARAMETERS: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "unknown": ({"amout": 5}, "parameter_unknown", "amout"),
    "not a number": ({"amount": "ten"}, "parameter_invalid_integer", "amount"),
    "negative": ({"amount": -1}, "parameter_invalid_integer", "amount"),
    "too small": ({"amount": 1}, "amount_too_small", "amount"),
    "too large": ({"amount": 100_000_000}, "amount_too_large", "amount"),
    "no longer known": (
        {"payment_method_types": ["card"]},
        "payment_method_types_no_longer_supported",
        "payment_method_types",
    ),
    "no such currency": ({"currency": "xxq"}, None, "currency"),
    "no such method": ({"payment_method": "pm_nope"}, "resource_missing", "payment_method"),
}


@pytest.mark.parametrize("case", BAD_PARAMETERS)
async def test_a_bad_parameter_is_named(stripe_api: StripeApi, case: str) -> None:
    bad, code, param = BAD_PARAMETERS[case]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_api.opened(**bad)
    assert refused.value.param == param
    if code is not None:
        assert refused.value.code == code


@pytest.mark.parametrize("name", ["amount", "currency"])
async def test_a_missing_parameter_is_named(stripe_api: StripeApi, name: str) -> None:
    params: Any = {"amount": 1600, "currency": "cad"}
    del params[name]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_api.intents.create_async(params)
    assert (refused.value.code, refused.value.param) == ("parameter_missing", name)


async def test_what_does_not_exist_is_404(stripe_api: StripeApi) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_api.intents.retrieve_async("pi_nope")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


async def test_an_unknown_expansion_is_refused(stripe_api: StripeApi) -> None:
    intent = await stripe_api.opened()
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        await stripe_api.intents.retrieve_async(intent.id, {"expand": ["amount"]})


async def test_lists_are_read_page_by_page(stripe_api: StripeApi) -> None:
    made = [(await stripe_api.opened()).id for _ in range(3)][::-1]
    first = await stripe_api.intents.list_async({"limit": 2})
    assert [intent.id for intent in first.data] == made[:2]
    assert first.has_more
    second = await stripe_api.intents.list_async({"limit": 1, "starting_after": made[1]})
    assert [intent.id for intent in second.data] == made[2:]
    back = await stripe_api.intents.list_async({"limit": 1, "ending_before": made[2]})
    assert [intent.id for intent in back.data] == [made[1]]


async def test_events_are_read_by_type_and_time(stripe_api: StripeApi) -> None:
    intent = await stripe_api.opened()
    await stripe_api.intents.cancel_async(intent.id)
    page = await stripe_api.server.v1.events.list_async(
        {
            "types": ["payment_intent.created", "payment_intent.canceled"],
            "created": {"gte": intent.created},
            "limit": 2,
        }
    )
    assert [event.type for event in page.data] == [
        "payment_intent.canceled",
        "payment_intent.created",
    ]
    newest = page.data[0]
    assert newest.data.object["status"] == "canceled"
    # The snapshot is of its moment, not of now.
    assert page.data[1].data.object["status"] == "requires_payment_method"
    again = await stripe_api.server.v1.events.retrieve_async(newest.id)
    assert again.data.object["id"] == intent.id
    older = await stripe_api.server.v1.events.list_async(
        {"type": "payment_intent.*", "starting_after": newest.id, "limit": 1}
    )
    assert older.data[0].type == "payment_intent.created"


async def test_an_event_says_which_request_made_it(stripe_api: StripeApi) -> None:
    key = uuid4().hex
    intent = await stripe_api.intents.create_async(
        {"amount": 1600, "currency": "cad", "allowed_payment_method_types": ["card"]},
        {"idempotency_key": key},
    )
    page = await stripe_api.server.v1.events.list_async({"type": "payment_intent.created"})
    event = next(event for event in page.data if event.data.object["id"] == intent.id)
    assert event.request is not None
    assert intent.last_response is not None
    assert event.request.id == intent.last_response.request_id
    assert event.request.idempotency_key == key


async def test_an_answer_names_its_request_and_version(stripe_api: StripeApi) -> None:
    intent = await stripe_api.opened()
    assert intent.last_response is not None
    headers: Any = intent.last_response.headers
    assert headers["request-id"].startswith("req_")
    assert headers["stripe-version"] == stripe.api_version


@pytest.mark.parametrize("key", ["sk_live_x", "nonsense"])
async def test_other_keys_are_refused(hooks: Hooks, key: str) -> None:
    async with a_client(key, hooks.url) as client:
        with pytest.raises(stripe.AuthenticationError):
            await client.v1.payment_intents.list_async()


async def test_a_browser_confirms_with_the_client_secret(stripe_api: StripeApi) -> None:
    if stripe_api.browser is None:
        pytest.skip("set STRIPE_PUBLISHABLE_KEY=pk_test_… too")
    browser, intent = stripe_api.browser.v1.payment_intents, await stripe_api.opened()
    secret = {"client_secret": str(intent.client_secret)}
    confirming: Any = {**secret, "payment_method": "pm_card_visa"}
    confirmed = await browser.confirm_async(intent.id, confirming)
    assert confirmed.status == "requires_capture"
    seen = await browser.retrieve_async(intent.id, {"client_secret": secret["client_secret"]})
    assert seen.amount == 1600
    # A browser is not shown what is between the server and Stripe.
    assert "metadata" not in seen
    assert "latest_charge" not in seen


async def test_a_browser_may_do_nothing_else(stripe_api: StripeApi) -> None:
    if stripe_api.browser is None:
        pytest.skip("set STRIPE_PUBLISHABLE_KEY=pk_test_… too")
    browser, intent = stripe_api.browser.v1, await stripe_api.held()
    attempts = [
        browser.payment_intents.capture_async(intent.id),
        browser.payment_intents.cancel_async(intent.id),
        browser.payment_intents.create_async({"amount": 1600, "currency": "cad"}),
        browser.payment_intents.list_async(),
        browser.payment_intents.retrieve_async(intent.id),
        browser.refunds.create_async({"payment_intent": intent.id}),
        browser.events.list_async(),
    ]
    for attempt in attempts:
        with pytest.raises((stripe.PermissionError, stripe.AuthenticationError)):
            await attempt
    with pytest.raises(stripe.InvalidRequestError):
        await browser.payment_intents.retrieve_async(
            intent.id, {"client_secret": f"{intent.id}_secret_guess"}
        )


@pytest.mark.parametrize(
    "operation",
    [each for each in OPERATIONS if not each.browser],
    ids=lambda each: each.run.__name__,
)
async def test_an_operation_for_servers_knows_no_publishable_key(
    simulated: StripeApi, hooks: Hooks, operation: Operation
) -> None:
    intent = await simulated.held()
    path = operation.path.replace("{id}", intent.id)
    answer = await hooks.http.request(
        operation.method,
        f"/v1/{path}?client_secret={intent.client_secret}",
        headers={"Authorization": "Bearer pk_test_tickets"},
    )
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "secret_key_required"


async def test_a_browser_does_not_decide_how_a_payment_is_taken(simulated: StripeApi) -> None:
    assert simulated.browser is not None
    intent = await simulated.opened()
    confirming: Any = {
        "client_secret": intent.client_secret,
        "payment_method": "pm_card_visa",
        "capture_method": "automatic",
    }
    with pytest.raises(stripe.PermissionError):
        await simulated.browser.v1.payment_intents.confirm_async(intent.id, confirming)
    del confirming["client_secret"]
    await simulated.intents.confirm_async(intent.id, confirming)
    assert (await simulated.intents.retrieve_async(intent.id)).status == "succeeded"


async def test_a_browser_makes_a_card_of_a_test_number(simulated: StripeApi) -> None:
    assert simulated.browser is not None
    card: Any = {"number": "4000 0000 0000 9995", "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    method = await simulated.browser.v1.payment_methods.create_async({"type": "card", "card": card})
    assert method.card is not None
    assert method.card.last4 == "9995"
    intent = await simulated.opened()
    with pytest.raises(stripe.CardError, match="insufficient funds"):
        await simulated.intents.confirm_async(intent.id, {"payment_method": method.id})


async def test_a_real_card_number_is_refused(simulated: StripeApi) -> None:
    card: Any = {"number": "4111111111111111", "exp_month": 12, "exp_year": 2034}
    with pytest.raises(stripe.CardError) as refused:
        await simulated.server.v1.payment_methods.create_async({"type": "card", "card": card})
    assert refused.value.code == "incorrect_number"
