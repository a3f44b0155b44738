"""The ticket steps of a purchase on a real MongoDB; the store's own tests tell the rest."""

import asyncio
from datetime import timedelta

import pytest

from activities.tickets import TicketActivities
from services.database import Databases
from services.money import Money
from services.tickets.documents import Listing, Ticket, TicketStatus
from services.tickets.store import TicketStore
from tests.activities.stripe_builders import run
from tests.order_builders import DEADLINE, LATER, NOON
from workflows.purchase.steps import ExtendHold, Hold, ReserveTicket


@pytest.fixture
def steps(databases: Databases) -> TicketActivities:
    return TicketActivities(TicketStore())


@pytest.fixture
async def ticket(databases: Databases) -> Ticket:
    """A ticket on the market."""
    listing = Listing(title="Front row", price=Money(amount=16000))
    return await TicketStore().create("seller", listing, NOON)


def a_reservation(ticket: Ticket, order: str = "order-1") -> ReserveTicket:
    return ReserveTicket(
        order_id=order,
        ticket_id=ticket.id,
        buyer_id="buyer",
        version=ticket.version,
        until=DEADLINE,
        at=NOON,
    )


def a_hold(ticket: Ticket, order: str = "order-1") -> Hold:
    return Hold(order_id=order, ticket_id=ticket.id, at=LATER)


def an_extension(ticket: Ticket, order: str = "order-1") -> ExtendHold:
    until = DEADLINE + timedelta(minutes=2)
    return ExtendHold(order_id=order, ticket_id=ticket.id, at=LATER, until=until)


async def as_it_is(ticket: Ticket) -> Ticket:
    found = await TicketStore().get(ticket.id)
    assert found is not None
    return found


async def test_reserving_twice_changes_nothing(steps: TicketActivities, ticket: Ticket) -> None:
    assert await run(steps.reserve_ticket, a_reservation(ticket))
    once = await as_it_is(ticket)
    assert (once.status, once.held_by, once.held_until) == ("reserved", "order-1", DEADLINE)
    assert await run(steps.reserve_ticket, a_reservation(ticket))
    assert await as_it_is(ticket) == once


@pytest.mark.parametrize(
    "other",
    [{"version": 2}, {"buyer_id": "seller"}, {"ticket_id": "nothing"}],
    ids=["another version", "their own ticket", "no such ticket"],
)
async def test_a_ticket_that_is_not_to_be_had_stays_as_it_is(
    steps: TicketActivities, ticket: Ticket, other: dict[str, object]
) -> None:
    request = a_reservation(ticket).model_copy(update=other)
    assert not await run(steps.reserve_ticket, request)
    assert await as_it_is(ticket) == ticket


async def test_of_many_orders_at_once_one_reserves(steps: TicketActivities, ticket: Ticket) -> None:
    answers = await asyncio.gather(
        *(run(steps.reserve_ticket, a_reservation(ticket, f"order-{n}")) for n in range(30))
    )
    assert sum(answers) == 1


async def test_a_hold_is_extended_for_its_own_order_only(
    steps: TicketActivities, ticket: Ticket
) -> None:
    await run(steps.reserve_ticket, a_reservation(ticket))
    await run(steps.extend_hold, an_extension(ticket, "order-2"))
    assert (await as_it_is(ticket)).held_until == DEADLINE
    for _ in range(2):
        await run(steps.extend_hold, an_extension(ticket))
        assert (await as_it_is(ticket)).held_until == DEADLINE + timedelta(minutes=2)


async def test_releasing_is_final_for_the_order_and_harmless_for_others(
    steps: TicketActivities, ticket: Ticket
) -> None:
    await run(steps.reserve_ticket, a_reservation(ticket))
    await run(steps.release_ticket, a_hold(ticket, "order-2"))
    assert (await as_it_is(ticket)).held_by == "order-1"
    for _ in range(2):
        await run(steps.release_ticket, a_hold(ticket))
        assert (await as_it_is(ticket)).status is TicketStatus.AVAILABLE
    assert not await run(steps.reserve_ticket, a_reservation(ticket)), "a step from before"
    assert await run(steps.reserve_ticket, a_reservation(ticket, "order-3"))


async def test_a_release_that_overtakes_its_reservation_fences_it(
    steps: TicketActivities, ticket: Ticket
) -> None:
    await run(steps.release_ticket, a_hold(ticket))
    assert not await run(steps.reserve_ticket, a_reservation(ticket))


async def test_selling_is_for_the_holder_and_repeatable(
    steps: TicketActivities, ticket: Ticket
) -> None:
    assert not await run(steps.sell_ticket, a_hold(ticket)), "nobody holds it"
    await run(steps.reserve_ticket, a_reservation(ticket))
    assert not await run(steps.sell_ticket, a_hold(ticket, "order-2"))
    for _ in range(2):
        assert await run(steps.sell_ticket, a_hold(ticket))
    sold = await as_it_is(ticket)
    assert (sold.status, sold.held_by, sold.held_until) == ("sold", "order-1", None)


async def test_a_sold_ticket_is_neither_reserved_nor_extended_again(
    steps: TicketActivities, ticket: Ticket
) -> None:
    await run(steps.reserve_ticket, a_reservation(ticket))
    await run(steps.sell_ticket, a_hold(ticket))
    sold = await as_it_is(ticket)
    for order in ("order-1", "order-2"):
        assert not await run(steps.reserve_ticket, a_reservation(ticket, order))
        await run(steps.extend_hold, an_extension(ticket, order))
    assert await as_it_is(ticket) == sold


async def test_a_refunded_order_puts_its_sold_ticket_back(
    steps: TicketActivities, ticket: Ticket
) -> None:
    await run(steps.reserve_ticket, a_reservation(ticket))
    await run(steps.sell_ticket, a_hold(ticket))
    await run(steps.release_ticket, a_hold(ticket))
    assert await run(steps.reserve_ticket, a_reservation(ticket, "order-2"))
