"""A refund that failed: what it tells a person, what that person can do, and what Stripe still can.

Only the tests that wait for an outcome let the clock skip: one that waits for a person would skip
for ever.
"""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from tests.fakes import outage, refusal
from tests.workflows.refunds import BECAUSE, RefundHandle, ask_for_a_refund, when_it_waits
from tests.workflows.stage import Stage
from workflows.mail_steps import MailReason
from workflows.messages import Steering
from workflows.refund.messages import RefundState, RefundStatus
from workflows.refund.workflow import RefundWorkflow
from workflows.search_attributes import ORDER_STATUS

HALF_A_DAY = timedelta(hours=12)


async def refused(handle: RefundHandle, update: str, steering: object = BECAUSE) -> str:
    """The sentence with which an update is refused."""
    with pytest.raises(WorkflowUpdateFailedError) as raised:
        await handle.execute_update(update, steering)
    cause = raised.value.cause
    assert isinstance(cause, ApplicationError)
    return cause.message


async def listed_as(handle: RefundHandle) -> str | None:
    """What an operator's list shows."""
    return (await handle.describe()).typed_search_attributes.get(ORDER_STATUS)


async def test_a_failed_refund_is_shown_and_waits_for_a_person(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.FAILED]
    asked = await ask_for_a_refund(stage)

    assert await when_it_waits(asked.handle) == RefundState(
        status=RefundStatus.FAILED, waits_for_person=True
    )
    assert stage.orders.status[asked.order_id] == "refunding"
    assert stage.orders.timeline == ["refund failed"]
    assert stage.tickets.sold_to["ticket"] == asked.order_id
    assert stage.post.sent == []
    assert await listed_as(asked.handle) == "refund_failed"


@pytest.mark.parametrize(
    ("refused", "failure"),
    [(refusal(), "PaymentRefused"), (refusal("charge_disputed"), "charge_disputed")],
)
async def test_a_refund_that_stripe_refuses_is_a_failed_refund(
    stage: Stage, refused: ApplicationError, failure: str
) -> None:
    stage.script.faults["refund_payment"] = [refused]
    handle = (await ask_for_a_refund(stage)).handle

    state = await when_it_waits(handle)
    assert (state.status, state.failure) == (RefundStatus.FAILED, failure)


async def test_a_pending_refund_that_stripe_no_longer_knows_has_failed(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.PENDING]
    stage.script.faults["look_at_refund"] = [refusal()]
    handle = (await ask_for_a_refund(stage)).handle
    await handle.signal(RefundWorkflow.refund_settled)

    assert (await when_it_waits(handle)).status is RefundStatus.FAILED
    assert stage.orders.timeline == ["refund pending", "refund failed"]


async def test_a_person_tries_again_and_it_succeeds(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.FAILED, RefundStatus.SUCCEEDED]
    asked = await ask_for_a_refund(stage)
    await when_it_waits(asked.handle)
    await asked.handle.execute_update(RefundWorkflow.refund, BECAUSE)
    outcome = await stage.outcome(asked.handle)

    assert outcome.status is RefundStatus.SUCCEEDED
    assert stage.stripe.turns == [1, 2], "each turn has keys of its own"
    assert stage.orders.said == [(None, None), (BECAUSE.actor, BECAUSE.why)]
    assert stage.orders.status[asked.order_id] == "refunded"
    assert stage.tickets.held_by == {}
    assert stage.post.sent == [MailReason.REFUNDED]
    assert await listed_as(asked.handle) == "refunded"
    state = await asked.handle.query(RefundWorkflow.state)
    assert state == RefundState(status=RefundStatus.SUCCEEDED, attempt=2)


async def test_a_second_try_that_fails_waits_again(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.FAILED]
    stage.script.faults["refund_payment"] = [refusal()]
    handle = (await ask_for_a_refund(stage)).handle
    await when_it_waits(handle)
    await handle.execute_update(RefundWorkflow.refund, BECAUSE)

    state = await when_it_waits(handle)
    assert (state.attempt, state.status) == (2, RefundStatus.FAILED)
    assert stage.orders.timeline == ["refund failed", "refund failed"]
    assert stage.stripe.turns == [1, 2]


async def test_a_second_try_may_take_its_time(stage: Stage) -> None:
    stage.stripe.refund_answers = [
        RefundStatus.FAILED,
        RefundStatus.PENDING,
        RefundStatus.PENDING,
        RefundStatus.SUCCEEDED,
    ]
    asked = await ask_for_a_refund(stage)
    await when_it_waits(asked.handle)
    await asked.handle.execute_update(RefundWorkflow.refund, BECAUSE)

    assert (await stage.outcome(asked.handle)).status is RefundStatus.SUCCEEDED
    assert stage.calls.count("look_at_refund") == 2, "and is looked at only when its time comes"


