"""What a purchase decides, on every path and on both sides of the deadline."""

import asyncio
from datetime import timedelta

from temporalio.client import WorkflowUpdateHandle, WorkflowUpdateStage

from tests.builders import WINDOW, a_purchase
from tests.fakes import outage, refusal, stored_answer
from tests.workflows.stage import PATIENCE_SECONDS, PurchaseHandle, Stage
from workflows.mail_steps import MailReason
from workflows.purchase.messages import (
    BillOrder,
    BillOutcome,
    Cancelled,
    CancelOutcome,
    CancelPurchase,
    CancelReason,
    PaymentAuthorized,
    PaymentDeclined,
    PurchaseStatus,
    ReserveOutcome,
)
from workflows.purchase.payment_steps import PaymentStanding
from workflows.purchase.steps import BillShown, CompleteOrder
from workflows.purchase.workflow import PurchaseWorkflow

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


async def bill(handle: PurchaseHandle, billing_id: str = "home") -> BillOutcome:
    """Send an address."""
    return (
        await handle.execute_update(PurchaseWorkflow.bill, BillOrder(billing_id=billing_id))
    ).outcome


async def test_a_paid_purchase_sells_the_ticket_and_writes_to_both(stage: Stage) -> None:
    purchase = a_purchase(billing_id="home")
    handle, reservation = await stage.start(purchase)
    await stage.pay(handle)
    outcome = await stage.outcome(handle)

    assert reservation.outcome is ReserveOutcome.RESERVED
    assert outcome.status is PurchaseStatus.COMPLETE
    assert stage.tickets.sold_to == {purchase.ticket_id: purchase.order_id}
    assert stage.orders.status[purchase.order_id] == "complete"
    assert stage.stripe.captured == 11300
    assert stage.post.sent == [MailReason.CONFIRMED]


async def test_without_an_address_there_is_nothing_to_pay_and_stripe_is_not_asked(
    stage: Stage,
) -> None:
    handle, _ = await stage.start(a_purchase())
    outcome = await stage.outcome(handle)

    assert outcome.status is PurchaseStatus.CANCELLED
    assert not {"open_payment", "close_payment"} & set(stage.calls)


async def test_a_sold_out_ticket_is_an_answer_and_not_a_failure(stage: Stage) -> None:
    first = a_purchase()
    winner, _ = await stage.start(first)
    loser, reservation = await stage.start(a_purchase(ticket_id=first.ticket_id))

    assert reservation.outcome is ReserveOutcome.UNAVAILABLE
    assert (await loser.result()).status is PurchaseStatus.UNAVAILABLE
    assert stage.tickets.held_by[first.ticket_id] == first.order_id
    await winner.terminate()


async def test_a_repeated_start_gets_the_same_answer_and_holds_once(stage: Stage) -> None:
    purchase = a_purchase()
    handle, first = await stage.start(purchase)
    _, second = await stage.start(purchase)

    assert first == second
    assert stage.calls.count("reserve_ticket") == 1
    await handle.terminate()


async def test_a_ticket_with_another_active_order_is_given_back(stage: Stage) -> None:
    stage.orders.refuse_to_open = True
    handle, reservation = await stage.start(a_purchase())

    assert reservation.outcome is ReserveOutcome.UNAVAILABLE
    await stage.outcome(handle)
    assert stage.tickets.held_by == {}


async def test_an_unpaid_purchase_expires_and_gives_the_ticket_back(stage: Stage) -> None:
    purchase = a_purchase(billing_id="home")
    handle, _ = await stage.start(purchase)
    outcome = await stage.outcome(handle)

    assert outcome.cancel_reason is CancelReason.EXPIRED
    assert stage.tickets.held_by == {}
    assert stage.post.sent == [MailReason.EXPIRED]


async def test_the_till_is_closed_before_the_seat_is_free(stage: Stage) -> None:
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.outcome(handle)

    assert stage.calls.index("close_payment") < stage.calls.index("release_ticket")
    assert stage.calls.index("cancel_order") < stage.calls.index("release_ticket")


