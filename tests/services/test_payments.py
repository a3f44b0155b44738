"""The payments database: one PaymentIntent per order, an inbox, and what became of orphans."""

import asyncio

import pytest
import stripe
from pydantic import SecretStr
from pymongo.errors import DuplicateKeyError

from services.database import Databases
from services.payments.documents import Card, InboxEvent, Orphan, Payment
from services.payments.store import PaymentStore
from services.payments.stripe import StripeSettings, metadata_of, said
from tests.order_builders import LATER, NOON


@pytest.fixture
def payments(databases: Databases) -> PaymentStore:
    return PaymentStore()


def a_payment(order: str = "order-1", intent: str = "pi_1", amount: int = 11300) -> Payment:
    return Payment(
        id=order,
        payment_intent_id=intent,
        client_secret=f"{intent}_secret_x",
        amount=amount,
        currency="CAD",
        created_at=NOON,
    )


def an_event(event_id: str = "evt_1", object_id: str = "pi_1") -> InboxEvent:
    return InboxEvent(
        id=event_id, type="payment_intent.succeeded", object_id=object_id, received_at=NOON
    )


class TestPayments:
    """The one PaymentIntent of an order."""

    async def test_opening_again_changes_nothing(self, payments: PaymentStore) -> None:
        await payments.open(a_payment())
        await payments.open(a_payment(amount=1))
        assert await payments.get("order-1") == a_payment()

    async def test_an_order_never_gets_a_second_payment_intent(
        self, payments: PaymentStore
    ) -> None:
        await payments.open(a_payment())
        with pytest.raises(DuplicateKeyError):
            await payments.open(a_payment(intent="pi_2"))
        assert await payments.get("order-1") == a_payment()

    async def test_a_payment_intent_never_gets_a_second_order(self, payments: PaymentStore) -> None:
        await payments.open(a_payment())
        with pytest.raises(DuplicateKeyError):
            await payments.open(a_payment("order-2"))
        assert await payments.get("order-2") is None

    async def test_amount_and_card_are_what_is_noted_last(self, payments: PaymentStore) -> None:
        await payments.open(a_payment())
        await payments.set_amount("order-1", 12000)
        for _ in range(2):
            await payments.show_card("order-1", Card(brand="visa", last4="4242"))
        kept = await payments.get("order-1")
        assert kept is not None
        assert kept.amount == 12000
        assert kept.card == Card(brand="visa", last4="4242")

    async def test_what_is_noted_about_no_order_is_not_kept(self, payments: PaymentStore) -> None:
        await payments.set_amount("nothing", 12000)
        await payments.show_card("nothing", Card(brand="visa", last4="4242"))
        assert await Payment.count() == 0

    async def test_several_are_read_at_once(self, payments: PaymentStore) -> None:
        for n in (1, 2, 3):
            await payments.open(a_payment(f"order-{n}", f"pi_{n}"))
        found = await payments.of_orders(["order-1", "order-3", "nothing"])
        assert {order: payment.payment_intent_id for order, payment in found.items()} == {
            "order-1": "pi_1",
            "order-3": "pi_3",
        }


class TestInbox:
    """An event has its effect once."""

    async def test_an_event_is_received_until_it_is_handled(self, payments: PaymentStore) -> None:
        assert (await payments.receive(an_event())).status == "received"
        assert (await payments.receive(an_event())).status == "received", "goes through again"
        await payments.mark_handled("evt_1", outcome="authorized", at=LATER)
        again = await payments.receive(an_event())
        assert (again.status, again.outcome, again.handled_at) == ("handled", "authorized", LATER)

    async def test_a_repeat_does_not_change_what_lies_there(self, payments: PaymentStore) -> None:
        await payments.receive(an_event())
        again = await payments.receive(an_event(object_id="pi_2"))
        assert again.object_id == "pi_1"
        assert await InboxEvent.count() == 1

    async def test_many_deliveries_at_once_are_one_event(self, payments: PaymentStore) -> None:
        await asyncio.gather(*(payments.receive(an_event()) for _ in range(20)))
        assert await InboxEvent.count() == 1

    async def test_handling_what_never_came_makes_no_event(self, payments: PaymentStore) -> None:
        await payments.mark_handled("evt_1", outcome="authorized", at=LATER)
        assert await InboxEvent.count() == 0


async def test_the_first_record_of_an_orphan_stays(payments: PaymentStore) -> None:
    for settlement in ("voided", "nothing_held"):
        await payments.record_orphan(
            Orphan(
                id="pi_1",
                order_id="order-1",
                settlement=settlement,
                amount=11300,
                currency="CAD",
                settled_at=NOON,
            )
        )
    [record] = await Orphan.find_all().to_list()
    assert record.settlement == "voided"


@pytest.mark.parametrize(
    ("key", "live"),
    [("sk_test_1", False), ("rk_test_1", False), ("sk_live_1", True), ("rk_live_1", True)],
)
def test_real_money_moves_with_live_keys_only(key: str, live: bool) -> None:
    settings = StripeSettings(secret_key=SecretStr(key))
    assert settings.live is live
    assert key not in repr(settings)


def test_a_field_that_stripe_leaves_out_says_nothing() -> None:
    refund = stripe.Refund.construct_from({"id": "re_1", "metadata": {"order_id": "o"}}, "key")
    assert said(refund, "failure_reason") is None
    assert (metadata_of(refund, "order_id"), metadata_of(refund, "environment")) == ("o", None)
    bare = stripe.PaymentIntent.construct_from({"id": "pi_1", "metadata": None}, "key")
    assert metadata_of(bare, "order_id") is None
