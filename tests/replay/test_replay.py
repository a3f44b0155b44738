"""New code must be able to carry on every purchase that old code has begun."""

import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from tests.replay.broken import HastyPurchase
from tests.replay.record import HISTORIES, OF_OLDER_CODE, PATHS
from workers.purchases import CHECKS, WORKFLOWS

RECORDED = sorted(HISTORIES.glob("*.json"))
OF_PURCHASES = [path for path in RECORDED if '"PurchaseWorkflow"' in path.read_text("utf-8")]
SPEAKING = {
    "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED",
    "EVENT_TYPE_MARKER_RECORDED",
    "EVENT_TYPE_TIMER_STARTED",
}


def is_silent(event: dict[str, Any]) -> bool:
    """Whether Temporal's page shows this step without a word about it."""
    return event["eventType"] in SPEAKING and "summary" not in event.get("userMetadata", {})


def history_of(path: Path) -> WorkflowHistory:
    """A recorded history; the workflow id has no part in a replay."""
    return WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
async def test_a_recorded_purchase_still_replays(recorded: Path) -> None:
    replayer = Replayer(workflows=[*WORKFLOWS, *CHECKS], data_converter=pydantic_data_converter)
    await replayer.replay_workflow(history_of(recorded))


async def test_a_workflow_that_was_changed_without_a_patch_does_not_replay() -> None:
    replayer = Replayer(workflows=[HastyPurchase], data_converter=pydantic_data_converter)
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(history_of(HISTORIES / "sold.json"))


def test_every_path_is_recorded() -> None:
    assert {path.stem for path in RECORDED} == {path.__name__ for path in PATHS} | {*OF_OLDER_CODE}


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_history_says_nothing_of_the_machine_it_was_made_on(recorded: Path) -> None:
    events = json.loads(recorded.read_text(encoding="utf-8"))["events"]
    assert "stackTrace" not in json.dumps(events)
    assert "identity" not in json.dumps(events)


@pytest.mark.parametrize("recorded", OF_PURCHASES, ids=lambda path: path.stem)
def test_every_timer_and_step_of_a_purchase_says_what_it_is_for(recorded: Path) -> None:
    events = json.loads(recorded.read_text(encoding="utf-8"))["events"]
    assert not [event["eventType"] for event in events if is_silent(event)]


def test_a_step_that_does_not_say_what_it_is_for_is_found() -> None:
    events = json.loads((HISTORIES / "sold.json").read_text(encoding="utf-8"))["events"]
    steps = [event for event in events if event["eventType"] in SPEAKING]
    for step in steps:
        del step["userMetadata"]
    assert steps
    assert all(is_silent(step) for step in steps)