async def test_the_seat_stays_taken_while_stripe_cannot_confirm_the_cancellation(
    stage: Stage,
) -> None:
    stage.script.faults["close_payment"] = [outage() for _ in range(4)]
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.outcome(handle)

    assert stage.calls.count("close_payment") == 5
    assert stage.calls[-3:] == ["cancel_order", "release_ticket", "send_mail"]


async def test_money_held_at_the_last_second_is_captured_though_its_event_was_lost(
    stage: Stage,
) -> None:
    handle, reservation = await stage.start(a_purchase(billing_id="home"))
    assert reservation.expires_at is not None
    await stage.environment.sleep(WINDOW - MINUTE)  # after the last poll
    stage.stripe.authorize(reservation.expires_at)
    outcome = await stage.outcome(handle)

    assert outcome.status is PurchaseStatus.COMPLETE
    assert stage.stripe.captured == 11300


async def test_money_held_a_second_too_late_is_voided_and_never_charged(stage: Stage) -> None:
    handle, reservation = await stage.start(a_purchase(billing_id="home"))
    assert reservation.expires_at is not None
    await stage.environment.sleep(WINDOW - MINUTE)  # after the last poll
    stage.stripe.authorize(reservation.expires_at + SECOND)
    outcome = await stage.outcome(handle)

    assert outcome.cancel_reason is CancelReason.EXPIRED
    assert (stage.stripe.captured, stage.stripe.standing) == (0, "canceled")


async def test_an_event_of_a_late_authorization_does_not_win_by_arriving_early(
    stage: Stage,
) -> None:
    handle, reservation = await stage.start(a_purchase(billing_id="home"))
    assert reservation.expires_at is not None
    await stage.pay(handle, at=reservation.expires_at + SECOND)
    outcome = await stage.outcome(handle)

    assert outcome.cancel_reason is CancelReason.EXPIRED
    assert stage.stripe.captured == 0


async def test_an_authorization_at_the_deadline_itself_is_in_time(stage: Stage) -> None:
    handle, reservation = await stage.start(a_purchase(billing_id="home"))
    assert reservation.expires_at is not None
    await stage.pay(handle, at=reservation.expires_at)

    assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE


async def test_money_held_for_another_payment_is_not_this_purchase_s(stage: Stage) -> None:
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await handle.signal(
        PurchaseWorkflow.payment_authorized,
        PaymentAuthorized(payment_intent_id="pi_other", authorized_at=await stage.now()),
    )

    assert (await stage.outcome(handle)).cancel_reason is CancelReason.EXPIRED
    assert stage.stripe.captured == 0


async def test_a_lost_webhook_is_made_up_for_by_the_poll(stage: Stage) -> None:
    handle, reservation = await stage.start(a_purchase(billing_id="home"))
    assert reservation.expires_at is not None
    stage.stripe.authorize(await stage.now())
    await stage.outcome(handle)

    assert stage.orders.status.popitem()[1] == "complete"
    assert await stage.now() < reservation.expires_at
    assert stage.calls.count("look_at_payment") == 1


async def test_stripe_is_polled_at_most_three_times_and_only_when_there_is_something_to_pay(
    stage: Stage,
) -> None:
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.outcome(handle)
    unpayable, _ = await stage.start(a_purchase())
    await stage.outcome(unpayable)

    assert stage.calls.count("look_at_payment") == 3


async def test_a_declined_card_leaves_the_order_waiting_and_the_next_one_pays(
    stage: Stage,
) -> None:
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    declined = PaymentDeclined(attempt_id="ch_1", code="insufficient_funds")
    await handle.signal(PurchaseWorkflow.payment_declined, declined)
    await handle.signal(PurchaseWorkflow.payment_declined, declined)
    await stage.pay(handle)

    assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE
    assert stage.orders.timeline == ["declined: insufficient_funds"]


async def test_a_decline_whose_event_was_lost_is_shown_by_the_poll(stage: Stage) -> None:
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    stage.stripe.declined = ("ch_1", "card_declined")
    await stage.outcome(handle)

    assert stage.orders.timeline == ["declined: card_declined"]


