"""What checks ask of the tickets database, in pages. Nothing here writes."""

from collections.abc import Collection
from datetime import datetime

from services.pages import after, unhurried
from services.tickets.documents import Ticket, TicketStatus


class TicketAudit:
    """Tickets that somebody should look at."""

    @unhurried
    async def taken(
        self, status: TicketStatus, *, since: datetime | None, place: str, limit: int
    ) -> list[Ticket]:
        """Tickets with this status that changed since then, or whenever; oldest change first."""
        wanted = {
            "status": status,
            **({"updated_at": {"$gte": since}} if since else {}),
            **after("updated_at", place),
        }
        return await Ticket.find(wanted).sort("updated_at", "_id").limit(limit).to_list()

    @unhurried
    async def many(self, ticket_ids: Collection[str]) -> dict[str, Ticket]:
        """These tickets, as far as there are any."""
        return {t.id: t async for t in Ticket.find({"_id": {"$in": list(ticket_ids)}})}
