"""Another version of the workers is rolled out while purchases are under way, on a real server."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import Client, WorkflowHandle
from temporalio.common import VersioningBehavior
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from temporal.calls import NobodyAnsweredError
from temporal.deployment import NEEDED, Deployment
from temporal.pollers import WORKFLOWS as OF_WORKFLOWS
from temporal.pollers import look_at_queue, purchase_pollers
from temporal.purchases import Purchases
from temporal.settings import DeploymentSettings
from tests.builders import WINDOW, a_purchase
from tests.fakes import outage
from tests.replay.broken import SlowStarter
from tests.servers import temporal_server
from tests.workflows.refunds import ask_for_a_refund
from tests.workflows.stage import PATIENCE_SECONDS, PurchaseHandle, Stage
from workers.purchases import CHECKS, WORKFLOWS
from workers.purchases import version_of as version_of_workers
from workers.settings import WorkerSettings
from workflows.purchase.messages import PurchaseStatus
from workflows.purchase.workflow import PurchaseWorkflow
from workflows.queues import TaskQueue
from workflows.refund.messages import RefundStatus
from workflows.refund.workflow import RefundWorkflow

CHANGED = [SlowStarter if each is PurchaseWorkflow else each for each in WORKFLOWS]
"""The code of the next version: an open purchase cannot be carried on by it."""

PAID_COST = 12
"""State transitions of a paid purchase with its mail; see tests/workflows/test_economy.py."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, because here it is told which workers get new work.

    It notices within seconds that a version is drained; a server left alone takes minutes.
    """
    with temporal_server(
        tmp_path_factory.mktemp("rollout"),
        'matching.wv.VersionDrainageStatusVisibilityGracePeriod="1s"',
        'matching.wv.VersionDrainageStatusRefreshInterval="1s"',
    ) as address:
        yield address


@pytest_asyncio.fixture(loop_scope="session")
async def old(server: str) -> Stage:
    """The stage of version "old"."""
    return Stage(WorkflowEnvironment.from_client(await a_client(server, "old")))


@pytest_asyncio.fixture(loop_scope="session")
async def new(server: str, old: Stage) -> Stage:
    """Another process beside it, with the same world behind."""
    beside = Stage(WorkflowEnvironment.from_client(await a_client(server, "new")), old.script)
    beside.tickets, beside.orders, beside.stripe = old.tickets, old.orders, old.stripe
    beside.post, beside.closures = old.post, old.closures
    return beside


async def a_client(server: str, identity: str) -> Client:
    """A client whose doings can be told from another's in a history."""
    return await Client.connect(server, identity=identity, data_converter=pydantic_data_converter)