async def test_the_buyer_may_cancel_until_the_money_is_held(stage: Stage) -> None:
    purchase = a_purchase(billing_id="home")
    handle, _ = await stage.start(purchase)
    answer = await handle.execute_update(PurchaseWorkflow.cancel, CancelPurchase())

    assert answer.outcome is CancelOutcome.CANCELLED
    assert stage.orders.status[purchase.order_id] == "cancelled: buyer"
    assert (await stage.outcome(handle)).cancel_reason is CancelReason.BUYER
    assert stage.post.sent == []


async def test_cancelling_voids_money_that_was_held_unknown_to_us(stage: Stage) -> None:
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    stage.stripe.authorize(await stage.now())
    answer = await handle.execute_update(PurchaseWorkflow.cancel, CancelPurchase())

    assert answer.outcome is CancelOutcome.CANCELLED
    assert (stage.stripe.captured, stage.stripe.standing) == (0, "canceled")
    await stage.outcome(handle)


async def test_cancelling_once_the_money_is_being_taken_is_too_late_and_said_at_once(
    stage: Stage,
) -> None:
    stage.script.faults["capture_payment"] = [outage() for _ in range(1000)]
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.pay(handle)
    async with asyncio.timeout(PATIENCE_SECONDS):
        answer = await handle.execute_update(PurchaseWorkflow.cancel, CancelPurchase())

    assert answer.outcome is CancelOutcome.TOO_LATE
    assert stage.stripe.captured == 0, "nobody waits for Stripe to hear this"
    stage.script.faults.clear()
    assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE


async def test_a_late_address_extends_the_hold_once(stage: Stage) -> None:
    handle, reservation = await stage.start(a_purchase())
    assert reservation.expires_at is not None
    await stage.environment.sleep(WINDOW - 30 * SECOND)
    assert await bill(handle) is BillOutcome.BILLED
    extended = stage.orders.expires_at
    assert await bill(handle, "elsewhere") is BillOutcome.BILLED
    await stage.outcome(handle)

    assert extended is not None
    assert reservation.expires_at < extended <= reservation.expires_at + timedelta(seconds=95)
    assert stage.orders.expires_at == extended
    assert stage.calls.count("extend_hold") == 1
    assert await stage.now() >= extended


async def test_an_address_in_good_time_extends_nothing(stage: Stage) -> None:
    handle, reservation = await stage.start(a_purchase())
    await bill(handle)
    await stage.outcome(handle)

    assert stage.orders.expires_at == reservation.expires_at


async def test_no_extension_is_given_when_it_is_turned_off(stage: Stage) -> None:
    handle, _ = await stage.start(a_purchase(extension=timedelta(0)))
    await stage.environment.sleep(WINDOW - 30 * SECOND)
    await bill(handle)
    await stage.outcome(handle)

    assert "extend_hold" not in stage.calls


async def test_an_address_after_the_end_is_refused_and_changes_nothing(stage: Stage) -> None:
    stage.script.faults["close_payment"] = [outage() for _ in range(1000)]
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.environment.sleep(WINDOW + SECOND)

    assert await bill(handle, "elsewhere") is BillOutcome.TOO_LATE
    assert stage.calls.count("price_order") == 1
    stage.script.faults.clear()
    await stage.outcome(handle)


async def test_an_address_while_the_till_is_being_closed_is_refused_long_before_the_deadline(
    stage: Stage,
) -> None:
    stage.orders.prices = {"home": 11300, "elsewhere": 10500}
    stage.script.faults["close_payment"] = [outage() for _ in range(1000)]
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await handle.signal(PurchaseWorkflow.withdraw)
    await stage.until(lambda: "close_payment" in stage.calls)

    assert await bill(handle, "elsewhere") is BillOutcome.TOO_LATE
    assert (stage.orders.total, stage.stripe.amount) == (11300, 11300)
    stage.script.faults.clear()
    assert (await stage.outcome(handle)).cancel_reason is CancelReason.BUYER


