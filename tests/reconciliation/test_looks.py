"""What a check keeps to itself: what a remedy is still at, and what moves while it is read."""

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

from typing_extensions import override

from activities.reconciliation.case import Patience
from activities.reconciliation.checks import CheckActivities
from activities.reconciliation.pace import Pace
from activities.reconciliation.reading import Books
from services.clock import now
from services.tickets.audit import TicketAudit
from services.tickets.documents import Ticket
from temporal.lookup import WorkflowLookup
from tests.api.market import Market, Person
from tests.reconciliation.auditor import Auditor, a_step_at
from tests.reconciliation.conftest import IMPATIENT
from workers.__main__ import make_checks
from workflows.reconciliation.steps import BeginCheck, CheckAgain, CheckOrder


async def test_what_is_not_healed_yet_is_reported_at_the_last_look_only(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    order = await auditor.billed(seller, buyer)
    await auditor.lose_purchase(order)
    await auditor.let_the_hold_run_out(order)
    checks = make_checks(market.gateway, WorkflowLookup(market.temporal), IMPATIENT)
    run = a_step_at(now()).run
    span = await run(checks.begin_check, BeginCheck(run_id="1", order_id=order["id"]))
    ill = (await run(checks.check_order, CheckOrder(span=span, order_id=order["id"]))).cures
    assert ill
    for last in (False, True):
        again = await run(checks.check_again, CheckAgain(span=span, cures=ill, last=last))
        assert again.cures == ill
        assert list(await auditor.board()) == ([cure.key for cure in ill] if last else [])


class Meanwhile(TicketAudit):
    """Tickets, which are read after their orders; before the third time something happens."""

    def __init__(self, happens: Callable[[], Awaitable[None]]) -> None:
        self._happens = happens
        self.looks = 0

    @override
    async def many(self, ticket_ids: Collection[str]) -> dict[str, Ticket]:
        self.looks += 1
        if self.looks == 3:
            await self._happens()
        return await super().many(ticket_ids)


async def test_an_order_that_moves_between_two_reads_is_read_again_before_it_is_judged(
    auditor: Auditor, market: Market, seller: Person, buyer: Person
) -> None:
    """The first two reads find a sale that lacks its last step; during the third it is taken."""
    order = await auditor.sold(seller, buyer)
    await auditor.change_order(order, status="awaiting_payment")
    await auditor.change_ticket(order["ticket"]["id"], status="reserved")

    async def the_last_step() -> None:
        await auditor.change_ticket(order["ticket"]["id"], status="sold")
        await auditor.change_order(order, status="complete")

    tickets = Meanwhile(the_last_step)
    books = Books(market.gateway, WorkflowLookup(market.temporal), Pace(500), tickets=tickets)
    patience = Patience(message=timedelta(0), hold=timedelta(0))
    checks = CheckActivities(books, window=timedelta(hours=1), patience=patience, page_size=2)
    run = a_step_at(now()).run
    span = await run(checks.begin_check, BeginCheck(run_id="1", order_id=order["id"]))
    looked = await run(checks.check_order, CheckOrder(span=span, order_id=order["id"]))
    assert (looked.cures, await auditor.board()) == ([], {})
    assert tickets.looks > 3
