"""What a step says when Stripe does not do what it was asked: a name, and whether to try again."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
import stripe
from pydantic import SecretStr

from activities.gateways.stripe import StripeGateway
from activities.payments import PaymentActivities
from activities.refunds import RefundActivities
from services.database import Databases
from services.payments.store import PaymentStore
from services.payments.stripe import StripeSettings, open_stripe
from tests.activities.stripe_builders import (
    CAPTURE,
    ENVIRONMENT,
    PRIVATE,
    REFUND,
    Outside,
    failure_of,
    named,
    run,
)
from tests.devstack.stripe.helpers import until_answer
from tests.servers import free_port
from workflows.purchase.payment_steps import CapturePayment, LookAtPayment
from workflows.refund.steps import RefundPayment

AWAY = ("StripeAway", True)
REFUSED = ("PaymentRefused", False)
STORED = ("AnswerStored", False)


@pytest.fixture
def steps(databases: Databases, gateway: StripeGateway) -> PaymentActivities:
    return PaymentActivities(PaymentStore(), gateway)


@pytest.fixture
async def capture(outside: Outside) -> CapturePayment:
    """A request that would succeed."""
    order = str(uuid4())
    return CapturePayment(order_id=order, payment_intent_id=await outside.held(order), amount=11300)


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, REFUSED),
        (401, AWAY),
        (402, REFUSED),
        (403, AWAY),
        (404, REFUSED),
        (409, AWAY),
        (429, AWAY),
        (500, AWAY),
        (502, AWAY),
        (503, AWAY),
    ],
)
async def test_an_error_of_stripe_has_a_name_and_nothing_is_captured(
    steps: PaymentActivities,
    outside: Outside,
    capture: CapturePayment,
    status: int,
    name: tuple[str, bool],
) -> None:
    await outside.hooks.fault("error_before", CAPTURE, status=status, message=PRIVATE)
    assert named(await failure_of(steps.capture_payment, capture)) == name
    assert await outside.money(capture.payment_intent_id) == (0, 0, 0)


@pytest.mark.parametrize(
    "kind", ["disconnect_before", "disconnect_after", "timeout_before", "timeout_after"]
)
async def test_a_broken_line_is_an_outage(
    steps: PaymentActivities, outside: Outside, capture: CapturePayment, kind: str
) -> None:
    await outside.hooks.fault(kind, CAPTURE, seconds=0.02)
    assert named(await failure_of(steps.capture_payment, capture)) == AWAY


async def test_a_stored_server_error_is_told_apart_from_a_fresh_one(
    steps: PaymentActivities, outside: Outside, capture: CapturePayment
) -> None:
    await outside.fail(CAPTURE, effect=False)
    names = [named(await failure_of(steps.capture_payment, capture)) for _ in range(3)]
    assert names == [AWAY, STORED, STORED]


async def test_a_stored_refusal_is_a_refusal(
    steps: PaymentActivities, outside: Outside, capture: CapturePayment
) -> None:
    await outside.hooks.fault("error_before", CAPTURE, status=402, code="card_declined")
    names = [named(await failure_of(steps.capture_payment, capture)) for _ in range(2)]
    assert names == [REFUSED, REFUSED]


async def test_a_key_that_is_in_use_is_an_outage(
    steps: PaymentActivities, outside: Outside, capture: CapturePayment
) -> None:
    await outside.hooks.fault("delay", CAPTURE, seconds=3)
    first = asyncio.create_task(run(steps.capture_payment, capture))

    async def on_its_way() -> bool:
        return any("capture" in key for key in await outside.keys())

    await until_answer(on_its_way)
    failure = await failure_of(steps.capture_payment, capture)
    assert named(failure) == AWAY
    assert "409" in failure.message
    await first
    assert len((await outside.account(capture.payment_intent_id))["captures"]) == 1


async def test_a_key_with_other_parameters_is_a_refusal(
    gateway: StripeGateway, outside: Outside
) -> None:
    """Cannot happen while parameters are a function of the key; if it does, repeating is futile."""

    async def create(amount: int) -> object:
        return await gateway.create("order", amount=amount, currency="CAD", attempt=1)

    await create(100)
    failure = await failure_of(create, 200)
    assert named(failure) == REFUSED
    assert failure.message == "Stripe refused: IdempotencyError"


@pytest.mark.parametrize(
    ("key", "seconds", "reached"),
    [("sk_test_x", 0.05, True), ("sk_test_x", 20, False), ("sk_wrong", 20, True)],
    ids=["too slow", "nobody listens", "a wrong key"],
)
async def test_a_stripe_that_cannot_be_asked_is_an_outage(
    databases: Databases, outside: Outside, key: str, seconds: float, reached: bool
) -> None:
    intent_id = await outside.held("order")
    await outside.hooks.fault("timeout_before", CAPTURE, seconds=1)
    base = outside.hooks.url if reached else f"http://127.0.0.1:{free_port()}"
    settings = StripeSettings(secret_key=SecretStr(key), api_base=base)
    async with open_stripe(settings, seconds=seconds) as client:
        gateway = StripeGateway(client, environment=ENVIRONMENT)
        steps = PaymentActivities(PaymentStore(), gateway)
        request = CapturePayment(order_id="order", payment_intent_id=intent_id, amount=11300)
        failure = await failure_of(steps.capture_payment, request)
    assert named(failure) == AWAY
    assert key not in str(failure)


async def test_the_client_never_repeats_a_request_by_itself(
    steps: PaymentActivities, outside: Outside, capture: CapturePayment
) -> None:
    await outside.hooks.fault("disconnect_before", CAPTURE, times=None)
    await failure_of(steps.capture_payment, capture)
    assert sum("capture" in key for key in await outside.keys()) == 1


class TestHistory:
    """No message of Stripe's enters history, neither as a message nor as a cause."""

    @pytest.mark.parametrize("status", [400, 402, 429, 500])
    async def test_knows_codes_only(
        self, steps: PaymentActivities, outside: Outside, capture: CapturePayment, status: int
    ) -> None:
        await outside.hooks.fault(
            "error_before", CAPTURE, status=status, message=PRIVATE, code="a_code", saved=False
        )
        failure = await failure_of(steps.capture_payment, capture)
        assert PRIVATE not in str(failure)
        assert not failure.HasField("cause")

    async def test_knows_no_message_of_a_look_after_a_refusal(
        self, gateway: StripeGateway, outside: Outside
    ) -> None:
        intent_id = await outside.captured("order")
        await outside.hooks.fault("error_before", REFUND, status=400, message=PRIVATE)
        await outside.hooks.post(
            "/faults",
            match={"method": "GET", "path": REFUND},
            kind="error_before",
            status=500,
            message=PRIVATE,
        )
        request = RefundPayment(order_id="order", payment_intent_id=intent_id, amount=11300)
        failure = await failure_of(RefundActivities(gateway).refund_payment, request)
        assert named(failure) == AWAY
        assert PRIVATE not in str(failure)

    async def test_would_know_it_if_the_error_went_through(
        self, stripe_client: stripe.StripeClient, outside: Outside, capture: CapturePayment
    ) -> None:
        """The negative control: the tests above can fail."""
        await outside.hooks.fault("error_before", CAPTURE, status=400, message=PRIVATE)
        with pytest.raises(stripe.InvalidRequestError, match=PRIVATE):
            await stripe_client.v1.payment_intents.capture_async(capture.payment_intent_id)

    async def test_of_a_payment_unknown_to_stripe_is_a_refusal(
        self, steps: PaymentActivities, outside: Outside
    ) -> None:
        request = LookAtPayment(payment_intent_id="pi_nothing")
        step: Callable[[LookAtPayment], Awaitable[object]] = steps.look_at_payment
        assert named(await failure_of(step, request)) == REFUSED
