"""What becomes of a seller's tickets when the seller leaves."""

import pytest

from services.database import Databases
from services.tickets.documents import Ticket
from services.tickets.store import TicketStore
from tests.services.test_tickets import LATER, NOON, a_listing, reserve

SELLER = ("seller", "seller's second account")


@pytest.fixture
def tickets(databases: Databases) -> TicketStore:
    return TicketStore()


async def listed(tickets: TicketStore, *, by: str = "seller") -> Ticket:
    return await tickets.create(by, a_listing(), NOON)


async def test_what_is_for_sale_goes_and_what_somebody_has_stays(tickets: TicketStore) -> None:
    free, second = [await listed(tickets, by=seller) for seller in SELLER]
    held, sold, others = [await listed(tickets, by=by) for by in ("seller", "seller", "bob")]
    for taken in (held, sold):
        await reserve(tickets, taken)
    await tickets.sell(sold.id, order_id="order-1", at=NOON)

    for _ in range(2):
        assert await tickets.withdraw(SELLER) == 1, "one is on hold, to be asked about again"
    assert await tickets.get(free.id) is await tickets.get(second.id) is None
    left = [await tickets.get(each.id) for each in (held, sold, others)]
    assert [each.status for each in left if each] == ["reserved", "sold", "available"]
    assert await tickets.sell(held.id, order_id="order-1", at=LATER)


@pytest.mark.parametrize("sold", [False, True], ids=["a hold that ends", "a sale that is refunded"])
async def test_what_comes_back_after_its_seller_has_left_is_sold_to_nobody(
    tickets: TicketStore, *, sold: bool
) -> None:
    """It is deleted at the next look; until then nobody may have it."""
    ticket = await listed(tickets)
    await reserve(tickets, ticket)
    if sold:
        await tickets.sell(ticket.id, order_id="order-1", at=NOON)
    await tickets.withdraw(SELLER)
    await tickets.release(ticket.id, order_id="order-1", at=LATER)
    assert await reserve(tickets, ticket, "order-2") is None
    assert await tickets.withdraw(SELLER) == 0
    assert await tickets.get(ticket.id) is None