async def versions(server: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``python -m temporal.versions``, as whoever deploys runs it."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "temporal.versions", *arguments],
        env={"TEMPORAL_ADDRESS": server, "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def version_of(handle: WorkflowHandle[Any, Any]) -> str:
    """The version that has carried the workflow on, last."""
    info = (await handle.describe()).raw_description.workflow_execution_info
    return info.versioning_info.deployment_version.build_id


async def who_captured(handle: PurchaseHandle) -> list[tuple[str, str]]:
    """Queue and process of each try that came to an end."""
    events = [event async for event in handle.fetch_history_events()]
    asked = {
        event.event_id: event.activity_task_scheduled_event_attributes.task_queue.name
        for event in events
        if event.activity_task_scheduled_event_attributes.activity_type.name == "capture_payment"
    }
    started = [
        event.activity_task_started_event_attributes
        for event in events
        if event.activity_task_started_event_attributes.scheduled_event_id in asked
    ]
    return [(asked[each.scheduled_event_id], each.identity) for each in started]


async def start(stage: Stage, count: int) -> list[PurchaseHandle]:
    """Purchases that wait for their buyers."""
    return [(await stage.start(a_purchase(billing_id="home")))[0] for _ in range(count)]


async def test_purchases_under_way_end_on_the_version_that_they_began_on(
    server: str, old: Stage, new: Stage
) -> None:
    async with old.workers(build_id="old"):
        assert (await versions(server, "old")).returncode == 0
        await routed(old.client, {"old"})
        begun = await start(old, 4)
        (quick,) = await start(old, 1)  # paid at once, before anybody looks at Stripe for it
        await old.pay(quick)
        assert (await quick.result()).status is PurchaseStatus.COMPLETE
        async with new.workers(build_id="new", workflows=CHANGED):
            before = await start(new, 1)
            promoted = await versions(server, "new")
            assert (promoted.returncode, promoted.stderr) == (0, "")
            await routed(new.client, {"new"})
            assert (await versions(server, "new")).stdout == promoted.stdout  # again: no harm
            after = await start(new, 4)
            busy = await versions(server, "--drained", "old")
            assert busy.returncode == 1
            assert "old is draining, 5 open: its workers must stay" in busy.stderr

            old.script.faults["capture_payment"] = [outage()]  # then `payments` has to go on
            for handle in (*begun, *before, *after):
                await old.pay(handle)
                assert (await handle.result()).status is PurchaseStatus.COMPLETE

            assert {await version_of(handle) for handle in (*begun, *before)} == {"old"}
            assert {await version_of(handle) for handle in after} == {"new"}
            tries = await who_captured(begun[0])
            assert tries == [(TaskQueue.PURCHASES, "old"), (TaskQueue.PAYMENTS, "old")]
            assert await who_captured(after[0]) == [(TaskQueue.PURCHASES, "new")]
            assert old.calls.count("sell_ticket") == len(old.tickets.sold_to) == 10
            economy = (await quick.describe()).raw_description.workflow_execution_info
            assert economy.state_transition_count <= PAID_COST

            drained = await versions(server, "--drained", "old", "--wait", "30")
            assert drained.stdout == "old is drained: its workers may go.\n"


async def test_without_versions_the_same_change_would_have_harmed_them(old: Stage) -> None:
    """The control: on this server nothing but its version protects an open purchase."""
    await make_unversioned(old.client)
    async with old.workers():
        (handle,) = await start(old, 1)
    async with old.workers(workflows=CHANGED):
        await old.pay(handle)
        cause = await first_failure(handle)
    assert cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
    async with old.workers():  # the old code takes it up again where it was
        assert (await handle.result()).status is PurchaseStatus.COMPLETE


async def test_a_refund_that_waits_goes_on_with_the_version_that_is_current_then(
    server: str, old: Stage, new: Stage
) -> None:
    old.stripe.refund_answers = [RefundStatus.PENDING, RefundStatus.SUCCEEDED]
    async with old.workers(build_id="old"):
        assert (await versions(server, "old")).returncode == 0
        await routed(old.client, {"old"})
        refund = (await ask_for_a_refund(old)).handle
        assert await version_of(refund) == "old"
    async with new.workers(build_id="new", workflows=CHANGED):
        assert (await versions(server, "new")).returncode == 0
        await routed(new.client, {"new"})
        await refund.signal(RefundWorkflow.refund_settled)
        assert (await refund.result()).status is RefundStatus.SUCCEEDED
        assert await version_of(refund) == "new"


async def test_a_share_of_new_purchases_can_be_tried_first_and_taken_back(
    server: str, old: Stage, new: Stage
) -> None:
    async with old.workers(build_id="old"), new.workers(build_id="new", workflows=CHANGED):
        assert (await versions(server, "old")).returncode == 0
        await routed(old.client, {"old"})
        ramped = await versions(server, "new", "--ramp", "100")
        assert ramped.stdout == "new takes 100 % of new purchases.\n"
        await routed(new.client, {"old", "new"})
        (tried,) = await start(new, 1)
        assert await version_of(tried) == "new"
        assert await purchase_pollers(new.client) == 2
        refused = await versions(server, "old", "--ramp", "10")
        assert refused.stderr.startswith("old is current already")
        assert (await versions(server, "new", "--ramp", "0")).returncode == 0
        await routed(new.client, {"old"})
        (not_tried,) = await start(new, 1)
        assert await version_of(not_tried) == "old"
        for handle in (tried, not_tried):
            await old.pay(handle)
            assert (await handle.result()).status is PurchaseStatus.COMPLETE


async def test_a_version_that_nobody_made_current_takes_nothing_and_is_not_called_ready(
    old: Stage,
) -> None:
    await make_unversioned(old.client)
    async with old.workers(build_id="old"):
        queue = await look_at_queue(old.client, TaskQueue.PURCHASES, OF_WORKFLOWS)
        assert "old" in [version.build_id for version in queue.by if version is not None]
        assert await purchase_pollers(old.client) == queue.by.count(None)
        with pytest.raises(NobodyAnsweredError):
            await Purchases(old.client).start(
                order_id=str(uuid4()),
                ticket_id="ticket",
                ticket_version=1,
                buyer_id="buyer",
                billing_id=None,
                window=WINDOW,
                extension=timedelta(0),
                summary="A ticket",
            )
    assert "ticket" not in old.tickets.held_by


async def test_a_version_whose_workers_leave_a_queue_out_is_not_made_current(
    server: str, old: Stage
) -> None:
    refused = await versions(server, "nobody", "--wait", "0")
    assert refused.returncode == 1
    for queue, _ in NEEDED:
        assert queue in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert (await versions(server, "--drained", "nobody")).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["two words"], "letters, digits"),
        (["a", "--ramp", "101"], "between 0 and 100"),
        (["a", "--ramp", "1", "--drained"], "not allowed with"),
        ([], "BUILD_ID"),
    ],
)
async def test_a_command_line_that_makes_no_sense_is_explained(
    arguments: list[str], said: str
) -> None:
    ended = await versions("127.0.0.1:1", *arguments)
    assert ended.returncode == 2
    assert said in ended.stderr