async def test_another_address_changes_the_amount_of_the_same_payment(stage: Stage) -> None:
    stage.orders.prices = {"home": 11300, "elsewhere": 10500}
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    assert await bill(handle, "elsewhere") is BillOutcome.BILLED
    await stage.pay(handle)
    await stage.outcome(handle)

    assert stage.calls.count("open_payment") == 1
    assert (stage.orders.total, stage.stripe.captured) == (10500, 10500)


async def test_an_address_that_costs_the_same_does_not_bother_stripe(stage: Stage) -> None:
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await bill(handle, "next door")
    await handle.terminate()

    assert "change_payment" not in stage.calls


async def test_an_address_sent_after_the_card_was_charged_keeps_what_was_shown(
    stage: Stage,
) -> None:
    stage.orders.prices = {"home": 11300, "elsewhere": 10500}
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    stage.stripe.authorize(await stage.now())

    assert await bill(handle, "elsewhere") is BillOutcome.TOO_LATE
    await stage.pay(handle)
    await stage.outcome(handle)
    assert (stage.orders.total, stage.stripe.captured) == (11300, 11300)


async def test_an_address_while_stripe_is_away_is_settled_as_soon_as_it_is_back(
    stage: Stage,
) -> None:
    stage.script.faults["open_payment"] = [outage(), outage(), outage()]
    purchase = a_purchase()
    handle, _ = await stage.start(purchase)

    assert await bill(handle) is BillOutcome.UNSETTLED
    await stage.environment.sleep(10 * SECOND)
    assert stage.orders.status[purchase.order_id] == "awaiting_payment"
    await stage.pay(handle)
    assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE


async def test_a_reservation_does_not_wait_for_a_stripe_that_is_away(stage: Stage) -> None:
    stage.script.faults["open_payment"] = [outage() for _ in range(3)]
    handle, reservation = await stage.start(a_purchase(billing_id="home"))

    assert reservation.outcome is ReserveOutcome.RESERVED
    await stage.environment.sleep(10 * SECOND)
    await stage.pay(handle)
    assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE


async def test_a_purchase_whose_payment_never_opened_expires_without_asking_stripe(
    stage: Stage,
) -> None:
    stage.script.faults["open_payment"] = [outage() for _ in range(1000)]
    handle, _ = await stage.start(a_purchase(billing_id="home"))

    assert (await stage.outcome(handle)).cancel_reason is CancelReason.EXPIRED
    assert "close_payment" not in stage.calls
    assert stage.tickets.held_by == {}


async def test_an_address_that_stripe_refuses_is_refused_and_the_order_still_waits(
    stage: Stage,
) -> None:
    stage.script.faults["open_payment"] = [refusal()]
    handle, _ = await stage.start(a_purchase())

    assert await bill(handle) is BillOutcome.REFUSED
    assert await bill(handle) is BillOutcome.BILLED
    await handle.terminate()


async def test_a_capture_that_stripe_refuses_for_good_frees_the_ticket_and_says_so(
    stage: Stage,
) -> None:
    purchase = a_purchase(billing_id="home")
    stage.script.faults["capture_payment"] = [refusal()]
    handle, _ = await stage.start(purchase)
    await stage.pay(handle)
    outcome = await stage.outcome(handle)

    assert outcome.cancel_reason is CancelReason.PAYMENT_FAILED
    assert stage.tickets.held_by == {}
    assert stage.stripe.standing == "canceled"
    assert stage.post.sent == [MailReason.PAYMENT_FAILED]


async def test_money_that_somebody_else_took_meanwhile_goes_back_before_the_ticket_does(
    stage: Stage,
) -> None:
    """Not what the buyer was shown, so it is no sale; the till finds it taken and not held."""
    stage.script.faults["capture_payment"] = [refusal()]
    stage.stripe.slow_capture = asyncio.Event()
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.pay(handle)
    await stage.until(lambda: stage.stripe.captures_under_way == 1)
    stage.stripe.standing, stage.stripe.captured = PaymentStanding.CAPTURED, 11299
    stage.stripe.slow_capture.set()
    outcome = await stage.outcome(handle)

    assert outcome.cancel_reason is CancelReason.PAYMENT_FAILED
    assert stage.stripe.refunded == stage.stripe.captured == 11299
    assert stage.calls.index("return_payment") < stage.calls.index("release_ticket")
    assert stage.tickets.held_by == {}


