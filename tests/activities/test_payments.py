"""The payment steps against a real MongoDB and Stripe's simulator, through the official SDK."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import stripe
from typing_extensions import override

from activities.gateways.stripe import StripeGateway
from activities.payments import PaymentActivities
from services.clock import now
from services.database import Databases
from services.payments.store import PaymentStore
from tests.activities.stripe_builders import (
    CANCEL,
    CAPTURE,
    CHANGE,
    CREATE,
    ENVIRONMENT,
    REFUND,
    Outside,
    failure_of,
    named,
    run,
)
from workflows.purchase.payment_steps import (
    CapturePayment,
    ChangePayment,
    ClosePayment,
    LookAtPayment,
    OpenedPayment,
    OpenPayment,
    PaymentSeen,
    PaymentStanding,
    ReturnPayment,
)

TOTAL = 11300
SECOND = timedelta(seconds=1)
REFUSED = ("PaymentRefused", False)
STORED = ("AnswerStored", False)
AWAY = ("StripeAway", True)


@pytest.fixture
def steps(databases: Databases, gateway: StripeGateway) -> PaymentActivities:
    return PaymentActivities(PaymentStore(), gateway)


@pytest.fixture
def order() -> str:
    return str(uuid4())


def an_opening(order: str, *, attempt: int = 1, amount: int = TOTAL) -> OpenPayment:
    return OpenPayment(
        order_id=order, amount=amount, currency="CAD", opened_after=now(), attempt=attempt
    )


def a_capture(
    order: str, intent_id: str, *, attempt: int = 1, amount: int = TOTAL
) -> CapturePayment:
    return CapturePayment(
        order_id=order, payment_intent_id=intent_id, amount=amount, attempt=attempt
    )


def a_change(order: str, intent_id: str, amount: int, *, attempt: int = 1) -> ChangePayment:
    return ChangePayment(
        order_id=order, payment_intent_id=intent_id, amount=amount, revision=1, attempt=attempt
    )


def a_close(
    order: str, intent_id: str, *, keep: datetime | None = None, attempt: int = 1
) -> ClosePayment:
    return ClosePayment(
        order_id=order, payment_intent_id=intent_id, keep_if_authorized_by=keep, attempt=attempt
    )


async def opened(steps: PaymentActivities, order: str) -> str:
    """A PaymentIntent that the buyer can pay; its id."""
    return (await run(steps.open_payment, an_opening(order))).payment_intent_id


async def paid(steps: PaymentActivities, outside: Outside, order: str) -> str:
    """A PaymentIntent that the buyer has paid; its id."""
    intent_id = await opened(steps, order)
    await outside.pay(intent_id)
    return intent_id


async def look(steps: PaymentActivities, intent_id: str) -> PaymentSeen:
    return await run(steps.look_at_payment, LookAtPayment(payment_intent_id=intent_id))


class TestOpening:
    """One order, one PaymentIntent."""

    async def test_twice_makes_one_payment_intent_of_exactly_the_amount(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        first, second = [await run(steps.open_payment, an_opening(order)) for _ in range(2)]
        [intent] = await outside.intents()
        assert first == second == OpenedPayment(payment_intent_id=intent.id, amount=TOTAL)
        assert (intent.amount, intent.currency, intent.capture_method) == (TOTAL, "cad", "manual")
        assert intent.payment_method_types == ["card"]
        assert intent.metadata is not None
        assert intent.metadata.to_dict() == {"order_id": order, "environment": ENVIRONMENT}
        assert await outside.keys() == [f"te:test:{order}:create:1"] * 2

    async def test_finds_what_a_lost_worker_opened_with_the_price_of_another_address(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        first = await run(steps.open_payment, an_opening(order))
        assert await run(steps.open_payment, an_opening(order, amount=12000)) == first
        assert len(await outside.intents()) == 1

    async def test_keeps_the_client_secret_out_of_history(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        result = await run(steps.open_payment, an_opening(order))
        [intent] = await outside.intents()
        kept = await PaymentStore().get(order)
        assert kept is not None
        assert kept.client_secret == intent.client_secret
        assert (kept.payment_intent_id, kept.amount, kept.currency) == (intent.id, TOTAL, "CAD")
        assert "secret" not in result.model_dump_json()

    @pytest.mark.parametrize("made", [True, False], ids=["made it", "made nothing"])
    async def test_after_a_stored_server_error_looks_before_it_makes_another(
        self, steps: PaymentActivities, outside: Outside, order: str, made: bool
    ) -> None:
        await outside.fail(CREATE, effect=made)
        assert named(await failure_of(steps.open_payment, an_opening(order))) == AWAY
        assert named(await failure_of(steps.open_payment, an_opening(order))) == STORED

        await outside.open(str(uuid4()))  # somebody else's, to be told apart
        result = await run(steps.open_payment, an_opening(order, attempt=2))
        [mine] = [i for i in await outside.intents() if i.metadata["order_id"] == order]
        assert result == OpenedPayment(payment_intent_id=mine.id, amount=TOTAL)
        kept = await PaymentStore().get(order)
        assert kept is not None
        assert kept.client_secret == mine.client_secret
        again = [] if made else [f"te:test:{order}:create:2"]
        assert [key for key in await outside.keys() if key.endswith(":2")] == again

    async def test_finds_its_own_among_many(
        self, steps: PaymentActivities, outside: Outside, gateway: StripeGateway, order: str
    ) -> None:
        mine = await outside.open(order)
        for _ in range(101):  # more than one page, and its own on the last
            await outside.open("another")
        found = await gateway.find(order, since=now())
        assert found is not None
        assert found.id == mine

    async def test_looks_no_further_back_than_the_order(
        self, outside: Outside, gateway: StripeGateway, order: str
    ) -> None:
        await outside.open(order)
        assert await gateway.find(order, since=now() + timedelta(minutes=5)) is None

    async def test_survives_a_line_that_breaks_after_the_effect(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        await outside.hooks.fault("disconnect_after", CREATE)
        assert named(await failure_of(steps.open_payment, an_opening(order))) == AWAY
        await run(steps.open_payment, an_opening(order))
        assert len(await outside.intents()) == 1


class TestChanging:
    """Another address, another total, until it is paid."""

    async def test_asks_another_amount(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await opened(steps, order)
        change = a_change(order, intent_id, 12000)
        for _ in range(2):
            changed = await run(steps.change_payment, change)
            assert changed == OpenedPayment(payment_intent_id=intent_id, amount=12000)
        assert (await outside.intent(intent_id)).amount == 12000
        kept = await PaymentStore().get(order)
        assert kept is not None
        assert kept.amount == 12000
        assert (await outside.keys())[-1] == f"te:test:{order}:amount-1-12000:1"

    async def test_asks_what_this_run_wants_though_a_lost_run_asked_another_amount_first(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await opened(steps, order)
        await run(steps.change_payment, a_change(order, intent_id, 12000))
        changed = await run(steps.change_payment, a_change(order, intent_id, 9000))
        assert changed.amount == (await outside.intent(intent_id)).amount == 9000

    async def test_of_what_is_paid_answers_the_amount_that_stands(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await paid(steps, outside, order)
        changed = await run(steps.change_payment, a_change(order, intent_id, 12000))
        assert changed == OpenedPayment(payment_intent_id=intent_id, amount=TOTAL)
        assert (await outside.intent(intent_id)).amount_capturable == TOTAL
        kept = await PaymentStore().get(order)
        assert kept is not None
        assert kept.amount == TOTAL

    @pytest.mark.parametrize("effect", [True, False])
    async def test_after_a_stored_server_error_takes_another_key(
        self, steps: PaymentActivities, outside: Outside, order: str, effect: bool
    ) -> None:
        intent_id = await opened(steps, order)
        await outside.fail(CHANGE, effect=effect)
        change = a_change(order, intent_id, 12000)
        assert named(await failure_of(steps.change_payment, change)) == AWAY
        assert named(await failure_of(steps.change_payment, change)) == STORED
        await run(steps.change_payment, a_change(order, intent_id, 12000, attempt=2))
        assert (await outside.intent(intent_id)).amount == 12000


class TestLooking:
    """States, times and codes, and nothing else."""

    async def test_sees_that_nobody_paid_yet(self, steps: PaymentActivities, order: str) -> None:
        assert await look(steps, await opened(steps, order)) == PaymentSeen(
            standing=PaymentStanding.UNPAID
        )

    async def test_sees_since_when_money_is_held(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await opened(steps, order)
        await outside.hooks.post("/clock", offset_seconds=600)  # paid ten minutes after opening
        await outside.pay(intent_id)
        seen = await look(steps, intent_id)
        assert seen == PaymentSeen(
            standing=PaymentStanding.AUTHORIZED, authorized_at=await outside.charged_at(intent_id)
        )
        assert seen.authorized_at is not None
        assert abs(seen.authorized_at - now() - timedelta(minutes=10)) < 5 * SECOND

    @pytest.mark.parametrize(
        ("card", "code"),
        [
            ("pm_card_chargeDeclined", "generic_decline"),
            ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
            # These two come without a decline code.
            ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
            ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
        ],
    )
    async def test_sees_why_the_bank_refused(
        self, steps: PaymentActivities, outside: Outside, order: str, card: str, code: str
    ) -> None:
        intent_id = await opened(steps, order)
        await outside.decline(intent_id, card)
        assert await look(steps, intent_id) == PaymentSeen(
            standing=PaymentStanding.UNPAID,
            declined_attempt_id=(await outside.intent(intent_id)).latest_charge,
            declined_code=code,
        )

    async def test_sees_a_failed_authentication_which_has_no_charge(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await opened(steps, order)
        await outside.pay(intent_id, "pm_card_threeDSecure2Required")
        assert (await look(steps, intent_id)).standing is PaymentStanding.UNPAID
        await outside.hooks.post(f"/payment_intents/{intent_id}/authenticate", outcome="failure")
        seen = await look(steps, intent_id)
        assert seen.declined_code == "payment_intent_authentication_failure"
        assert (seen.declined_attempt_id or "").startswith("pm_")

    async def test_forgets_a_refusal_once_another_card_was_good(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await opened(steps, order)
        await outside.decline(intent_id)
        await outside.pay(intent_id)
        seen = await look(steps, intent_id)
        assert (seen.standing, seen.declined_code) == (PaymentStanding.AUTHORIZED, None)

    async def test_sees_what_is_captured(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await outside.captured(order)
        assert await look(steps, intent_id) == PaymentSeen(
            standing=PaymentStanding.CAPTURED, authorized_at=await outside.charged_at(intent_id)
        )

    async def test_sees_what_is_over(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await paid(steps, outside, order)
        await outside.client.v1.payment_intents.cancel_async(intent_id)
        assert await look(steps, intent_id) == PaymentSeen(standing=PaymentStanding.CANCELED)

    async def test_writes_nothing_anywhere(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await outside.held(order)
        before = await outside.intent(intent_id)
        await look(steps, intent_id)
        assert await outside.intent(intent_id) == before
        assert await PaymentStore().get(order) is None
        assert not any(key.startswith("te:") for key in await outside.keys())


class TestCapturing:
    """Exactly what the buyer was shown, exactly once."""

    async def test_takes_the_money_once_however_often(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await paid(steps, outside, order)
        for attempt in (1, 1, 2, 3):
            await run(steps.capture_payment, a_capture(order, intent_id, attempt=attempt))
        account = await outside.account(intent_id)
        assert [move["amount"] for move in account["captures"]] == [TOTAL]
        keys = [key for key in await outside.keys() if "capture" in key]
        assert keys == [f"te:test:{order}:capture:1"]

    async def test_shows_the_card(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await opened(steps, order)
        await outside.pay(intent_id, "pm_card_mastercard")
        await run(steps.capture_payment, a_capture(order, intent_id))
        kept = await PaymentStore().get(order)
        assert kept is not None
        assert kept.card is not None
        assert kept.card.model_dump() == {"brand": "mastercard", "last4": "4444"}

    @pytest.mark.parametrize("kind", ["disconnect_after", "timeout_after"])
    async def test_once_when_the_answer_is_lost(
        self, steps: PaymentActivities, outside: Outside, order: str, kind: str
    ) -> None:
        intent_id = await paid(steps, outside, order)
        await outside.hooks.fault(kind, CAPTURE, seconds=0.02)
        assert named(await failure_of(steps.capture_payment, a_capture(order, intent_id))) == AWAY
        await run(steps.capture_payment, a_capture(order, intent_id))
        assert len((await outside.account(intent_id))["captures"]) == 1
        kept = await PaymentStore().get(order)
        assert kept is not None
        assert kept.card is not None, "the card is shown also when it was captured before"

    @pytest.mark.parametrize("effect", [True, False], ids=["captured", "not captured"])
    async def test_once_when_the_server_error_is_stored(
        self, steps: PaymentActivities, outside: Outside, order: str, effect: bool
    ) -> None:
        intent_id = await paid(steps, outside, order)
        await outside.fail(CAPTURE, effect=effect)
        request = a_capture(order, intent_id)
        assert named(await failure_of(steps.capture_payment, request)) == AWAY
        if not effect:
            assert named(await failure_of(steps.capture_payment, request)) == STORED
        await run(steps.capture_payment, a_capture(order, intent_id, attempt=2))
        account = await outside.account(intent_id)
        assert [move["amount"] for move in account["captures"]] == [TOTAL]

    async def test_twice_at_the_same_time_is_once(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await paid(steps, outside, order)
        request = a_capture(order, intent_id)
        answers = await asyncio.gather(
            *(run(steps.capture_payment, request) for _ in range(2)), return_exceptions=True
        )
        assert None in answers
        assert len((await outside.account(intent_id))["captures"]) == 1

    @pytest.mark.parametrize("shown", [TOTAL - 1, TOTAL + 1])
    async def test_refuses_another_amount_than_was_shown(
        self, steps: PaymentActivities, outside: Outside, order: str, shown: int
    ) -> None:
        intent_id = await paid(steps, outside, order)
        request = a_capture(order, intent_id, amount=shown)
        assert named(await failure_of(steps.capture_payment, request)) == REFUSED
        assert await outside.money(intent_id) == (0, 0, 0)

    async def test_refuses_when_another_amount_was_captured(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await outside.captured(order, TOTAL - 1)
        request = a_capture(order, intent_id)
        assert named(await failure_of(steps.capture_payment, request)) == REFUSED

    async def test_refuses_when_the_hold_ran_out(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await paid(steps, outside, order)
        await outside.hooks.post("/clock", advance_seconds=7 * 86_400 + 1)
        request = a_capture(order, intent_id)
        assert named(await failure_of(steps.capture_payment, request)) == REFUSED
        assert await outside.money(intent_id) == (0, 0, TOTAL)

    @pytest.mark.parametrize("over", [True, False], ids=["cancelled", "unpaid"])
    async def test_refuses_what_holds_no_money(
        self, steps: PaymentActivities, outside: Outside, order: str, over: bool
    ) -> None:
        intent_id = await opened(steps, order)
        if over:
            await run(steps.close_payment, a_close(order, intent_id))
        request = a_capture(order, intent_id)
        assert named(await failure_of(steps.capture_payment, request)) == REFUSED

    @pytest.mark.parametrize(
        ("meanwhile", "captured"), [("capture", TOTAL), ("cancel", 0), ("a part", TOTAL - 1)]
    )
    async def test_refused_after_the_look_counts_as_done_only_if_it_is(
        self,
        outside: Outside,
        databases: Databases,
        meanwhile: str,
        captured: int,
    ) -> None:
        """Somebody works in the dashboard between our look and our capture."""

        class Raced(StripeGateway):
            looks = 0

            @override
            async def get(self, payment_intent_id: str) -> stripe.PaymentIntent:
                intent = await super().get(payment_intent_id)
                self.looks += 1
                if self.looks == 1 and meanwhile == "cancel":
                    await outside.client.v1.payment_intents.cancel_async(intent.id)
                elif self.looks == 1:
                    await outside.client.v1.payment_intents.capture_async(
                        intent.id, {"amount_to_capture": captured}
                    )
                return intent

        steps = PaymentActivities(PaymentStore(), Raced(outside.client, environment=ENVIRONMENT))
        intent_id = await outside.held("order")
        request = a_capture("order", intent_id)
        if captured == TOTAL:
            await run(steps.capture_payment, request)
        else:
            assert named(await failure_of(steps.capture_payment, request)) == REFUSED
        assert (await outside.money(intent_id))[0] == captured


class TestClosing:
    """Afterwards nobody can pay any more."""

    async def test_cancels_what_nobody_paid(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await opened(steps, order)
        for attempt in (1, 1, 2):
            seen = await run(steps.close_payment, a_close(order, intent_id, attempt=attempt))
            assert seen == PaymentSeen(standing=PaymentStanding.CANCELED)
        with pytest.raises(stripe.InvalidRequestError):
            await outside.pay(intent_id)
        keys = [key for key in await outside.keys() if "cancel" in key]
        assert keys == [f"te:test:{order}:cancel:1"]

    async def test_goes_on_asking_for_a_payment_that_stripe_does_not_know(
        self, steps: PaymentActivities, order: str
    ) -> None:
        failure = await failure_of(steps.close_payment, a_close(order, "pi_unknown"))
        assert named(failure) == ("RefusedForNow", True)

    async def test_cancels_what_the_bank_refused_or_waits_for(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await opened(steps, order)
        await outside.decline(intent_id)
        await outside.pay(intent_id, "pm_card_threeDSecure2Required")
        seen = await run(steps.close_payment, a_close(order, intent_id, keep=now()))
        assert seen.standing is PaymentStanding.CANCELED

    async def test_keeps_money_that_was_held_in_time(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await paid(steps, outside, order)
        at = await outside.charged_at(intent_id)
        seen = await run(steps.close_payment, a_close(order, intent_id, keep=at))
        assert seen == PaymentSeen(standing=PaymentStanding.AUTHORIZED, authorized_at=at)
        assert await outside.money(intent_id) == (0, 0, 0)

    async def test_voids_money_that_came_a_second_too_late(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await opened(steps, order)
        deadline = now()
        await outside.hooks.post("/clock", offset_seconds=1)
        await outside.pay(intent_id)
        seen = await run(steps.close_payment, a_close(order, intent_id, keep=deadline))
        assert seen.standing is PaymentStanding.CANCELED
        assert await outside.money(intent_id) == (0, 0, TOTAL)

    async def test_voids_whatever_is_held_when_nothing_is_to_be_kept(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await paid(steps, outside, order)
        for _ in range(2):
            seen = await run(steps.close_payment, a_close(order, intent_id))
            assert seen.standing is PaymentStanding.CANCELED
        assert await outside.money(intent_id) == (0, 0, TOTAL)

    async def test_leaves_captured_money_alone_and_says_so(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await paid(steps, outside, order)
        await run(steps.capture_payment, a_capture(order, intent_id))
        seen = await run(steps.close_payment, a_close(order, intent_id))
        assert seen.standing is PaymentStanding.CAPTURED
        assert await outside.money(intent_id) == (TOTAL, 0, 0)

    @pytest.mark.parametrize("status", [429, 500, 503])
    async def test_is_tried_again_when_stripe_is_away(
        self, steps: PaymentActivities, outside: Outside, order: str, status: int
    ) -> None:
        intent_id = await opened(steps, order)
        await outside.hooks.fault("error_before", CANCEL, status=status, saved=False)
        assert named(await failure_of(steps.close_payment, a_close(order, intent_id))) == AWAY
        seen = await run(steps.close_payment, a_close(order, intent_id))
        assert seen.standing is PaymentStanding.CANCELED

    @pytest.mark.parametrize("effect", [True, False], ids=["voided", "not voided"])
    async def test_after_a_stored_server_error_takes_another_key(
        self, steps: PaymentActivities, outside: Outside, order: str, effect: bool
    ) -> None:
        intent_id = await paid(steps, outside, order)
        await outside.fail(CANCEL, effect=effect)
        assert named(await failure_of(steps.close_payment, a_close(order, intent_id))) == AWAY
        if not effect:
            failure = await failure_of(steps.close_payment, a_close(order, intent_id))
            assert named(failure) == STORED
        seen = await run(steps.close_payment, a_close(order, intent_id, attempt=2))
        assert seen.standing is PaymentStanding.CANCELED
        assert await outside.money(intent_id) == (0, 0, TOTAL)

    async def test_looks_again_when_the_payment_moved_meanwhile(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await opened(steps, order)
        await outside.hooks.fault("error_before", CANCEL, status=400, saved=False)
        failure = await failure_of(steps.close_payment, a_close(order, intent_id))
        assert named(failure) == ("PaymentMoved", True)
        await run(steps.close_payment, a_close(order, intent_id))


class TestReturning:
    """Money for a ticket that cannot be given."""

    async def test_refunds_once_however_often(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await outside.captured(order)
        for attempt in (1, 1, 2):
            await run(
                steps.return_payment,
                ReturnPayment(order_id=order, payment_intent_id=intent_id, attempt=attempt),
            )
        account = await outside.account(intent_id)
        assert [move["amount"] for move in account["refunds"]] == [TOTAL]
        assert f"te:test:{order}:refund:1" in await outside.keys()

    @pytest.mark.parametrize("effect", [True, False], ids=["refunded", "not refunded"])
    async def test_refunds_once_when_the_server_error_is_stored(
        self, steps: PaymentActivities, outside: Outside, order: str, effect: bool
    ) -> None:
        intent_id = await outside.captured(order)
        await outside.fail(REFUND, effect=effect)
        request = ReturnPayment(order_id=order, payment_intent_id=intent_id)
        assert named(await failure_of(steps.return_payment, request)) == AWAY
        await run(steps.return_payment, request.model_copy(update={"attempt": 2}))
        assert len((await outside.account(intent_id))["refunds"]) == 1

    async def test_refunds_only_what_is_not_refunded_yet(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await outside.captured(order)
        await outside.refund(intent_id, 300)
        request = ReturnPayment(order_id=order, payment_intent_id=intent_id)
        await run(steps.return_payment, request)
        assert await outside.money(intent_id) == (TOTAL, TOTAL, 0)

    async def test_is_not_content_with_a_refund_that_failed(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await outside.captured(order)
        await outside.hooks.post("/refund_mode", status="failed")
        request = ReturnPayment(order_id=order, payment_intent_id=intent_id)
        failure = await failure_of(steps.return_payment, request)
        assert named(failure) == ("RefundFailed", True)
        await outside.hooks.post("/refund_mode", status=None)
        await run(steps.return_payment, request.model_copy(update={"attempt": 2}))
        assert await outside.money(intent_id) == (TOTAL, TOTAL, 0)

    async def test_has_nothing_to_return_of_a_void(
        self, steps: PaymentActivities, outside: Outside, order: str
    ) -> None:
        intent_id = await paid(steps, outside, order)
        await run(steps.close_payment, a_close(order, intent_id))
        await run(steps.return_payment, ReturnPayment(order_id=order, payment_intent_id=intent_id))
        assert await outside.money(intent_id) == (0, 0, TOTAL)
