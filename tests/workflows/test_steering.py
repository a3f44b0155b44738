"""A purchase under an operator's hand: more time, an end, another try, and what they see."""

import asyncio
from datetime import datetime, timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateStage,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError

from tests.builders import WINDOW, a_purchase
from tests.fakes import outage, stored_answer
from tests.workflows.stage import PATIENCE_SECONDS, PurchaseHandle, Stage
from workflows.errors import ACTION_REFUSED
from workflows.mail_steps import MailReason
from workflows.messages import Steering
from workflows.purchase.address import purchase_workflow_id
from workflows.purchase.messages import (
    LONGEST_EXTENSION,
    BillOrder,
    CancelOutcome,
    CancelPurchase,
    CancelReason,
    ExtendPurchase,
    PaymentDeclined,
    PurchaseStatus,
    WaitingFor,
)
from workflows.purchase.workflow import PurchaseWorkflow
from workflows.queues import TaskQueue

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
OPERATOR = Steering(actor="operator-1", why="the bank's app was down")
BY_OPERATOR = CancelPurchase(
    reason=CancelReason.OPERATOR, actor="operator-1", why="the event is off"
)


async def extend(
    handle: PurchaseHandle, by: timedelta = 10 * MINUTE, update_id: str | None = None
) -> datetime:
    """Give more time."""
    request = ExtendPurchase(by=by, **OPERATOR.model_dump())
    return (await handle.execute_update(PurchaseWorkflow.extend, request, id=update_id)).expires_at


async def retry(handle: PurchaseHandle, update_id: str | None = None) -> None:
    """Ask Stripe now."""
    await handle.execute_update(PurchaseWorkflow.retry_capture, OPERATOR, id=update_id)


async def refusal_of(handle: PurchaseHandle, update: str, request: object) -> str:
    """The one sentence of a validator's refusal, which leaves no trace."""
    before = await told(handle)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update(update, request)
    cause = refused.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == ACTION_REFUSED
    assert await told(handle) == before
    return cause.message


async def told(handle: PurchaseHandle) -> list[str]:
    """What its history says, but for its tasks: only a real server leaves out those for nothing."""
    kinds = [EventType.Name(event.event_type) async for event in handle.fetch_history_events()]
    return [kind for kind in kinds if "WORKFLOW_TASK" not in kind]


async def waiting_for_stripe(stage: Stage, step: str, tries: int = 3) -> None:
    """Until so many tries have failed."""
    await stage.until(lambda: stage.calls.count(step) >= tries)


