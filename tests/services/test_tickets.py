"""The market, on a real MongoDB: listing, editing, and what purchases do."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typing_extensions import override

from services.database import Databases
from services.money import Money
from services.tickets.documents import Listing, Ticket, TicketStatus
from services.tickets.store import (
    NotTheSellerError,
    TicketNotFoundError,
    TicketStore,
    TicketTakenError,
)

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=15)


@pytest.fixture
def tickets(databases: Databases) -> TicketStore:
    return TicketStore()


def a_listing(title: str = "Front row", amount: int = 16000) -> Listing:
    return Listing(title=title, price=Money(amount=amount))


async def a_ticket(tickets: TicketStore) -> Ticket:
    return await tickets.create("seller", a_listing(), NOON)


async def reserve(
    tickets: TicketStore, ticket: Ticket, order: str = "order-1", buyer: str = "buyer"
) -> Ticket | None:
    return await tickets.reserve(
        ticket.id, order_id=order, buyer_id=buyer, version=ticket.version, until=LATER, at=NOON
    )


async def status(ticket: Ticket) -> TicketStatus:
    now = await Ticket.get(ticket.id)
    assert now is not None
    return now.status


async def test_ids_are_plain_strings(tickets: TicketStore, databases: Databases) -> None:
    await a_ticket(tickets)
    stored = await databases.tickets["tickets"].find_one({})
    assert stored is not None
    assert type(stored["_id"]) is str


async def test_a_created_ticket_is_what_is_read_later(tickets: TicketStore) -> None:
    ticket = await a_ticket(tickets)
    assert await tickets.get(ticket.id) == ticket
    assert await tickets.get("nothing") is None


class TestReserving:
    """A hold is one compare-and-set, fenced by the order."""

    async def test_holds_the_ticket_for_the_order(self, tickets: TicketStore) -> None:
        held = await reserve(tickets, await a_ticket(tickets))
        assert held is not None
        assert (held.status, held.held_by, held.held_until) == ("reserved", "order-1", LATER)
        assert held.version == 1

    async def test_twice_changes_nothing(self, tickets: TicketStore) -> None:
        ticket = await a_ticket(tickets)
        assert await reserve(tickets, ticket) == await reserve(tickets, ticket)

    async def test_again_does_not_shorten_an_extended_hold(self, tickets: TicketStore) -> None:
        ticket = await a_ticket(tickets)
        await reserve(tickets, ticket)
        until = LATER + timedelta(minutes=2)
        assert await tickets.extend(ticket.id, order_id="order-1", until=until, at=NOON)
        held = await reserve(tickets, ticket)
        assert held is not None
        assert held.held_until == until

    async def test_of_fifty_orders_at_once_one_wins(self, tickets: TicketStore) -> None:
        ticket = await a_ticket(tickets)
        answers = await asyncio.gather(*(reserve(tickets, ticket, f"order-{n}") for n in range(50)))
        winners = [answer for answer in answers if answer is not None]
        assert len(winners) == 1
        held = await tickets.get(ticket.id)
        assert held is not None
        assert held.held_by == winners[0].held_by

    async def test_without_compare_and_set_more_than_one_would_win(
        self, tickets: TicketStore
    ) -> None:
        """The negative control: the test above can fail."""
        both_have_read = asyncio.Barrier(2)

        class ReadThenWrite(TicketStore):
            @override
            async def reserve(
                self, ticket_id: str, *, order_id: str, buyer_id: str, until: datetime, **_: Any
            ) -> Ticket | None:
                ticket = await self.get(ticket_id)
                await both_have_read.wait()
                if ticket is None or ticket.status is not TicketStatus.AVAILABLE:
                    return None
                changes = {"status": "reserved", "held_by": order_id, "held_until": until}
                await self._collection.update_one({"_id": ticket_id}, {"$set": changes})
                return ticket

        careless = ReadThenWrite()
        ticket = await a_ticket(tickets)
        answers = await asyncio.gather(*(reserve(careless, ticket, f"order-{n}") for n in range(2)))
        assert sum(answer is not None for answer in answers) == 2

    async def test_refuses_a_version_that_the_buyer_did_not_see(self, tickets: TicketStore) -> None:
        ticket = await a_ticket(tickets)
        await tickets.edit(ticket.id, ("seller",), a_listing(amount=99000), NOON)
        assert await reserve(tickets, ticket) is None
        assert await status(ticket) == "available"

    async def test_refuses_the_seller(self, tickets: TicketStore) -> None:
        assert await reserve(tickets, await a_ticket(tickets), buyer="seller") is None

    async def test_refuses_a_ticket_that_is_gone(self, tickets: TicketStore) -> None:
        ticket = await a_ticket(tickets)
        await tickets.delete(ticket.id, ("seller",))
        assert await reserve(tickets, ticket) is None


class TestReleasing:
    """Giving back is for the holder only, and final."""

    async def test_puts_the_ticket_back_on_the_market(self, tickets: TicketStore) -> None:
        ticket = await a_ticket(tickets)
        await reserve(tickets, ticket)
        for _ in range(2):
            assert await tickets.release(ticket.id, order_id="order-1", at=LATER)
        free = await tickets.get(ticket.id)
        assert free is not None
        assert (free.status, free.held_by, free.held_until) == ("available", None, None)
        assert free.past_orders == ["order-1"]
        assert await reserve(tickets, ticket, "order-2")

    async def test_takes_nothing_from_another_order(self, tickets: TicketStore) -> None:
        ticket = await a_ticket(tickets)
        await reserve(tickets, ticket, "order-2")
        await tickets.release(ticket.id, order_id="order-1", at=LATER)
        assert await status(ticket) == "reserved"
        assert await tickets.sell(ticket.id, order_id="order-2", at=LATER)

    async def test_gives_a_sold_ticket_back_after_a_refund(self, tickets: TicketStore) -> None:
        ticket = await a_ticket(tickets)
        await reserve(tickets, ticket)
        await tickets.sell(ticket.id, order_id="order-1", at=NOON)
        assert await tickets.release(ticket.id, order_id="order-1", at=LATER)
        assert await status(ticket) == "available"

    async def test_a_second_refund_does_not_take_a_resold_ticket_away(
        self, tickets: TicketStore
    ) -> None:
        ticket = await a_ticket(tickets)
        for order in ("order-1", "order-2"):
            await reserve(tickets, ticket, order)
            await tickets.sell(ticket.id, order_id=order, at=NOON)
            await tickets.release(ticket.id, order_id="order-1", at=LATER)
        assert await status(ticket) == "sold"

    async def test_a_reservation_delayed_until_after_the_release_is_refused(
        self, tickets: TicketStore
    ) -> None:
        ticket = await a_ticket(tickets)
        await reserve(tickets, ticket)
        await tickets.release(ticket.id, order_id="order-1", at=LATER)
        assert await reserve(tickets, ticket) is None
        assert await status(ticket) == "available"

    async def test_a_reservation_that_arrives_only_after_its_release_is_refused(
        self, tickets: TicketStore
    ) -> None:
        ticket = await a_ticket(tickets)
        assert await tickets.release(ticket.id, order_id="order-1", at=LATER)
        assert await reserve(tickets, ticket) is None
        assert await status(ticket) == "available"

    async def test_whichever_way_reserve_and_release_race_the_ticket_ends_free(
        self, tickets: TicketStore
    ) -> None:
        ticket = await a_ticket(tickets)
        for n in range(20):
            order = f"order-{n}"
            await asyncio.gather(
                reserve(tickets, ticket, order),
                tickets.release(ticket.id, order_id=order, at=LATER),
                reserve(tickets, ticket, order),
            )
            assert await status(ticket) == "available"

    async def test_an_order_id_is_never_read_as_an_expression(self, tickets: TicketStore) -> None:
        ticket = await a_ticket(tickets)
        await reserve(tickets, ticket)
        await tickets.release(ticket.id, order_id="$held_by", at=LATER)
        assert await status(ticket) == "reserved"

    async def test_remembers_the_last_fifty_orders(self, tickets: TicketStore) -> None:
        ticket = await a_ticket(tickets)
        for n in range(52):
            await tickets.release(ticket.id, order_id=f"order-{n}", at=LATER)
        kept = await tickets.get(ticket.id)
        assert kept is not None
        assert kept.past_orders == [f"order-{n}" for n in range(2, 52)]

    async def test_says_no_about_a_ticket_that_is_gone(self, tickets: TicketStore) -> None:
        assert not await tickets.release("nothing", order_id="order-1", at=LATER)


class TestSelling:
    """Only the order that holds the ticket gets it."""

    async def test_twice_changes_nothing(self, tickets: TicketStore) -> None:
        ticket = await a_ticket(tickets)
        await reserve(tickets, ticket)
        assert await tickets.sell(ticket.id, order_id="order-1", at=NOON)
        sold = await tickets.get(ticket.id)
        assert await tickets.sell(ticket.id, order_id="order-1", at=LATER)
        assert await tickets.get(ticket.id) == sold

    async def test_refuses_an_order_that_does_not_hold_the_ticket(
        self, tickets: TicketStore
    ) -> None:
        ticket = await a_ticket(tickets)
        assert not await tickets.sell(ticket.id, order_id="order-1", at=NOON)
        await reserve(tickets, ticket, "order-2")
        assert not await tickets.sell(ticket.id, order_id="order-1", at=NOON)
        assert not await tickets.extend(ticket.id, order_id="order-1", until=LATER, at=NOON)
        assert await status(ticket) == "reserved"

    async def test_refuses_what_is_sold_to_another_order(self, tickets: TicketStore) -> None:
        """Whoever took that for a sale of their own would have paid for nothing."""
        ticket = await a_ticket(tickets)
        await reserve(tickets, ticket, "order-2")
        await tickets.sell(ticket.id, order_id="order-2", at=NOON)
        assert not await tickets.sell(ticket.id, order_id="order-1", at=LATER)
        assert not await tickets.extend(ticket.id, order_id="order-2", until=LATER, at=NOON)


Change = Callable[[TicketStore, str, str], Awaitable[object]]


async def _edit(tickets: TicketStore, ticket_id: str, user: str) -> object:
    return await tickets.edit(ticket_id, (user,), a_listing("Changed"), NOON)


async def _delete(tickets: TicketStore, ticket_id: str, user: str) -> None:
    await tickets.delete(ticket_id, (user,))


@pytest.mark.parametrize("change", [_edit, _delete])
class TestChanging:
    """Only the seller, and only while nobody has the ticket."""

    async def test_is_refused_to_others(self, tickets: TicketStore, change: Change) -> None:
        ticket = await a_ticket(tickets)
        with pytest.raises(NotTheSellerError):
            await change(tickets, ticket.id, "stranger")
        assert await tickets.get(ticket.id) == ticket

    async def test_of_nothing_is_not_found(self, tickets: TicketStore, change: Change) -> None:
        with pytest.raises(TicketNotFoundError):
            await change(tickets, "nothing", "seller")

    @pytest.mark.parametrize("sold", [False, True])
    async def test_is_refused_while_somebody_has_the_ticket(
        self, tickets: TicketStore, change: Change, *, sold: bool
    ) -> None:
        ticket = await a_ticket(tickets)
        await reserve(tickets, ticket)
        if sold:
            await tickets.sell(ticket.id, order_id="order-1", at=NOON)
        before = await tickets.get(ticket.id)
        with pytest.raises(TicketTakenError):
            await change(tickets, ticket.id, "seller")
        assert await tickets.get(ticket.id) == before

    async def test_and_reserving_at_once_never_both_succeed(
        self, tickets: TicketStore, change: Change
    ) -> None:
        outcomes = set()
        for _ in range(20):
            ticket = await a_ticket(tickets)
            changed, held = await asyncio.gather(
                change(tickets, ticket.id, "seller"),
                reserve(tickets, ticket),
                return_exceptions=True,
            )
            was_changed = not isinstance(changed, Exception)
            outcomes.add((was_changed, held is not None))
        assert outcomes <= {(True, False), (False, True)}


async def test_editing_counts_a_version_and_replaces_everything(tickets: TicketStore) -> None:
    ticket = await tickets.create(
        "seller", a_listing().model_copy(update={"seat": "A1", "venue": "Arena"}), NOON
    )
    edited = await tickets.edit(ticket.id, ("seller",), a_listing("Back row", 5000), LATER)
    assert (edited.title, edited.title_key, edited.price.amount) == ("Back row", "back row", 5000)
    assert (edited.seat, edited.venue, edited.version) == (None, None, 2)
    assert (edited.created_at, edited.updated_at) == (NOON, LATER)
