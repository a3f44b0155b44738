"""How somebody leaves, and how a letter is sent."""

from uuid import uuid4

from temporalio.client import WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from tests.fakes import final, outage
from tests.workflows.stage import Stage
from workflows.closure.address import closure_workflow_id
from workflows.closure.messages import CloseAccount
from workflows.closure.workflow import ClosureWorkflow
from workflows.letters.address import letter_workflow_id
from workflows.queues import TaskQueue

LOOK = ["withdrawn", "anonymised"]


async def closing(stage: Stage) -> WorkflowHandle[ClosureWorkflow, None]:
    user_id = str(uuid4())
    start = WithStartWorkflowOperation(
        ClosureWorkflow.run,
        CloseAccount(user_id=user_id),
        id=closure_workflow_id(user_id),
        task_queue=TaskQueue.PURCHASES,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    await stage.client.execute_update_with_start_workflow(
        ClosureWorkflow.forgotten, start_workflow_operation=start
    )
    return await start.workflow_handle()


async def test_nobody_can_sign_in_before_anything_else_is_done(stage: Stage) -> None:
    handle = await closing(stage)
    assert stage.closures.done[0] == "forgotten"
    await stage.outcome(handle)
    assert stage.closures.done == ["forgotten", *LOOK, *LOOK]


async def test_what_is_still_under_way_is_looked_at_until_it_has_ended(stage: Stage) -> None:
    stage.closures.left = [2, 1, 1, 0]
    begun = await stage.now()
    await stage.outcome(await closing(stage))
    assert stage.closures.done == ["forgotten", *LOOK * 4]
    assert (await stage.now() - begun).total_seconds() >= 10 + 60 + 300


async def test_an_outage_of_mongodb_only_delays_it(stage: Stage) -> None:
    for step in ("forget_account", "withdraw_listings", "anonymise_orders"):
        stage.script.faults[step] = [outage(), outage()]
    await stage.outcome(await closing(stage))
    assert stage.closures.done == ["forgotten", *LOOK, *LOOK]


async def test_a_letter_is_sent_also_when_the_post_was_away_at_first(stage: Stage) -> None:
    stage.script.faults["send_letter"] = [outage()]
    handle = await stage.a_letter()
    assert await handle.result() is True
    assert handle.id == letter_workflow_id(stage.post.letters[0])
    assert stage.calls == ["send_letter", "send_letter"]


async def test_a_letter_that_the_post_refuses_is_given_up(stage: Stage) -> None:
    stage.script.faults["send_letter"] = [final(), final()]
    handle = await stage.a_letter()
    assert await handle.result() is False
    assert stage.post.letters == []