async def test_a_capture_survives_an_outage_with_the_same_key(stage: Stage) -> None:
    stage.script.faults["capture_payment"] = [outage(), outage(), outage()]
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.pay(handle)

    assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE
    assert stage.stripe.attempts == [1, 1, 1, 1, 1]


async def test_a_key_that_only_repeats_a_server_error_is_replaced(stage: Stage) -> None:
    stage.script.faults["capture_payment"] = [outage(), stored_answer()]
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.pay(handle)

    assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE
    assert stage.stripe.attempts == [1, 1, 1, 2]


async def test_after_a_day_of_outage_a_new_key_is_used_because_the_old_one_is_forgotten(
    stage: Stage,
) -> None:
    stage.script.faults["capture_payment"] = [outage() for _ in range(1400)]
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.pay(handle)

    assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE
    assert stage.stripe.attempts[-1] == 2


async def test_nobody_pays_for_a_ticket_that_slipped_out_of_the_hold(stage: Stage) -> None:
    purchase = a_purchase(billing_id="home")
    handle, _ = await stage.start(purchase)
    stage.tickets.held_by[purchase.ticket_id] = "somebody else"
    await stage.pay(handle)
    outcome = await stage.outcome(handle)

    assert outcome.cancel_reason is CancelReason.PAYMENT_FAILED
    assert stage.stripe.refunded == stage.stripe.captured == 11300
    assert stage.tickets.held_by[purchase.ticket_id] == "somebody else"


async def test_mail_that_cannot_be_sent_does_not_hold_up_the_order(stage: Stage) -> None:
    purchase = a_purchase(billing_id="home")
    stage.script.faults["send_mail"] = [outage() for _ in range(5000)]
    handle, _ = await stage.start(purchase)
    await stage.pay(handle)

    assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE
    assert stage.orders.status[purchase.order_id] == "complete"
    assert stage.post.sent == []
    assert stage.post.given_up == [MailReason.CONFIRMED]


async def test_a_start_that_waited_too_long_for_a_worker_never_touches_the_ticket(
    empty_stage: Stage,
) -> None:
    stage, purchase = empty_stage, a_purchase(billing_id="home", stale_after=SECOND / 10)
    handle = await stage.client.start_workflow(
        PurchaseWorkflow.run, purchase, id=f"purchase-{purchase.order_id}", task_queue="purchases"
    )
    await asyncio.sleep(0.2)
    async with stage.workers():
        await handle.query(PurchaseWorkflow.state)
        outcome = await stage.outcome(handle)

    assert outcome.status is PurchaseStatus.ABANDONED
    assert stage.calls == ["abandon_order", "release_ticket"]
    assert (purchase.ticket_id, purchase.order_id) in stage.tickets.fenced


async def test_a_start_that_waited_less_is_served(empty_stage: Stage) -> None:
    stage, purchase = empty_stage, a_purchase()
    handle = await stage.client.start_workflow(
        PurchaseWorkflow.run, purchase, id=f"purchase-{purchase.order_id}", task_queue="purchases"
    )
    async with stage.workers():
        await handle.query(PurchaseWorkflow.state)
        reservation = await handle.execute_update(PurchaseWorkflow.reserve)
        await handle.terminate()

    assert reservation.outcome is ReserveOutcome.RESERVED


async def test_a_start_whose_buyer_was_turned_away_never_touches_the_ticket(
    empty_stage: Stage,
) -> None:
    stage, purchase = empty_stage, a_purchase()
    handle = await stage.client.start_workflow(
        PurchaseWorkflow.run, purchase, id=f"purchase-{purchase.order_id}", task_queue="purchases"
    )
    await handle.signal(PurchaseWorkflow.withdraw)
    async with stage.workers():
        await handle.query(PurchaseWorkflow.state)
        outcome = await stage.outcome(handle)

    assert outcome.status is PurchaseStatus.ABANDONED
    assert stage.calls == ["abandon_order", "release_ticket"]
    assert (purchase.ticket_id, purchase.order_id) in stage.tickets.fenced


