"""Money for a closed purchase: who keeps it, what goes back, and what is written down."""

from uuid import uuid4

import pytest

from activities.gateways.stripe import StripeGateway
from activities.orphans import OrphanActivities
from services.database import Databases
from services.orders.documents import OrderStatus
from services.orders.store import OrderStore
from services.payments.documents import Orphan
from services.payments.store import PaymentStore
from tests.activities.stripe_builders import CANCEL, REFUND, Outside, failure_of, named, run
from tests.order_builders import LATER, NOON, an_order
from workflows.orphan.messages import OrphanSettlement
from workflows.orphan.steps import SettleOrphan

TOTAL = 11300


@pytest.fixture
def steps(databases: Databases, gateway: StripeGateway) -> OrphanActivities:
    return OrphanActivities(OrderStore(), PaymentStore(), gateway)


@pytest.fixture
def order() -> str:
    return str(uuid4())


def a_settling(order: str, intent_id: str, *, attempt: int = 1) -> SettleOrphan:
    return SettleOrphan(order_id=order, payment_intent_id=intent_id, at=NOON, attempt=attempt)


async def stored(order: str, status: OrderStatus, payment_intent_id: str | None) -> None:
    """The order in this state, with this payment."""
    await an_order(status, order_id=order, payment_intent_id=payment_intent_id).insert()


async def test_money_held_for_a_cancelled_order_is_voided_and_recorded_once(
    steps: OrphanActivities, outside: Outside, order: str
) -> None:
    intent_id = await outside.held(order)
    await stored(order, OrderStatus.CANCELLED, intent_id)
    for at in (NOON, LATER):
        request = a_settling(order, intent_id).model_copy(update={"at": at})
        assert await run(steps.settle_orphan, request) is OrphanSettlement.VOIDED
    assert await outside.money(intent_id) == (0, 0, TOTAL)
    [record] = await Orphan.find_all().to_list()
    assert record.model_dump() == {
        "id": intent_id,
        "order_id": order,
        "settlement": "voided",
        "amount": TOTAL,
        "currency": "CAD",
        "settled_at": NOON,
    }


async def test_money_captured_for_a_cancelled_order_is_refunded_and_recorded_once(
    steps: OrphanActivities, outside: Outside, order: str
) -> None:
    intent_id = await outside.captured(order)
    await stored(order, OrderStatus.CANCELLED, intent_id)
    for attempt in (1, 1, 2):
        settled = await run(steps.settle_orphan, a_settling(order, intent_id, attempt=attempt))
        assert settled is OrphanSettlement.REFUNDED
    assert [move["amount"] for move in (await outside.account(intent_id))["refunds"]] == [TOTAL]
    [record] = await Orphan.find_all().to_list()
    assert (record.settlement, record.amount) == ("refunded", TOTAL)


@pytest.mark.parametrize(
    "status",
    [
        status
        for status in OrderStatus
        if status in (OrderStatus.COMPLETE, OrderStatus.REFUNDING, OrderStatus.REFUNDED)
    ],
)
async def test_an_orders_own_payment_is_wanted_and_left_alone(
    steps: OrphanActivities, outside: Outside, order: str, status: str
) -> None:
    intent_id = await outside.captured(order)
    await stored(order, OrderStatus(status), intent_id)
    settled = await run(steps.settle_orphan, a_settling(order, intent_id))
    assert settled is OrphanSettlement.WANTED
    assert await outside.money(intent_id) == (TOTAL, 0, 0)
    assert await Orphan.count() == 0


async def test_money_for_an_open_order_whose_purchase_is_gone_is_not_held_for_nothing(
    steps: OrphanActivities, outside: Outside, order: str
) -> None:
    intent_id = await outside.held(order)
    await stored(order, OrderStatus.AWAITING_PAYMENT, intent_id)
    assert await run(steps.settle_orphan, a_settling(order, intent_id)) is OrphanSettlement.VOIDED
    assert await outside.money(intent_id) == (0, 0, TOTAL)


