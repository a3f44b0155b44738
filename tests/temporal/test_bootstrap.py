"""What the bootstrap leaves behind, however often it runs."""

import os
import subprocess
import sys
from datetime import timedelta
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
)
from temporalio.client import Client, ScheduleOverlapPolicy

from temporal.bootstrap import keep_histories, schedule_reconciliation
from temporal.client import connect
from temporal.settings import TemporalSettings
from tests.api.market import until

FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
async def namespace(temporal_address: str) -> Client:
    """A client of a namespace that nobody has made ready."""
    client = await connect(TemporalSettings(address=temporal_address))
    name = f"bootstrap-{uuid4().hex[:12]}"
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=name, workflow_execution_retention_period=Duration(seconds=86_400)
        )
    )
    return await connect(TemporalSettings(address=temporal_address, namespace=name))


def bootstrap(**environ: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if "_" not in name}
    return subprocess.run(
        [sys.executable, "-m", "temporal.bootstrap"],
        env=inherited | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_histories_are_kept_as_long_as_wished(namespace: Client) -> None:
    assert await keep_histories(namespace, timedelta(days=45))
    assert await keep_histories(namespace, timedelta(days=45))

    async def look() -> bool:
        described = await namespace.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=namespace.namespace)
        )
        return described.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=45)

    await until(look)


async def test_the_schedule_is_made_once_and_follows_the_settings(namespace: Client) -> None:
    assert await schedule_reconciliation(namespace, FIVE_MINUTES)
    assert not await schedule_reconciliation(namespace, timedelta(seconds=7))
    found = (await namespace.get_schedule_handle("reconciliation").describe()).schedule
    (interval,) = found.spec.intervals
    assert interval.every == timedelta(seconds=7)
    assert found.policy.overlap is ScheduleOverlapPolicy.SKIP


async def test_a_schedule_that_somebody_has_paused_stays_paused(namespace: Client) -> None:
    await schedule_reconciliation(namespace, FIVE_MINUTES)
    handle = namespace.get_schedule_handle("reconciliation")
    await handle.pause(note="Stripe is being moved.")
    await schedule_reconciliation(namespace, FIVE_MINUTES)
    state = (await handle.describe()).schedule.state
    assert (state.paused, state.note) == (True, "Stripe is being moved.")


def test_it_says_what_it_did_and_may_be_run_again(namespace: Client, temporal_address: str) -> None:
    settings = {
        "TEMPORAL_ADDRESS": temporal_address,
        "TEMPORAL_NAMESPACE": namespace.namespace,
        "RECONCILIATION_SECONDS": "60",
        "TEMPORAL_RETENTION_DAYS": "3",
    }
    first, second = bootstrap(**settings), bootstrap(**settings)
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert "histories are kept 3 days; reconciliation every 60 s begins" in first.stdout
    assert "no search attribute to add" in second.stdout
    assert "reconciliation every 60 s goes on" in second.stdout


@pytest.mark.parametrize("name", ["RECONCILIATION_SECONDS", "TEMPORAL_RETENTION_DAYS"])
def test_a_setting_that_makes_no_sense_ends_it_with_one_line_that_names_it(name: str) -> None:
    answer = bootstrap(**{name: "0"})
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"{name}: ")
    assert "Traceback" not in answer.stderr
