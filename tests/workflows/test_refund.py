"""What a refund decides by itself. What it leaves to a person: ``test_refund_by_hand``."""

import asyncio

from tests.fakes import outage, stored_answer
from tests.workflows.refunds import ask_again, ask_for_a_refund, when_it_waits
from tests.workflows.stage import Stage
from workflows.mail_steps import MailReason
from workflows.refund.messages import BeginOutcome, RefundState, RefundStatus
from workflows.refund.workflow import RefundWorkflow


async def test_a_refund_gives_the_money_back_then_the_ticket_then_writes(stage: Stage) -> None:
    asked = await ask_for_a_refund(stage)
    outcome = await stage.outcome(asked.handle)

    assert asked.begun is BeginOutcome.BEGUN
    assert outcome.status is RefundStatus.SUCCEEDED
    assert stage.orders.status[asked.order_id] == "refunded"
    assert stage.tickets.held_by == {}
    assert stage.post.sent == [MailReason.REFUNDED]
    assert stage.calls == [
        "begin_refund",
        "refund_payment",
        "note_refund",
        "release_ticket",
        "send_mail",
    ]


async def test_an_order_that_is_not_complete_cannot_be_refunded(stage: Stage) -> None:
    asked = await ask_for_a_refund(stage, status="awaiting_payment")

    assert asked.begun is BeginOutcome.REFUSED
    assert (await stage.outcome(asked.handle)).status is None
    assert stage.orders.status[asked.order_id] == "awaiting_payment"
    assert stage.calls == ["begin_refund"]


async def test_a_pending_refund_keeps_the_ticket_until_stripe_has_said_its_last_word(
    stage: Stage,
) -> None:
    stage.stripe.refund_answers = [
        RefundStatus.PENDING,
        RefundStatus.PENDING,
        RefundStatus.SUCCEEDED,
    ]
    asked = await ask_for_a_refund(stage)
    await stage.outcome(asked.handle)

    assert stage.orders.timeline == ["refund pending", "refund succeeded"]
    assert stage.orders.status[asked.order_id] == "refunded"
    looks_then = [call for call in stage.calls if call in ("look_at_refund", "release_ticket")]
    assert looks_then == ["look_at_refund", "look_at_refund", "release_ticket"]


async def test_news_of_a_pending_refund_is_looked_at_at_once(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.PENDING, RefundStatus.SUCCEEDED]
    handle = (await ask_for_a_refund(stage)).handle
    await handle.signal(RefundWorkflow.refund_settled)
    await stage.outcome(handle)

    history = await handle.fetch_history()
    assert not any(event.HasField("timer_fired_event_attributes") for event in history.events)
    assert stage.calls.count("look_at_refund") == 1


async def test_a_refund_survives_an_outage_and_a_stored_server_error(stage: Stage) -> None:
    stage.script.faults["refund_payment"] = [outage(), outage(), stored_answer()]
    handle = (await ask_for_a_refund(stage)).handle

    assert (await stage.outcome(handle)).status is RefundStatus.SUCCEEDED
    assert stage.stripe.attempts == [1, 1, 1, 2]


async def test_a_refund_says_how_it_stands(stage: Stage) -> None:
    stage.stripe.refund_answers = [RefundStatus.PENDING, RefundStatus.SUCCEEDED]
    handle = (await ask_for_a_refund(stage)).handle
    await handle.signal(RefundWorkflow.refund_settled)
    await stage.outcome(handle)

    state = await handle.query(RefundWorkflow.state)
    assert state == RefundState(status=RefundStatus.SUCCEEDED)


async def test_a_refund_of_a_disputed_payment_does_not_begin(stage: Stage) -> None:
    stage.orders.disputed = True
    asked = await ask_for_a_refund(stage)

    assert asked.begun is BeginOutcome.DISPUTED
    assert (await stage.outcome(asked.handle)).status is None
    assert stage.orders.status[asked.order_id] == "complete"
    assert stage.calls == ["begin_refund"]


async def test_a_refund_made_at_stripe_is_followed_and_none_is_made(stage: Stage) -> None:
    stage.orders.disputed = True  # which cannot keep back what has gone back
    asked = await ask_for_a_refund(stage, adopt="re_9")
    outcome = await stage.outcome(asked.handle)

    assert outcome.status is RefundStatus.SUCCEEDED
    assert stage.orders.status[asked.order_id] == "refunded"
    assert stage.tickets.held_by == {}
    assert stage.post.sent == [MailReason.REFUNDED]
    assert stage.stripe.looked_at == ["re_9"]
    assert "refund_payment" not in stage.calls


async def test_an_adopted_refund_that_comes_to_nothing_makes_no_other_by_itself(
    stage: Stage,
) -> None:
    stage.stripe.refund_answers = [RefundStatus.PENDING, RefundStatus.FAILED]
    asked = await ask_for_a_refund(stage, adopt="re_9")
    await asked.handle.signal(RefundWorkflow.refund_settled)

    assert (await when_it_waits(asked.handle)).status is RefundStatus.FAILED
    assert "refund_payment" not in stage.calls
    assert stage.tickets.sold_to["ticket"] == asked.order_id


async def test_a_refund_that_only_writes_its_mails_does_not_begin_anew(stage: Stage) -> None:
    stage.post.closed = asyncio.Event()
    first = await ask_for_a_refund(stage)
    await stage.post.asked.wait()
    stage.orders.refund_status = "failed"  # the bank was faster than the post
    during = await ask_again(stage, first.order_id)
    stage.post.closed.set()
    await stage.outcome(first.handle)
    after = await ask_again(stage, first.order_id)

    assert during.begun is BeginOutcome.REFUSED
    assert after.begun is BeginOutcome.BEGUN


async def test_a_refund_that_was_lost_after_it_succeeded_can_be_made_once_more(
    stage: Stage,
) -> None:
    first = await ask_for_a_refund(stage)
    await stage.outcome(first.handle)
    stage.orders.refund_status = "failed"
    stage.tickets.held_by["ticket"] = stage.tickets.sold_to["ticket"] = "the next buyer's"
    again = await ask_again(stage, first.order_id)
    await stage.outcome(again.handle)

    assert again.begun is BeginOutcome.BEGUN
    assert stage.orders.status[first.order_id] == "refunded"
    assert stage.stripe.turns == [1, 2]
    assert stage.tickets.sold_to == {"ticket": "the next buyer's"}