@pytest.mark.parametrize("captured", [True, False])
async def test_a_second_payment_of_a_complete_order_goes_back(
    steps: OrphanActivities, outside: Outside, order: str, captured: bool
) -> None:
    own = await outside.captured(order)
    await stored(order, OrderStatus.COMPLETE, own)
    second = await (outside.captured(order) if captured else outside.held(order))
    settled = await run(steps.settle_orphan, a_settling(order, second))
    assert settled == ("refunded" if captured else "voided")
    assert await outside.money(second) == ((TOTAL, TOTAL, 0) if captured else (0, 0, TOTAL))
    assert await outside.money(own) == (TOTAL, 0, 0)


async def test_money_for_an_order_that_never_was_goes_back(
    steps: OrphanActivities, outside: Outside, order: str
) -> None:
    intent_id = await outside.held(order)
    settled = await run(steps.settle_orphan, a_settling(order, intent_id))
    assert settled is OrphanSettlement.VOIDED
    assert await outside.money(intent_id) == (0, 0, TOTAL)


async def test_a_payment_that_nobody_paid_is_closed(
    steps: OrphanActivities, outside: Outside, order: str
) -> None:
    intent_id = await outside.open(order)
    await outside.decline(intent_id)
    for _ in range(2):
        settled = await run(steps.settle_orphan, a_settling(order, intent_id))
        assert settled is OrphanSettlement.NOTHING_HELD
    assert (await outside.intent(intent_id)).status == "canceled"


@pytest.mark.parametrize("captured", [True, False])
async def test_several_orphans_of_one_order_all_go_back(
    steps: OrphanActivities, gateway: StripeGateway, outside: Outside, order: str, captured: bool
) -> None:
    """Also after the purchase used its own keys: each orphan has keys of its own."""
    first = await (outside.captured(order) if captured else outside.held(order))
    if captured:
        await gateway.refund(order, first, amount=TOTAL, attempt=1)
    else:
        await gateway.cancel(order, first, attempt=1)
    for _ in range(2):
        orphan = await (outside.captured(order) if captured else outside.held(order))
        settled = await run(steps.settle_orphan, a_settling(order, orphan))
        assert settled == ("refunded" if captured else "voided")
        operation = "refund" if captured else "cancel"
        assert f"te:test:{order}:{operation}-{orphan}:1" in await outside.keys()
    assert await Orphan.count() == 2


@pytest.mark.parametrize("effect", [True, False])
@pytest.mark.parametrize(("captured", "path"), [(True, REFUND), (False, CANCEL)])
async def test_a_stored_server_error_is_looked_behind(
    steps: OrphanActivities, outside: Outside, captured: bool, path: str, effect: bool
) -> None:
    intent_id = await (outside.captured("order") if captured else outside.held("order"))
    await outside.fail(path, effect=effect)
    failure = await failure_of(steps.settle_orphan, a_settling("order", intent_id))
    assert named(failure) == ("StripeAway", True)
    assert await Orphan.count() == 0
    settled = await run(steps.settle_orphan, a_settling("order", intent_id, attempt=2))
    assert settled == ("refunded" if captured else "voided")
    assert await outside.money(intent_id) == ((TOTAL, TOTAL, 0) if captured else (0, 0, TOTAL))
    [record] = await Orphan.find_all().to_list()
    assert record.settlement == settled


async def test_a_payment_that_moves_meanwhile_is_looked_at_again(
    steps: OrphanActivities, outside: Outside, order: str
) -> None:
    intent_id = await outside.held(order)
    await outside.hooks.fault("error_before", CANCEL, status=400, saved=False)
    failure = await failure_of(steps.settle_orphan, a_settling(order, intent_id))
    assert named(failure) == ("PaymentMoved", True)
    settled = await run(steps.settle_orphan, a_settling(order, intent_id))
    assert settled is OrphanSettlement.VOIDED


async def test_a_refund_that_failed_is_not_recorded_as_money_returned(
    steps: OrphanActivities, outside: Outside, order: str
) -> None:
    intent_id = await outside.captured(order)
    await outside.hooks.post("/refund_mode", status="failed")
    failure = await failure_of(steps.settle_orphan, a_settling(order, intent_id))
    assert named(failure) == ("RefundFailed", True)
    assert await Orphan.count() == 0