async def test_temporal_that_is_away_is_told_in_one_line() -> None:
    ended = await versions("127.0.0.1:1", "a")
    assert ended.returncode == 1
    assert ended.stderr.startswith("Temporal (TEMPORAL_ADDRESS) did not answer")
    assert ended.stderr.count("\n") == 1


def test_every_workflow_says_how_it_moves_between_versions() -> None:
    """The SDK asks for it only once workers have versions, which on ``make dev`` they have not."""
    config = version_of_workers(WorkerSettings(build_id="a"))
    assert config is not None
    assert config.default_versioning_behavior is VersioningBehavior.UNSPECIFIED
    undecided = [
        each.__name__
        for each in (*WORKFLOWS, *CHECKS)
        if not getattr(each, "__temporal_workflow_definition").versioning_behavior
    ]
    assert undecided == []


async def make_unversioned(client: Client) -> None:
    """New work goes to workers without a version, as before the first rollout."""
    with suppress(RPCError):  # no version has ever been announced
        await Deployment(client, DeploymentSettings().deployment).make_current("")
    await routed(client, set())


async def routed(client: Client, build_ids: set[str]) -> None:
    """Return when new purchases go to these versions; Temporal tells its queues after it answered.

    Without any they go to workers that have none.
    """
    wanted: set[str | None] = {*build_ids} or {None}
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            queue = await look_at_queue(client, TaskQueue.PURCHASES, OF_WORKFLOWS)
            if {each.build_id if each else None for each in queue.goes_to} == wanted:
                return
            await asyncio.sleep(0.05)


async def first_failure(handle: PurchaseHandle) -> int:
    """Why a workflow task failed for the first time."""
    while True:
        async for event in handle.fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                return event.workflow_task_failed_event_attributes.cause
        await asyncio.sleep(0.05)
