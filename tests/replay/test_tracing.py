"""Traces change nothing that a workflow does: what was recorded replays, and costs are the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from temporal.client import connect
from temporal.settings import TemporalSettings
from tests.builders import a_purchase
from tests.replay.broken import HastyPurchase
from tests.replay.record import HISTORIES
from tests.replay.test_replay import RECORDED, history_of
from tests.spans import Spans, recorded_spans
from tests.workflows.stage import Stage
from tests.workflows.test_economy import transitions
from workers.purchases import CHECKS, WORKFLOWS
from workflows.purchase.messages import PurchaseStatus

HEADER = "_tracer-data"


@pytest.fixture(scope="module")
def spans() -> Iterator[Spans]:
    with recorded_spans() as spans:
        yield spans


def a_replayer(*workflows: type, spans: Spans | None = None) -> Replayer:
    """Today's code, traced or not."""
    return Replayer(
        workflows=workflows,
        data_converter=pydantic_data_converter,
        interceptors=[TracingInterceptor(spans.traces.tracer)] if spans else [],
    )


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
async def test_a_recorded_purchase_replays_with_traces_on(recorded: Path, spans: Spans) -> None:
    await a_replayer(*WORKFLOWS, *CHECKS, spans=spans).replay_workflow(history_of(recorded))


async def test_a_workflow_that_was_changed_without_a_patch_does_not_replay_either(
    spans: Spans,
) -> None:
    with pytest.raises(NondeterminismError):
        await a_replayer(HastyPurchase, spans=spans).replay_workflow(
            history_of(HISTORIES / "sold.json")
        )


async def test_a_traced_purchase_costs_the_same_and_can_go_on_without_traces(
    temporal_address: str, spans: Spans
) -> None:
    plain, plain_cost = await _a_sale(temporal_address)
    traced, traced_cost = await _a_sale(temporal_address, spans)

    assert traced_cost == plain_cost <= 12
    assert _what_happened(traced) == _what_happened(plain)
    assert (_is_traced(traced), _is_traced(plain)) == (True, False)
    await a_replayer(*WORKFLOWS).replay_workflow(traced)
    await a_replayer(*WORKFLOWS, *CHECKS, spans=spans).replay_workflow(plain)


async def _a_sale(address: str, spans: Spans | None = None) -> tuple[WorkflowHistory, int]:
    """A purchase from the click to the mail, and its state transitions."""
    client = await connect(
        TemporalSettings(address=address), tracer=spans.traces.tracer if spans else None
    )
    stage = Stage(WorkflowEnvironment.from_client(client))
    async with stage.workers():
        if spans is None:
            handle, _ = await stage.start(a_purchase(billing_id="home"))
        else:
            with spans.traces.tracer.start_as_current_span("click"):
                handle, _ = await stage.start(a_purchase(billing_id="home"))
        await stage.pay(handle)
        outcome = await handle.result()
    assert outcome.status is PurchaseStatus.COMPLETE
    return await handle.fetch_history(), await transitions(handle)


def _what_happened(history: WorkflowHistory) -> list[str]:
    """Events in order, with the steps that they are about."""
    return [
        f"{EventType.Name(event.event_type)}"
        f" {event.activity_task_scheduled_event_attributes.activity_type.name}"
        f" {event.marker_recorded_event_attributes.marker_name}"
        for event in history.events
    ]


def _is_traced(history: WorkflowHistory) -> bool:
    return HEADER in history.events[0].workflow_execution_started_event_attributes.header.fields
