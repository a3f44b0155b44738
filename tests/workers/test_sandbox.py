"""Our sandbox guards what the SDK's does, and is asked nothing that nobody wants to know."""

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import VersioningBehavior
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from temporal.client import connect
from temporal.settings import TemporalSettings
from workers.purchases import runner_of
from workers.sandbox import Sandbox
from workers.settings import WorkerSettings


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED, failure_exception_types=[Exception])
class Dice:
    """Asks chance, which no replay can answer again."""

    @workflow.run
    async def run(self, fair: bool) -> int:
        """With ``fair`` it asks the workflow's own."""
        return workflow.random().randint(1, 6) if fair else random.randint(1, 6)


async def roll(client: Client, *, fair: bool) -> int:
    """In the sandbox of our workers."""
    queue = f"dice-{uuid4()}"
    runner = runner_of(WorkerSettings())
    async with Worker(client, task_queue=queue, workflows=[Dice], workflow_runner=runner):
        return await client.execute_workflow(
            Dice.run, fair, id=queue, task_queue=queue, execution_timeout=timedelta(seconds=20)
        )


async def test_what_cannot_be_replayed_is_refused(temporal_address: str) -> None:
    client = await connect(TemporalSettings(address=temporal_address))

    with pytest.raises(WorkflowFailureError) as refused:
        await roll(client, fair=False)

    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == "RestrictedWorkflowAccessError"


async def test_what_can_be_replayed_runs(temporal_address: str) -> None:
    client = await connect(TemporalSettings(address=temporal_address))

    assert await roll(client, fair=True) in range(1, 7)


def test_every_workflow_runs_in_it_with_versions_and_without() -> None:
    assert isinstance(runner_of(WorkerSettings()), Sandbox)
    assert isinstance(runner_of(WorkerSettings(build_id="one")), Sandbox)


async def test_our_client_has_nothing_that_treats_a_payload_by_where_it_goes() -> None:
    client = await connect(TemporalSettings(), lazy=True)

    assert client.data_converter.payload_codec is None
    assert client.data_converter.external_storage is None
