"""The Stripe side of a refund, against Stripe's simulator."""

from uuid import uuid4

import pytest

from activities.gateways.stripe import StripeGateway
from activities.refunds import RefundActivities
from tests.activities.stripe_builders import REFUND, Outside, failure_of, named, run
from workflows.refund.messages import RefundStatus
from workflows.refund.steps import LookAtRefund, RefundPayment, RefundSeen

TOTAL = 11300
AWAY, REFUSED, STORED = (("StripeAway", True), ("PaymentRefused", False), ("AnswerStored", False))


@pytest.fixture
def steps(gateway: StripeGateway) -> RefundActivities:
    return RefundActivities(gateway)


@pytest.fixture
async def paid(outside: Outside) -> RefundPayment:
    """The refund of an order that was paid."""
    order = str(uuid4())
    intent_id = await outside.captured(order, TOTAL)
    return RefundPayment(order_id=order, payment_intent_id=intent_id, amount=TOTAL)


def later(request: RefundPayment) -> RefundPayment:
    """The same refund with the next key."""
    return request.model_copy(update={"attempt": request.attempt + 1})


async def refunds(outside: Outside, request: RefundPayment) -> list[int]:
    """Amounts that went back, in the simulator's books."""
    account = await outside.account(request.payment_intent_id)
    return [move["amount"] for move in account["refunds"]]


