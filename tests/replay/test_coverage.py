"""Whatever a workflow can be told, can do and can answer is in some recorded history.

A new message, step or outcome fails here until a path with it is recorded (``make histories``):
only then does CI notice a change that would break the workflows that are on that path.
"""

import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args, get_type_hints

import pytest
from pydantic import BaseModel
from temporalio.api.common.v1 import Payload

from tests.replay.record import HISTORIES
from tests.replay.test_replay import history_of
from tests.workers.test_workers import DECLARED, names_of
from workers.purchases import CHECKS, WORKFLOWS
from workflows.orphan.messages import OrphanSettlement
from workflows.purchase.messages import PurchaseStatus
from workflows.refund.messages import RefundStatus

ALL: Final = (*WORKFLOWS, *CHECKS)

NO_END: Final[frozenset[StrEnum]] = frozenset(
    {
        PurchaseStatus.CREATED,
        PurchaseStatus.AWAITING_PAYMENT,
        RefundStatus.REQUESTED,
        RefundStatus.PENDING,
    }
)
"""States on the way, which no workflow ends in."""

PASSED_ON: Final = (OrphanSettlement,)
"""Vocabularies of a step's answer that the workflow hands on unread: one history is all of them."""


class Told(NamedTuple):
    """What the histories of one kind of workflow tell."""

    messages: set[str]
    answers: set[tuple[str, str]]
    """Message, or "" for the result of the whole, and each word in its answer."""
    steps: set[str]


@pytest.fixture(scope="module")
def told() -> dict[str, Told]:
    """What all recorded histories tell, by kind of workflow."""
    all_told = {kind.__name__: Told(set(), set(), set()) for kind in ALL}
    for path in HISTORIES.glob("*.json"):
        read(path, all_told)
    return all_told


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_message_is_in_a_history(kind: type, told: dict[str, Told]) -> None:
    assert told[kind.__name__].messages >= signals(kind) | updates(kind).keys()


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_outcome_is_in_a_history(kind: type, told: dict[str, Told]) -> None:
    answers = {"": kind.run, **updates(kind)}  # type: ignore[attr-defined]
    possible = {
        (name, str(outcome))
        for name, function in answers.items()
        for outcome in outcomes(get_type_hints(function)["return"])
        if outcome not in NO_END
    }
    assert possible - told[kind.__name__].answers == set()


def test_every_step_is_in_a_history(told: dict[str, Told]) -> None:
    declared = {step for each in DECLARED for step in names_of(each)}
    assert declared - {step for each in told.values() for step in each.steps} == set()


def test_these_checks_notice_what_is_missing(told: dict[str, Told]) -> None:
    """The control: of a history of one path alone, most is missing."""
    one = {kind.__name__: Told(set(), set(), set()) for kind in ALL}
    read(HISTORIES / "sold.json", one)
    purchase = one["PurchaseWorkflow"]
    assert purchase.messages == {"reserve", "payment_authorized"}
    assert {("", "complete"), ("reserve", "reserved")} <= purchase.answers
    assert ("bill", "billed") not in purchase.answers
    assert "capture_payment" in purchase.steps
    assert "close_payment" not in purchase.steps


def signals(kind: type) -> set[str]:
    """The names of the signals that it takes."""
    marks = [getattr(each, "__temporal_signal_definition", None) for each in vars(kind).values()]
    return {mark.name for mark in marks if mark is not None}


def updates(kind: type) -> dict[str, Any]:
    """The updates that it takes, by name."""
    return {each._defn.name: each for each in vars(kind).values() if hasattr(each, "_defn")}


def outcomes(answer: object) -> Iterator[StrEnum]:
    """Every word of a vocabulary that may stand in an answer of this type."""
    if isinstance(answer, type) and issubclass(answer, StrEnum):
        yield from () if answer in PASSED_ON else answer
    elif isinstance(answer, type) and issubclass(answer, BaseModel):
        for field in answer.model_fields.values():
            yield from outcomes(field.annotation)
    else:
        for part in get_args(answer):
            yield from outcomes(part)


def read(path: Path, all_told: dict[str, Told]) -> None:
    """Add what this history tells."""
    events = history_of(path).events
    told = all_told[events[0].workflow_execution_started_event_attributes.workflow_type.name]
    updates_by_id: dict[str, str] = {}
    for event in events:
        match event.WhichOneof("attributes"):
            case "workflow_execution_signaled_event_attributes":
                told.messages.add(event.workflow_execution_signaled_event_attributes.signal_name)
            case "workflow_execution_update_accepted_event_attributes":
                accepted = event.workflow_execution_update_accepted_event_attributes
                request = accepted.accepted_request
                updates_by_id[request.meta.update_id] = request.input.name
                told.messages.add(request.input.name)
            case "workflow_execution_update_completed_event_attributes":
                done = event.workflow_execution_update_completed_event_attributes
                name = updates_by_id[done.meta.update_id]
                told.answers.update((name, word) for word in words(done.outcome.success.payloads))
            case "workflow_execution_completed_event_attributes":
                result = event.workflow_execution_completed_event_attributes.result
                told.answers.update(("", word) for word in words(result.payloads))
            case "activity_task_scheduled_event_attributes":
                step = event.activity_task_scheduled_event_attributes
                told.steps.add(step.activity_type.name)
            case "marker_recorded_event_attributes":
                data = event.marker_recorded_event_attributes.details["data"].payloads
                told.steps.update(json.loads(each.data)["activity_type"] for each in data)
            case _:
                pass


def words(payloads: Iterable[Payload]) -> Iterator[str]:
    """Every text in an answer, at its top or one level below."""
    for payload in payloads:
        value = json.loads(payload.data) if payload.data else None
        yield from (
            each
            for each in (value.values() if isinstance(value, dict) else [value])
            if isinstance(each, str)
        )
