"""What needs a person, and how it gets off the board."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from api.operations.views import TITLES
from services.clock import now
from services.operations.documents import CheckRun, Finding, Invariant, Trouble
from services.operations.store import OperationsStore
from services.security_log import Event
from temporal.bootstrap import schedule_reconciliation
from tests.api.market import BILLING, SELDOM, Json, Market, Person, problem, until
from tests.api.operations.conftest import REASON, Duty, Told
from workflows.reconciliation.address import RECONCILIATION


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


def test_whatever_can_be_found_has_a_title() -> None:
    assert set(TITLES) == {*Invariant, *Trouble}


async def test_what_is_not_there_cannot_be_dismissed(operator: Duty) -> None:
    assert await dismiss(operator, "I1:nothing") == 404


async def test_an_order_is_checked_and_what_was_missed_is_made_good(
    market: Market, operator: Duty, seller: Person, buyer: Person, told: Told
) -> None:
    """The webhook is lost, the workflow has not looked yet: a check tells it."""
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    await market.hooks.post("/webhooks/mode", drop=True)
    await market.pay(order)
    checked = await asyncio.gather(*(operator.does("check", order) for _ in range(2)))
    assert [detail["purchase"]["status"] for detail in checked] == ["complete"] * 2
    lines = told.of(Event.OPERATOR_ACTED)
    assert {(line["action"], line["outcome"]) for line in lines} == {("check", "done")}


async def test_a_check_that_nobody_takes_is_said(
    market: Market, operator: Duty, seller: Person, buyer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await buyer.buys(await seller.lists())
    monkeypatch.setattr("temporal.operations.actions.CHECK_WITHIN", timedelta(seconds=1))
    async with market.crew.away():
        problem(await operator.tries("check", order), 503)


async def test_everything_is_checked_when_an_operator_says_so(operator: Duty, told: Told) -> None:
    before = (await operator.looks("board"))["last_check"]
    answers = await asyncio.gather(*(reconcile(operator) for _ in range(2)))
    assert [answer.status_code for answer in answers] == [202, 202]

    async def look() -> bool:
        last = (await operator.looks("board"))["last_check"]
        return bool(last and last != before and last["ended_at"])

    await until(look)
    assert [line["action"] for line in told.of(Event.OPERATOR_ACTED)] == ["reconcile"] * 2


async def test_a_namespace_without_a_schedule_is_said(market: Market, operator: Duty) -> None:
    await market.temporal.get_schedule_handle(RECONCILIATION).delete()
    said = problem(await reconcile(operator), 503)
    assert said["detail"] == "Nothing is checked here yet: Temporal has no schedule."
    await schedule_reconciliation(market.temporal, SELDOM)
    assert (await reconcile(operator)).status_code == 202


async def reconcile(operator: Duty) -> httpx.Response:
    return await operator.http.post("/api/operations/reconciliation")


async def test_what_was_put_right_is_shown_apart(operator: Duty, finding: Finding) -> None:
    await OperationsStore().note_healed(finding, at=now())
    board = await operator.looks("board")
    assert finding.id not in {each["id"] for each in board["findings"]}
    (shown,) = [each for each in board["healed"] if each["id"] == finding.id]
    assert shown["closed_at"] is not None