async def test_an_abandoned_start_takes_back_what_a_lost_worker_did_unrecorded(
    empty_stage: Stage,
) -> None:
    """The worker hung after its steps and before it could tell Temporal of them."""
    stage, purchase = empty_stage, a_purchase(billing_id="home")
    stage.tickets.held_by[purchase.ticket_id] = purchase.order_id
    stage.orders.status[purchase.order_id] = "awaiting_payment"
    handle = await stage.client.start_workflow(
        PurchaseWorkflow.run, purchase, id=f"purchase-{purchase.order_id}", task_queue="purchases"
    )
    await handle.signal(PurchaseWorkflow.withdraw)
    async with stage.workers():
        outcome = await stage.outcome(handle)

    assert outcome.cancel_reason is CancelReason.BUYER
    assert stage.stripe.standing == "canceled"
    assert stage.orders.status[purchase.order_id] == "cancelled: buyer"
    assert stage.tickets.held_by == {}


async def test_an_order_of_a_lost_worker_is_cancelled_when_its_ticket_cannot_be_reached(
    stage: Stage,
) -> None:
    purchase = a_purchase()
    stage.orders.status[purchase.order_id] = "created"
    stage.script.faults["reserve_ticket"] = [refusal()]
    handle, reservation = await stage.start(purchase)

    assert reservation.outcome is ReserveOutcome.ABANDONED
    assert (await stage.outcome(handle)).cancel_reason is CancelReason.BUYER
    assert stage.orders.status[purchase.order_id] == "cancelled: buyer"
    assert stage.tickets.held_by == {}


async def test_a_buyer_turned_away_after_the_hold_was_made_does_not_keep_it(stage: Stage) -> None:
    handle, _ = await stage.start(a_purchase())
    await handle.signal(PurchaseWorkflow.withdraw)

    assert (await stage.outcome(handle)).cancel_reason is CancelReason.BUYER
    assert stage.tickets.held_by == {}


async def test_a_reservation_whose_outcome_is_unknown_is_fenced_off(stage: Stage) -> None:
    purchase = a_purchase()
    stage.script.faults["reserve_ticket"] = [refusal()]
    handle, reservation = await stage.start(purchase)

    assert reservation.outcome is ReserveOutcome.ABANDONED
    await stage.outcome(handle)
    assert (purchase.ticket_id, purchase.order_id) in stage.tickets.fenced
    assert stage.orders.status == {}


async def test_two_addresses_at_once_while_stripe_is_away_do_not_outlast_the_deadline(
    stage: Stage,
) -> None:
    """They come together, because the task before them took its time."""
    stage.orders.prices = {"east": 10500, "west": 12000}
    stage.script.faults["change_payment"] = [outage() for _ in range(1000)]
    stage.stripe.seconds_to_open = 0.5
    handle, reservation = await stage.start(a_purchase())
    first = asyncio.create_task(bill(handle))
    await asyncio.sleep(0.2)
    answers = list(await asyncio.gather(bill(handle, "east"), bill(handle, "west")))
    assert await first is BillOutcome.BILLED
    await stage.outcome(handle)

    ended = (await handle.describe()).close_time
    assert answers == [BillOutcome.UNSETTLED] * 2
    assert ended is not None
    assert reservation.expires_at is not None
    assert ended < reservation.expires_at + 5 * SECOND


async def test_a_second_cancellation_waits_for_the_first_one(stage: Stage) -> None:
    stage.script.faults["close_payment"] = [outage() for _ in range(1000)]
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    asked = list(await asyncio.gather(*(_ask_to_cancel(handle) for _ in range(2))))
    await stage.until(lambda: "close_payment" in stage.calls)
    asked.append(await _ask_to_cancel(handle))
    stage.script.faults.clear()
    answers = [await each.result() for each in asked]

    assert [answer.outcome for answer in answers] == [CancelOutcome.CANCELLED] * 3