async def test_a_person_settles_it_by_other_means(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.FAILED]
    asked = await ask_for_a_refund(stage)
    await when_it_waits(asked.handle)
    await asked.handle.execute_update(RefundWorkflow.settle, BECAUSE)

    assert stage.orders.status[asked.order_id] == "refunded", "when it answers it is done"
    assert (await stage.outcome(asked.handle)).status is RefundStatus.SETTLED
    assert stage.orders.timeline == ["refund failed", "refund settled"]
    assert stage.orders.said[-1] == (BECAUSE.actor, BECAUSE.why)
    assert stage.tickets.held_by == {}
    assert stage.post.sent == [MailReason.REFUNDED]
    assert stage.stripe.turns == [1], "Stripe is not asked again"
    assert await listed_as(asked.handle) == "refunded"


async def test_nobody_acts_on_a_refund_that_goes_on_by_itself(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.PENDING]
    handle = (await ask_for_a_refund(stage)).handle

    for update in ("refund", "settle"):
        assert "does not wait for a person" in await refused(handle, update)
    assert stage.stripe.turns == [1]


@pytest.mark.parametrize("update", ["refund", "settle"])
async def test_nobody_acts_without_saying_who_and_why(stage: Stage, update: str) -> None:
    stage.stripe.refund_answers = [RefundStatus.FAILED]
    handle = (await ask_for_a_refund(stage)).handle
    await when_it_waits(handle)

    assert "why you do this" in await refused(handle, update, Steering(actor="op", why="  "))
    for incomplete in ({}, {"actor": "op"}, {"actor": "", "why": "because"}):
        with pytest.raises(WorkflowUpdateFailedError):
            await handle.execute_update(update, incomplete)
    assert (await when_it_waits(handle)).attempt == 1


async def test_two_people_at_once_refund_once(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.FAILED, RefundStatus.SUCCEEDED]
    handle = (await ask_for_a_refund(stage)).handle
    await when_it_waits(handle)
    answers = await asyncio.gather(
        *(handle.execute_update(RefundWorkflow.refund, BECAUSE) for _ in range(5)),
        return_exceptions=True,
    )
    await stage.outcome(handle)

    assert answers.count(None) == 1
    assert stage.stripe.turns == [1, 2]


async def test_a_disputed_payment_is_not_tried_again_but_can_be_settled(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.FAILED]
    asked = await ask_for_a_refund(stage)
    await when_it_waits(asked.handle)
    stage.orders.disputed = True

    assert "dispute" in await refused(asked.handle, "refund")
    assert (await when_it_waits(asked.handle)).attempt == 1
    assert stage.stripe.turns == [1]
    await asked.handle.execute_update(RefundWorkflow.settle, BECAUSE)
    assert (await stage.outcome(asked.handle)).status is RefundStatus.SETTLED


async def test_stripe_may_change_its_mind_and_tell(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.FAILED, RefundStatus.FAILED, RefundStatus.SUCCEEDED]
    asked = await ask_for_a_refund(stage)
    await when_it_waits(asked.handle)
    await asked.handle.signal(RefundWorkflow.refund_settled)  # nothing new
    await when_it_waits(asked.handle)
    await asked.handle.signal(RefundWorkflow.refund_settled)

    assert (await stage.outcome(asked.handle)).status is RefundStatus.SUCCEEDED
    assert stage.orders.status[asked.order_id] == "refunded"
    assert stage.stripe.turns == [1]


async def test_stripe_may_change_its_mind_without_a_word_also_while_it_is_away(
    stage: Stage,
) -> None:
    stage.stripe.refund_answers = [
        RefundStatus.FAILED,
        RefundStatus.PENDING,
        RefundStatus.SUCCEEDED,
    ]
    stage.script.faults["look_at_refund"] = [outage()]
    begun = await stage.now()
    asked = await ask_for_a_refund(stage)

    assert (await stage.outcome(asked.handle)).status is RefundStatus.SUCCEEDED
    assert await stage.now() - begun >= 2 * HALF_A_DAY, "the look that failed was skipped"
    assert stage.orders.timeline == ["refund failed", "refund pending", "refund succeeded"]
    assert stage.stripe.turns == [1]


async def test_its_words_say_that_a_person_is_needed_and_what_they_can_do(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.FAILED]
    handle = (await ask_for_a_refund(stage)).handle
    await when_it_waits(handle)

    words: str = await handle.query("__temporal_workflow_metadata", result_type=None) or ""
    assert "A person is needed" in str(words)
    for update in ("`refund`", "`settle`"):
        assert update in str(words)
