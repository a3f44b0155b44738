"""The twin is one: what it costs the engine is what a purchase costs, event by event."""

from datetime import UTC, datetime
from uuid import uuid4

from bench.engine import calls
from bench.engine.histories import Shape, shape
from bench.engine.worker import twin_worker
from tests.builders import a_purchase
from tests.workflows.stage import Stage
from workers.settings import WorkerSettings

UNTIL_COMPLETE = 9
MAIL = 3
NOTHING = 3


async def a_paid_purchase(stage: Stage) -> Shape:
    async with stage.workers():
        handle, _ = await stage.start(a_purchase(billing_id=str(uuid4())))
        await stage.pay(handle, at=datetime.now(UTC))
        await stage.outcome(handle)
    return await shape(stage.client, handle.id)


async def test_a_twin_leaves_the_history_of_a_paid_purchase(empty_stage: Stage) -> None:
    client = empty_stage.client
    purchase = await a_paid_purchase(empty_stage)
    async with twin_worker(client, WorkerSettings(graceful_seconds=0)):
        order_id = await calls.start_twin(client)
        await calls.pay_twin(client, order_id)
        outcome = await calls.twin(client, order_id).result()
        twin = await shape(client, calls.twin_id(order_id))

    assert twin.unlike(purchase) is None
    assert twin.transitions <= UNTIL_COMPLETE + MAIL
    assert outcome.order_id == order_id


async def test_a_no_op_is_no_twin(empty_stage: Stage) -> None:
    client = empty_stage.client
    purchase = await a_paid_purchase(empty_stage)
    async with twin_worker(client, WorkerSettings(graceful_seconds=0)):
        noop = await shape(client, await calls.run_noop(client))

    assert noop.transitions == NOTHING
    assert noop.unlike(purchase) is not None


def test_shapes_differ_by_kind_number_and_cost_of_what_happened() -> None:
    one = Shape(events=("STARTED", "SIGNALED"), transitions=3)

    assert one.unlike(one) is None
    assert one.unlike(Shape(("STARTED", "COMPLETED"), 3)) == (
        "event 2 is SIGNALED here and COMPLETED there"
    )
    assert one.unlike(Shape(("STARTED",), 3)) == "2 events here and 1 there"
    assert one.unlike(Shape(one.events, 4)) == "3 state transitions here and 4 there"
