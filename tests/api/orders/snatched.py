"""A look at the market that is old by the time it counts."""

from typing_extensions import override

from services.tickets.documents import Ticket, TicketStatus
from services.tickets.store import TicketStore


class Snatched(TicketStore):
    """Shows a ticket that somebody else takes while the buyer's click is on its way."""

    @override
    async def get(self, ticket_id: str) -> Ticket | None:
        """As it was a moment ago."""
        ticket = await super().get(ticket_id)
        return ticket and ticket.model_copy(update={"status": TicketStatus.AVAILABLE})
