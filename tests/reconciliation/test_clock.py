"""What is overdue is overdue by Temporal's clock, as deadlines are; the worker's may be wrong."""

from datetime import datetime, timedelta

import pytest

from services.clock import now
from temporal.lookup import WorkflowLookup
from tests.api.market import Market, Person
from tests.reconciliation.auditor import Auditor, a_step_at
from workers.__main__ import make_checks
from workers.settings import CheckSettings
from workflows.reconciliation.messages import Span
from workflows.reconciliation.steps import CheckOrder

FIVE_MINUTES, TEN_MINUTES = timedelta(minutes=5), timedelta(minutes=10)


class Look:
    """One check of one order, at a moment that Temporal tells."""

    def __init__(self, market: Market, auditor: Auditor, order_id: str) -> None:
        self._checks = make_checks(
            market.gateway, WorkflowLookup(market.temporal), CheckSettings(stripe_per_second=500)
        )
        self._auditor = auditor
        self._order_id = order_id

    async def at(self, moment: datetime) -> list[str]:
        """What the board says after a step that began at this moment, by Temporal's clock."""
        span = Span(began_at=moment, since=moment - FIVE_MINUTES)
        await a_step_at(moment).run(
            self._checks.check_order, CheckOrder(span=span, order_id=self._order_id)
        )
        return list(await self._auditor.board())


@pytest.mark.parametrize(
    ("ends", "in_time", "overdue"),
    [
        (-FIVE_MINUTES, -TEN_MINUTES, timedelta(0)),
        (FIVE_MINUTES, timedelta(0), TEN_MINUTES),
    ],
    ids=["a fast worker takes no hold for overdue", "a slow worker overlooks none"],
)
async def test_a_hold_is_overdue_when_temporal_says_so_whatever_the_time_is_here(
    auditor: Auditor,
    market: Market,
    seller: Person,
    buyer: Person,
    *,
    ends: timedelta,
    in_time: timedelta,
    overdue: timedelta,
) -> None:
    """The times count from this machine's. By them alone, one of the two looks would be wrong."""
    order = await auditor.billed(seller, buyer)
    here, ticket_id = now(), order["ticket"]["id"]
    await auditor.change_order(order, expires_at=here + ends)
    await auditor.change_ticket(ticket_id, held_until=here + ends)
    look = Look(market, auditor, order["id"])
    assert await look.at(here + in_time) == []
    assert await look.at(here + overdue) == [f"I4:{ticket_id}"]