async def waiting_for_mail(handle: PurchaseHandle) -> None:
    """Until each mail has failed once and is tried with patience: then nothing happens for long."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            queues = [
                event.activity_task_scheduled_event_attributes.task_queue.name
                async for event in handle.fetch_history_events()
                if event.activity_task_scheduled_event_attributes.activity_type.name == "send_mail"
            ]
            if queues and queues.count(TaskQueue.MAIL) * 2 == len(queues):
                return
            await asyncio.sleep(0.02)


class TestExtending:
    """Adds to the deadline, from anywhere before the decision."""

    async def test_moves_the_hold_and_the_order_s_deadline_and_says_who_and_why(
        self, stage: Stage
    ) -> None:
        purchase = a_purchase()
        handle, reservation = await stage.start(purchase)
        assert reservation.expires_at is not None
        extended = await extend(handle, update_id="first")

        assert extended == reservation.expires_at + 10 * MINUTE
        assert stage.tickets.until[purchase.ticket_id] == extended
        assert stage.orders.promised[purchase.order_id] == extended
        assert stage.orders.steered == [("extended", "first", "operator-1", OPERATOR.why)]
        assert (await stage.outcome(handle)).cancel_reason is CancelReason.EXPIRED
        assert await stage.now() >= extended

    async def test_lets_a_buyer_pay_after_the_old_deadline(self, stage: Stage) -> None:
        handle, _ = await stage.start(a_purchase(billing_id="home"))
        await extend(handle)
        await stage.environment.sleep(WINDOW + MINUTE)
        await stage.pay(handle)

        assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE

    async def test_makes_money_that_was_held_too_late_count(self, stage: Stage) -> None:
        handle, reservation = await stage.start(a_purchase(billing_id="home"))
        assert reservation.expires_at is not None
        await stage.pay(handle, at=reservation.expires_at + MINUTE)
        await extend(handle)

        assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE

    async def test_adds_up_and_a_repeat_of_one_update_counts_once(self, stage: Stage) -> None:
        handle, reservation = await stage.start(a_purchase(billing_id="home"))
        assert reservation.expires_at is not None
        answers = [await extend(handle, update_id=each) for each in ("one", "two", "one")]

        later = [reservation.expires_at + 10 * MINUTE * n for n in (1, 2, 1)]
        assert answers == later
        assert [about for _, about, *_ in stage.orders.steered] == ["one", "two"]
        assert (await handle.query(PurchaseWorkflow.state)).deadline == later[1]
        await handle.terminate()

    async def test_goes_together_with_the_extension_of_a_late_address(self, stage: Stage) -> None:
        purchase = a_purchase()
        handle, reservation = await stage.start(purchase)
        assert reservation.expires_at is not None
        await stage.environment.sleep(WINDOW - 30 * SECOND)
        await asyncio.gather(
            extend(handle, MINUTE / 2),
            handle.execute_update(PurchaseWorkflow.bill, BillOrder(billing_id="home")),
        )
        deadline = (await handle.query(PurchaseWorkflow.state)).deadline

        assert deadline > reservation.expires_at + MINUTE / 2
        assert stage.orders.promised[purchase.order_id] == deadline
        assert stage.tickets.until[purchase.ticket_id] == deadline
        await stage.outcome(handle)
        assert await stage.now() >= deadline

    async def test_holds_though_the_old_deadline_passes_while_it_is_written(
        self, empty_stage: Stage
    ) -> None:
        """MongoDB is away for longer than there was time left."""
        stage = empty_stage
        stage.script.faults["extend_hold"] = [outage() for _ in range(6)]
        purchase = a_purchase(billing_id="home", window=5 * SECOND, extension=timedelta(0))
        async with stage.workers():
            handle, _ = await stage.start(purchase)
            extended = await extend(handle)
            assert stage.calls.count("extend_hold") == 7
            assert "close_payment" not in stage.calls
            await stage.pay(handle)
            outcome = await stage.outcome(handle)

        assert outcome.status is PurchaseStatus.COMPLETE
        assert stage.orders.promised[purchase.order_id] == extended

    async def test_that_a_lost_worker_promised_the_buyer_holds(self, stage: Stage) -> None:
        """Nothing in history tells of it; the order does. Its address is not forgotten either."""
        stage.script.faults["open_payment"] = [outage() for _ in range(5000)]
        purchase = a_purchase(billing_id="home")
        handle, reservation = await stage.start(purchase)
        assert reservation.expires_at is not None
        stage.orders.promised[purchase.order_id] = reservation.expires_at + 10 * MINUTE
        await stage.environment.sleep(WINDOW + 5 * SECOND)
        assert (await handle.query(PurchaseWorkflow.state)).status is PurchaseStatus.CREATED
        stage.script.faults.clear()
        await stage.environment.sleep(2 * MINUTE)
        await stage.pay(handle)

        assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE

    @pytest.mark.parametrize("by", [timedelta(0), -SECOND, timedelta.max, LONGEST_EXTENSION])
    async def test_by_nothing_or_to_more_than_an_hour_from_now_is_refused(
        self, stage: Stage, by: timedelta
    ) -> None:
        handle, reservation = await stage.start(a_purchase())
        request = ExtendPurchase(by=by, **OPERATOR.model_dump())
        sentence = await refusal_of(handle, "extend", request)

        assert sentence.endswith(".")
        assert (await handle.query(PurchaseWorkflow.state)).deadline == reservation.expires_at
        assert await extend(handle, LONGEST_EXTENSION - WINDOW)
        await handle.terminate()

    async def test_once_the_till_is_being_closed_is_refused(self, stage: Stage) -> None:
        stage.script.faults["close_payment"] = [outage() for _ in range(1000)]
        handle, _ = await stage.start(a_purchase(billing_id="home"))
        await stage.environment.sleep(WINDOW + 5 * SECOND)
        request = ExtendPurchase(by=MINUTE, **OPERATOR.model_dump())

        sentence = await refusal_of(handle, "extend", request)
        assert sentence == "The deadline has passed; the purchase is being ended."
        stage.script.faults.clear()
        assert (await stage.outcome(handle)).cancel_reason is CancelReason.EXPIRED

    async def test_once_the_money_is_held_or_the_end_is_asked_for_is_refused(
        self, stage: Stage
    ) -> None:
        stage.script.faults["capture_payment"] = [outage() for _ in range(1000)]
        stage.script.faults["close_payment"] = [outage() for _ in range(1000)]
        request = ExtendPurchase(by=MINUTE, **OPERATOR.model_dump())
        paid, _ = await stage.start(a_purchase(billing_id="home"))
        await stage.pay(paid)
        await waiting_for_stripe(stage, "capture_payment")
        ended, _ = await stage.start(a_purchase(billing_id="home"))
        await ended.signal(PurchaseWorkflow.withdraw)
        await waiting_for_stripe(stage, "close_payment")

        sentences = [await refusal_of(each, "extend", request) for each in (paid, ended)]
        assert sentences == [
            "The money is held in time; the purchase needs no extension.",
            "The purchase is being cancelled: buyer.",
        ]
        await paid.terminate()
        await ended.terminate()

    async def test_of_what_is_over_and_only_writes_its_mail_is_refused(self, stage: Stage) -> None:
        stage.script.faults["send_mail"] = [outage() for _ in range(1000)]
        handle, _ = await stage.start(a_purchase(billing_id="home"))
        await stage.pay(handle)
        await waiting_for_mail(handle)
        request = ExtendPurchase(by=MINUTE, **OPERATOR.model_dump())

        assert await refusal_of(handle, "extend", request) == "The purchase is over: complete."
        await handle.terminate()

    async def test_of_what_is_not_reserved_yet_is_refused(self, stage: Stage) -> None:
        """It comes with the start, and so before the ticket is asked for."""
        purchase = a_purchase()
        start = WithStartWorkflowOperation(
            PurchaseWorkflow.run,
            purchase,
            id=purchase_workflow_id(purchase.order_id),
            task_queue=TaskQueue.PURCHASES,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
        request = ExtendPurchase(by=MINUTE, **OPERATOR.model_dump())
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await stage.client.execute_update_with_start_workflow(
                PurchaseWorkflow.extend, request, start_workflow_operation=start
            )
        assert "The ticket is not reserved yet." in str(refused.value.cause)
        await stage.outcome(await start.workflow_handle())
        assert "extend_hold" not in stage.calls


class TestCancelling:
    """Says who and why, to other operators."""

    async def test_by_an_operator_is_told_with_actor_and_why(self, stage: Stage) -> None:
        purchase = a_purchase(billing_id="home")
        handle, _ = await stage.start(purchase)
        answer = await handle.execute_update(PurchaseWorkflow.cancel, BY_OPERATOR)

        assert answer.outcome is CancelOutcome.CANCELLED
        assert stage.orders.status[purchase.order_id] == "cancelled: operator"
        assert stage.orders.steered == [("cancelled", None, "operator-1", "the event is off")]
        assert (await stage.outcome(handle)).cancel_reason is CancelReason.OPERATOR
        assert stage.post.sent == [MailReason.CALLED_OFF]

    async def test_after_the_buyer_did_is_the_buyer_s(self, stage: Stage) -> None:
        stage.script.faults["close_payment"] = [outage() for _ in range(1000)]
        purchase = a_purchase(billing_id="home")
        handle, _ = await stage.start(purchase)
        await handle.signal(PurchaseWorkflow.withdraw)
        await stage.until(lambda: "close_payment" in stage.calls)
        asked = await handle.start_update(
            PurchaseWorkflow.cancel, BY_OPERATOR, wait_for_stage=WorkflowUpdateStage.ACCEPTED
        )
        stage.script.faults.clear()
        answer = await asked.result()

        assert answer.outcome is CancelOutcome.CANCELLED
        assert stage.orders.status[purchase.order_id] == "cancelled: buyer"
        assert stage.orders.steered == []
        await stage.outcome(handle)

    @pytest.mark.parametrize(
        "request_",
        [
            CancelPurchase(reason=CancelReason.OPERATOR),
            CancelPurchase(reason=CancelReason.OPERATOR, actor="operator-1"),
            CancelPurchase(reason=CancelReason.OPERATOR, actor="", why="because"),
            CancelPurchase(reason=CancelReason.EXPIRED, actor="operator-1", why="because"),
            CancelPurchase(reason=CancelReason.PAYMENT_FAILED),
        ],
        ids=lambda request: request.model_dump_json(),
    )
    async def test_without_actor_and_why_or_for_another_reason_is_refused(
        self, stage: Stage, request_: CancelPurchase
    ) -> None:
        handle, _ = await stage.start(a_purchase())

        assert (await refusal_of(handle, "cancel", request_)).endswith(".")
        assert (await handle.query(PurchaseWorkflow.state)).cancel_reason is None
        await handle.terminate()

    async def test_through_temporal_is_an_operator_s_too_and_keeps_the_reason_given(
        self, stage: Stage
    ) -> None:
        handle, _ = await stage.start(a_purchase(billing_id="home"))
        await handle.cancel(reason="asked by the seller")

        assert (await stage.outcome(handle)).cancel_reason is CancelReason.OPERATOR
        ((what, about, actor, why),) = stage.orders.steered
        assert (what, about, actor) == ("cancelled", None, "temporal")
        # The time-skipping server loses the reason; a real one passes it on.
        assert why in (None, "asked by the seller")


class TestTryingAgain:
    """Cuts a pause short, under the same idempotency key."""

    async def test_takes_the_money_at_once_and_only_once(self, stage: Stage) -> None:
        stage.script.faults["capture_payment"] = [outage() for _ in range(1000)]
        purchase = a_purchase(billing_id="home")
        handle, _ = await stage.start(purchase)
        await stage.pay(handle)
        await stage.environment.sleep(10 * MINUTE - 30 * SECOND)  # between two tries
        stage.script.faults.clear()
        paused = await stage.now()
        await retry(handle, "first")
        await stage.until(lambda: stage.orders.status[purchase.order_id] == "complete")

        assert await stage.now() - paused < MINUTE  # the pause
        assert stage.stripe.captured == 11300
        assert set(stage.stripe.attempts) == {1}
        assert stage.orders.steered == [("retried", "first", "operator-1", OPERATOR.why)]
        assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE

    async def test_works_again_and_again_and_each_is_told(self, stage: Stage) -> None:
        stage.script.faults["capture_payment"] = [outage() for _ in range(1000)]
        handle, _ = await stage.start(a_purchase(billing_id="home"))
        await stage.pay(handle)
        for n in range(3):
            tried = stage.calls.count("capture_payment")
            await waiting_for_stripe(stage, "capture_payment", tried + 2)
            await retry(handle, str(n))
        stage.script.faults.clear()

        assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE
        assert set(stage.stripe.attempts) == {1}
        assert [about for _, about, *_ in stage.orders.steered] == ["0", "1", "2"]
        assert stage.stripe.most_captures_at_once == 1

    @pytest.mark.parametrize("then", ["it succeeds", "it fails"])
    async def test_during_a_try_does_not_make_another_one_beside_it(
        self, empty_stage: Stage, then: str
    ) -> None:
        """On a real server: the skipping one forgets an activity that fails while cancelled."""
        stage = empty_stage
        stage.script.faults["capture_payment"] = [outage()]
        first, second = asyncio.Event(), asyncio.Event()
        stage.stripe.slow_capture = first
        async with stage.workers():
            handle, _ = await stage.start(a_purchase(billing_id="home"))
            await stage.pay(handle)
            await stage.until(lambda: stage.stripe.captures_under_way == 1)
            stage.stripe.slow_capture = second
            first.set()
            await waiting_for_stripe(stage, "capture_payment", 1)
            await stage.until(lambda: stage.stripe.captures_under_way == 1)
            if then == "it fails":
                stage.script.faults["capture_payment"] = [outage()]
            await retry(handle)
            sentence = await refusal_of(handle, "retry_capture", OPERATOR)
            second.set()
            outcome = await stage.outcome(handle)

        assert sentence == "Nothing waits for another try at Stripe."
        assert outcome.status is PurchaseStatus.COMPLETE
        assert stage.stripe.most_captures_at_once == 1
        assert set(stage.stripe.attempts) == {1}

    async def test_does_not_lengthen_the_life_of_a_key(self, stage: Stage) -> None:
        """Stripe forgets a key after 24 hours, and with it that the money was taken."""
        stage.script.faults["capture_payment"] = [outage() for _ in range(5000)]
        handle, _ = await stage.start(a_purchase(billing_id="home"))
        await stage.pay(handle)
        await stage.environment.sleep(timedelta(hours=22))
        await retry(handle)
        assert stage.stripe.attempts[-1] == 1
        await stage.environment.sleep(timedelta(hours=1, minutes=2))
        assert stage.stripe.attempts[-1] == 2
        stage.script.faults.clear()

        assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE
        assert stage.stripe.captured == 11300

    async def test_after_a_stored_server_error_uses_the_next_key(self, stage: Stage) -> None:
        stage.script.faults["capture_payment"] = [outage() for _ in range(1000)]
        handle, _ = await stage.start(a_purchase(billing_id="home"))
        await stage.pay(handle)
        await stage.environment.sleep(10 * MINUTE - 30 * SECOND)  # between two tries
        stage.script.faults["capture_payment"] = [stored_answer()]
        await retry(handle)

        assert (await stage.outcome(handle)).status is PurchaseStatus.COMPLETE
        assert stage.stripe.attempts[-2:] == [1, 2]

    async def test_closes_the_till_of_a_purchase_that_expired(self, stage: Stage) -> None:
        stage.script.faults["close_payment"] = [outage() for _ in range(1000)]
        purchase = a_purchase(billing_id="home")
        handle, _ = await stage.start(purchase)
        await stage.environment.sleep(WINDOW + 10 * MINUTE - 30 * SECOND)  # between two tries
        stage.script.faults.clear()
        await retry(handle)
        await stage.until(lambda: purchase.ticket_id not in stage.tickets.held_by)

        assert stage.stripe.standing == "canceled"
        assert (await stage.outcome(handle)).cancel_reason is CancelReason.EXPIRED

    async def test_when_nothing_waits_is_refused(self, stage: Stage) -> None:
        handle, _ = await stage.start(a_purchase(billing_id="home"))

        sentence = await refusal_of(handle, "retry_capture", OPERATOR)
        assert sentence == "Nothing waits for another try at Stripe."
        await handle.terminate()


class TestTheWindow:
    """What an operator reads in Temporal's pages and gets from the query."""

    async def test_of_a_sale_tells_each_moment(self, stage: Stage) -> None:
        stage.script.faults["capture_payment"] = [outage() for _ in range(1000)]
        stage.post.closed = asyncio.Event()
        handle, reservation = await stage.start(a_purchase())
        assert reservation.expires_at is not None
        until = f"until **{reservation.expires_at:%H:%M:%S} UTC**"
        assert await stage.says(handle) == f"Waiting for the billing address {until}."
        assert await _waits_for(handle) is WaitingFor.ADDRESS

        await handle.execute_update(PurchaseWorkflow.bill, BillOrder(billing_id="home"))
        declined = PaymentDeclined(attempt_id="ch_1", code="insufficient_funds")
        await handle.signal(PurchaseWorkflow.payment_declined, declined)
        words = f"Waiting for payment {until}; last card declined: insufficient funds."
        assert await stage.says(handle) == words
        assert await _waits_for(handle) is WaitingFor.PAYMENT

        until = f"until **{await extend(handle):%H:%M:%S} UTC**"
        words = f"Waiting for payment {until}; last card declined: insufficient funds."
        assert await stage.says(handle) == f"{words} Extended by an operator."

        await stage.pay(handle)
        await stage.environment.sleep(10 * MINUTE - 30 * SECOND)  # between two tries
        state, says = await handle.query(PurchaseWorkflow.state), await stage.says(handle)
        assert says.startswith("Taking the money; Stripe is away since **")
        assert says.endswith(" UTC**, trying again.")
        assert (state.waiting_for, state.amount) == (WaitingFor.STRIPE, 11300)
        assert (state.payment_intent_id, state.last_decline) == ("pi_1", "insufficient_funds")
        assert state.authorized_at is not None

        stage.script.faults.clear()
        await retry(handle)
        await stage.post.asked.wait()
        assert await stage.says(handle) == "Paid, ticket sold. The mail about it is on its way."
        assert await _waits_for(handle) is WaitingFor.NOTHING
        stage.post.closed.set()
        await stage.outcome(handle)
        assert await stage.says(handle) == "Paid, ticket sold."

    async def test_of_an_expiry_says_what_is_closed_and_why_it_takes_so_long(
        self, stage: Stage
    ) -> None:
        stage.script.faults["close_payment"] = [outage() for _ in range(1000)]
        handle, _ = await stage.start(a_purchase(billing_id="home"))
        await stage.environment.sleep(WINDOW + 5 * SECOND)
        assert (await stage.says(handle)).startswith("Closing the payment; Stripe is away since")
        stage.script.faults.clear()
        await stage.outcome(handle)

        words = "Cancelled: **expired**; the ticket is back on the market."
        assert await stage.says(handle) == words

    async def test_shows_an_address_that_waits_for_stripe(self, stage: Stage) -> None:
        stage.script.faults["open_payment"] = [outage() for _ in range(1000)]
        handle, _ = await stage.start(a_purchase(billing_id="home"))
        says = await stage.says(handle)
        assert says.startswith("The address is there, Stripe is away since **")
        assert await _waits_for(handle) is WaitingFor.STRIPE
        stage.script.faults.clear()
        await stage.environment.sleep(2 * MINUTE)

        assert (await stage.says(handle)).startswith("Waiting for payment until")
        assert await _waits_for(handle) is WaitingFor.PAYMENT
        await handle.terminate()

    async def test_of_a_refused_start_says_so(self, stage: Stage) -> None:
        first = a_purchase()
        winner, _ = await stage.start(first)
        loser, _ = await stage.start(a_purchase(ticket_id=first.ticket_id))
        await loser.result()

        assert await stage.says(loser) == "The ticket was not to be had."
        await winner.terminate()


async def _waits_for(handle: PurchaseHandle) -> WaitingFor:
    return (await handle.query(PurchaseWorkflow.state)).waiting_for
