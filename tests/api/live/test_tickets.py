"""A page that lists tickets is told which of them have changed."""

from services.database import MongoSettings
from services.tickets.documents import Listing, Ticket
from services.tickets.store import TicketStore
from tests.api.live.conftest import Served, serving
from tests.api.market import problem
from tests.api.streams import Message, Stream
from tests.order_builders import DEADLINE, LATER, NOON, PRICE

TICKETS = TicketStore()
LISTING = Listing(title="Front row", price=PRICE)


async def a_ticket() -> Ticket:
    return await TICKETS.create("seller", LISTING, NOON)


async def reserve(ticket: Ticket) -> None:
    held = await TICKETS.reserve(
        ticket.id, order_id="order", buyer_id="buyer", version=1, until=DEADLINE, at=LATER
    )
    assert held is not None


async def told(stream: Stream) -> Message:
    (message,) = await stream.read(1)
    return message


async def test_tickets_come_change_and_go(served: Served) -> None:
    async with served.market() as stream:
        ticket = await a_ticket()
        new = await told(stream)
        assert new.event == "ticket"
        assert new.data == {"id": ticket.id, "status": "available", "version": 1}
        await TICKETS.edit(ticket.id, ("seller",), LISTING, LATER)
        assert (await told(stream)).data["version"] == 2
        await TICKETS.delete(ticket.id, ("seller",))
        assert (await told(stream)).data == {"id": ticket.id, "status": "gone", "version": None}


async def test_a_sale_and_a_release_are_told(served: Served) -> None:
    async with served.market() as stream:
        ticket, other = await a_ticket(), await a_ticket()
        await stream.read(2)
        await reserve(ticket)
        assert (await told(stream)).data["status"] == "reserved"
        await TICKETS.sell(ticket.id, order_id="order", at=LATER)
        assert (await told(stream)).data["status"] == "sold"
        await reserve(other)
        assert (await told(stream)).data["id"] == other.id
        await TICKETS.release(other.id, order_id="order", at=LATER)
        assert (await told(stream)).data["status"] == "available"


async def test_what_only_concerns_the_hold_is_not_told(served: Served) -> None:
    async with served.market() as stream:
        ticket = await a_ticket()
        await reserve(ticket)
        await stream.read(2)
        await TICKETS.extend(ticket.id, order_id="order", until=DEADLINE.replace(hour=13), at=LATER)
        await TICKETS.release(ticket.id, order_id="another", at=LATER)
        await TICKETS.sell(ticket.id, order_id="order", at=LATER)
        assert (await told(stream)).data["status"] == "sold"


async def test_nobody_is_told_who_holds_a_ticket(served: Served) -> None:
    async with served.market() as stream:
        await a_ticket()
        assert set((await told(stream)).data) == {"id", "status", "version"}


async def test_who_comes_back_reads_again(served: Served) -> None:
    async with served.market() as stream:
        await a_ticket()
        await told(stream)
    async with served.market(last_id=stream.last_id) as again:
        assert (await told(again)).event == "resync"


async def test_who_is_too_slow_reads_again(served: Served) -> None:
    async with served.market() as stream:
        first = await a_ticket()
        assert (await told(stream)).data["id"] == first.id
        served.app.state.live.tickets.tell_to_read_again()
        assert (await told(stream)).event == "resync"


async def test_one_address_holds_only_so_many(mongo_settings: MongoSettings) -> None:
    async with (
        serving(mongo_settings, live_listings_per_address=1) as served,
        served.market(),
        served.market() as second,
    ):
        problem(second.response, 429)


async def test_all_together_hold_only_so_many(mongo_settings: MongoSettings) -> None:
    async with (
        serving(mongo_settings, live_pages=1) as served,
        served.market(),
        served.market() as second,
    ):
        problem(second.response, 429)


async def test_with_more_seats_the_second_may_sit(mongo_settings: MongoSettings) -> None:
    async with (
        serving(mongo_settings, live_listings_per_address=2) as served,
        served.market(),
        served.market() as second,
    ):
        assert second.response.status_code == 200