async def test_a_sale_that_a_lost_worker_completed_and_that_was_refunded_since_stays_a_sale(
    stage: Stage,
) -> None:
    """The buyer was quick to ask for a refund, before anybody took the lost task up again."""
    purchase = a_purchase(billing_id="home")
    handle, _ = await stage.start(purchase)
    await stage.orders.complete_order(
        CompleteOrder(order_id=purchase.order_id, at=await stage.now())
    )
    stage.orders.status[purchase.order_id] = "refunded"
    del stage.tickets.held_by[purchase.ticket_id]
    await stage.pay(handle)
    outcome = await stage.outcome(handle)

    assert outcome.status is PurchaseStatus.COMPLETE
    assert stage.orders.status[purchase.order_id] == "refunded"
    assert not {"return_payment", "cancel_order"} & set(stage.calls)


async def test_a_ticket_that_is_gone_without_a_sale_costs_the_buyer_nothing(stage: Stage) -> None:
    purchase = a_purchase(billing_id="home")
    handle, _ = await stage.start(purchase)
    del stage.tickets.held_by[purchase.ticket_id]
    await stage.pay(handle)
    outcome = await stage.outcome(handle)

    assert outcome.cancel_reason is CancelReason.PAYMENT_FAILED
    assert "return_payment" in stage.calls


async def test_a_payment_that_a_lost_worker_let_the_buyer_see_is_closed_though_stripe_is_away(
    empty_stage: Stage,
) -> None:
    """Nothing in history tells of it; the order does."""
    stage, purchase = empty_stage, a_purchase(billing_id="home")
    stage.tickets.held_by[purchase.ticket_id] = purchase.order_id
    stage.orders.status[purchase.order_id] = "awaiting_payment"
    stage.orders.shown = BillShown(payment_intent_id="pi_1", amount=11300)
    stage.script.faults["open_payment"] = [outage() for _ in range(5)]
    handle = await stage.client.start_workflow(
        PurchaseWorkflow.run, purchase, id=f"purchase-{purchase.order_id}", task_queue="purchases"
    )
    await handle.signal(PurchaseWorkflow.withdraw)
    async with stage.workers():
        outcome = await stage.outcome(handle)

    assert outcome.cancel_reason is CancelReason.BUYER
    assert stage.stripe.standing == "canceled"
    assert stage.calls.index("close_payment") < stage.calls.index("release_ticket")


async def test_money_for_a_bill_that_a_lost_worker_put_in_force_buys_the_ticket(
    stage: Stage,
) -> None:
    """The address itself was lost with the worker; the order shows what it asks."""
    purchase = a_purchase()
    handle, _ = await stage.start(purchase)
    stage.orders.shown = BillShown(payment_intent_id="pi_1", amount=11300)
    stage.stripe.amount = 11300
    await stage.pay(handle)

    assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE
    assert stage.stripe.captured == 11300
    assert "close_payment" not in stage.calls, "the event was enough; nobody waited for the end"


async def test_temporal_s_own_cancellation_is_an_operator_s_and_gives_the_ticket_back(
    stage: Stage,
) -> None:
    purchase = a_purchase(billing_id="home")
    handle, _ = await stage.start(purchase)
    await handle.cancel()
    outcome = await stage.outcome(handle)

    assert outcome.cancel_reason is CancelReason.OPERATOR
    assert stage.orders.status[purchase.order_id] == "cancelled: operator"
    assert stage.post.sent == [MailReason.CALLED_OFF]
    assert stage.stripe.standing == "canceled"
    assert stage.tickets.held_by == {}


async def test_temporal_s_own_cancellation_does_not_stop_a_purchase_whose_money_is_being_taken(
    stage: Stage,
) -> None:
    stage.script.faults["capture_payment"] = [outage(), outage(), outage()]
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.pay(handle)
    await handle.cancel()

    assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE
    assert (stage.stripe.captured, stage.stripe.refunded) == (11300, 0)


async def _ask_to_cancel(handle: PurchaseHandle) -> WorkflowUpdateHandle[Cancelled]:
    """Return when the purchase has heard it."""
    return await handle.start_update(
        PurchaseWorkflow.cancel, CancelPurchase(), wait_for_stage=WorkflowUpdateStage.ACCEPTED
    )
