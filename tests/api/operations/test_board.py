"""What needs a person, and how it gets off the board."""

from uuid import uuid4

import pytest

from services.clock import now
from services.operations.documents import CheckRun, Finding, Trouble
from services.operations.store import OperationsStore
from services.security_log import Event
from tests.api.market import Json, Market, problem
from tests.api.operations.conftest import REASON, Duty, Told


@pytest.fixture
async def finding(market: Market) -> Finding:
    """Something on the board."""
    subject = f"pi_{uuid4().hex}"
    found: Finding = Finding(
        id=f"{Trouble.ORPHAN_PAYMENT}:{subject}",
        kind=Trouble.ORPHAN_PAYMENT,
        subject=subject,
        detail="Nobody waits for this money.",
        payment_intent_id=subject,
        found_at=now(),
        seen_at=now(),
    )
    await OperationsStore().report(found)
    return found


async def dismiss(operator: Duty, finding_id: str) -> int:
    answer = await operator.http.post(
        f"/api/operations/findings/{finding_id}/dismiss", json={"reason": REASON}
    )
    if answer.status_code != 204:
        problem(answer, 404)
    return answer.status_code


async def on_board(operator: Duty, finding: Finding) -> list[Json]:
    board = await operator.looks("board")
    return [each for each in board["findings"] if each["id"] == finding.id]


async def test_the_board_says_what_is_open_and_when_was_checked_last(
    operator: Duty, finding: Finding
) -> None:
    run: CheckRun = CheckRun(
        id=uuid4().hex, began_at=now(), ended_at=now(), orders_checked=7, healed=2, found=1
    )
    await OperationsStore().note_run(run)
    (shown,) = await on_board(operator, finding)
    assert shown["title"] == "Money came for a closed purchase"
    assert shown["payment_intent_id"] == finding.payment_intent_id
    last = (await operator.looks("board"))["last_check"]
    assert (last["orders_checked"], last["healed"], last["found"]) == (7, 2, 1)


async def test_what_somebody_has_dealt_with_is_dismissed_once_and_told(
    operator: Duty, finding: Finding, told: Told
) -> None:
    assert [await dismiss(operator, finding.id) for _ in range(2)] == [204, 404]
    assert await on_board(operator, finding) == []
    (line,) = told.of(Event.FINDING_DISMISSED)
    assert (line["user_id"], line["finding_id"]) == (operator.id, finding.id)
    kept = await Finding.get(finding.id)
    assert kept is not None
    assert (kept.closed_by, kept.why) == (operator.id, REASON)


async def test_what_is_not_there_cannot_be_dismissed(operator: Duty) -> None:
    assert await dismiss(operator, "I1:nothing") == 404