async def test_a_refund_gives_everything_back(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    seen = await run(steps.refund_payment, paid)
    assert (seen.status, seen.failure) == (RefundStatus.SUCCEEDED, None)
    assert await refunds(outside, paid) == [TOTAL]
    refund = await outside.client.v1.refunds.retrieve_async(seen.refund_id)
    assert refund.metadata is not None
    assert refund.metadata.to_dict() == {"order_id": paid.order_id, "environment": "test"}
    assert f"te:test:{paid.order_id}:refund:1" in await outside.keys()


async def test_a_refund_is_made_once_however_often_the_step_runs(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    seen = [await run(steps.refund_payment, request) for request in (paid, paid, later(paid))]
    assert seen == seen[:1] * 3
    assert await refunds(outside, paid) == [TOTAL]
    keys = [key for key in await outside.keys() if key.startswith("te:")]
    assert keys == [f"te:test:{paid.order_id}:refund:1"] * 2, "a later attempt looks first"


@pytest.mark.parametrize("effect", [True, False], ids=["refunded", "not refunded"])
async def test_a_stored_server_error_is_looked_behind(
    steps: RefundActivities, outside: Outside, paid: RefundPayment, effect: bool
) -> None:
    await outside.fail(REFUND, effect=effect)
    assert named(await failure_of(steps.refund_payment, paid)) == AWAY
    assert named(await failure_of(steps.refund_payment, paid)) == STORED
    seen = await run(steps.refund_payment, later(paid))
    assert seen.status is RefundStatus.SUCCEEDED
    assert await refunds(outside, paid) == [TOTAL]


@pytest.mark.parametrize("kind", ["disconnect_after", "timeout_after"])
async def test_a_lost_answer_is_found_with_the_same_key(
    steps: RefundActivities, outside: Outside, paid: RefundPayment, kind: str
) -> None:
    await outside.hooks.fault(kind, REFUND, seconds=0.02)
    assert named(await failure_of(steps.refund_payment, paid)) == AWAY
    await run(steps.refund_payment, paid)
    assert await refunds(outside, paid) == [TOTAL]


async def test_a_refund_that_the_bank_takes_its_time_for_is_seen_to_its_end(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    await outside.hooks.post("/refund_mode", status="pending")
    seen = await run(steps.refund_payment, paid)
    assert seen.status is RefundStatus.PENDING
    look = LookAtRefund(refund_id=seen.refund_id)
    assert await run(steps.look_at_refund, look) == seen

    await outside.hooks.post(f"/refunds/{seen.refund_id}", status="succeeded")
    assert await run(steps.look_at_refund, look) == RefundSeen(
        refund_id=seen.refund_id, status=RefundStatus.SUCCEEDED
    )


async def test_a_refund_that_needs_somebody_is_still_pending(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    await outside.hooks.post("/refund_mode", status="requires_action")
    assert (await run(steps.refund_payment, paid)).status is RefundStatus.PENDING


async def test_a_refund_that_fails_later_says_why(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    await outside.hooks.post("/refund_mode", status="pending")
    seen = await run(steps.refund_payment, paid)
    await outside.hooks.post(
        f"/refunds/{seen.refund_id}", status="failed", failure_reason="lost_or_stolen_card"
    )
    assert await run(steps.look_at_refund, LookAtRefund(refund_id=seen.refund_id)) == RefundSeen(
        refund_id=seen.refund_id, status=RefundStatus.FAILED, failure="lost_or_stolen_card"
    )


async def test_a_refund_that_fails_at_once_says_why(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    await outside.hooks.post("/refund_mode", status="failed")
    seen = await run(steps.refund_payment, paid)
    assert (seen.status, seen.failure) == (RefundStatus.FAILED, "unknown")


async def test_a_later_attempt_does_not_take_a_failed_refund_for_money_returned(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    await outside.hooks.post("/refund_mode", status="failed")
    failed = await run(steps.refund_payment, paid)
    await outside.hooks.post("/refund_mode", status=None)
    seen = await run(steps.refund_payment, later(paid))
    assert seen.status is RefundStatus.SUCCEEDED
    assert seen.refund_id != failed.refund_id
    assert await refunds(outside, paid) == [TOTAL]


async def test_a_refund_made_in_the_dashboard_is_adopted(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    theirs = await outside.refund(paid.payment_intent_id)
    seen = await run(steps.refund_payment, paid)
    assert seen == RefundSeen(refund_id=theirs.id, status=RefundStatus.SUCCEEDED)
    assert await refunds(outside, paid) == [TOTAL]


async def test_parts_that_make_up_the_whole_are_adopted_and_the_bank_decides_for_all(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    await outside.hooks.post("/refund_mode", status="pending")
    slow = await outside.refund(paid.payment_intent_id, 300)
    await outside.hooks.post("/refund_mode", status=None)
    await outside.refund(paid.payment_intent_id)
    seen = await run(steps.refund_payment, paid)
    assert seen == RefundSeen(refund_id=slow.id, status=RefundStatus.PENDING)
    assert sum(await refunds(outside, paid)) == TOTAL


async def test_a_later_turn_looks_first_then_refunds_with_a_key_of_its_own(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    await outside.hooks.post("/refund_mode", status="failed")
    await run(steps.refund_payment, paid)
    await outside.hooks.post("/refund_mode", status=None)
    second = paid.model_copy(update={"turn": 2})
    third = paid.model_copy(update={"turn": 3})
    seen = [await run(steps.refund_payment, turn) for turn in (second, second, third)]
    assert seen[0].status is RefundStatus.SUCCEEDED
    assert seen == seen[:1] * 3
    assert await refunds(outside, paid) == [TOTAL]
    keys = [key for key in await outside.keys() if key.startswith("te:")]
    assert keys == [f"te:test:{paid.order_id}:{name}:1" for name in ("refund", "refund-2")]


async def test_a_later_turn_finds_the_refund_that_did_succeed_meanwhile(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    theirs = await outside.refund(paid.payment_intent_id)
    seen = await run(steps.refund_payment, paid.model_copy(update={"turn": 2}))
    assert seen == RefundSeen(refund_id=theirs.id, status=RefundStatus.SUCCEEDED)
    assert await refunds(outside, paid) == [TOTAL]


async def test_a_refund_that_stripe_does_not_know_has_failed(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    look = LookAtRefund(
        refund_id="re_unknown", payment_intent_id=paid.payment_intent_id, amount=TOTAL
    )
    for request in (look, LookAtRefund(refund_id="re_unknown")):
        assert await run(steps.look_at_refund, request) == RefundSeen(
            refund_id="re_unknown", status=RefundStatus.FAILED, failure="no_such_refund"
        )
    nameless = look.model_copy(update={"refund_id": ""})
    assert (await run(steps.look_at_refund, nameless)).status is RefundStatus.FAILED


async def test_a_look_at_a_refund_that_failed_finds_the_one_that_took_its_place(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    await outside.hooks.post("/refund_mode", status="failed")
    failed = await run(steps.refund_payment, paid)
    look = LookAtRefund(
        refund_id=failed.refund_id, payment_intent_id=paid.payment_intent_id, amount=TOTAL
    )
    assert await run(steps.look_at_refund, look) == failed

    await outside.hooks.post("/refund_mode", status=None)
    theirs = await outside.refund(paid.payment_intent_id)
    assert await run(steps.look_at_refund, look) == RefundSeen(
        refund_id=theirs.id, status=RefundStatus.SUCCEEDED
    )


async def test_money_that_the_bank_has_taken_back_is_not_refunded(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    await outside.hooks.post("/disputes", payment_intent=paid.payment_intent_id)
    assert named(await failure_of(steps.refund_payment, paid)) == REFUSED
    assert await refunds(outside, paid) == []


async def test_a_part_refunded_in_the_dashboard_is_for_a_person_to_see(
    steps: RefundActivities, outside: Outside, paid: RefundPayment
) -> None:
    await outside.refund(paid.payment_intent_id, 300)
    assert named(await failure_of(steps.refund_payment, paid)) == REFUSED
    assert await refunds(outside, paid) == [300]


async def test_money_that_was_never_captured_is_not_refunded(
    steps: RefundActivities, outside: Outside
) -> None:
    held = await outside.held("order", TOTAL)
    request = RefundPayment(order_id="order", payment_intent_id=held, amount=TOTAL)
    assert named(await failure_of(steps.refund_payment, request)) == REFUSED


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_stripe_that_is_away_is_asked_again(
    steps: RefundActivities, outside: Outside, paid: RefundPayment, status: int
) -> None:
    await outside.hooks.fault("error_before", REFUND, status=status, saved=False)
    assert named(await failure_of(steps.refund_payment, paid)) == AWAY
    assert (await run(steps.refund_payment, paid)).status is RefundStatus.SUCCEEDED
