"""The ticket steps of a purchase, done by compare-and-set in the tickets database."""

from temporalio import activity

from services.tickets.store import TicketStore
from workflows.purchase.steps import ExtendHold, Hold, ReserveTicket, TicketSteps


class TicketActivities(TicketSteps):
    """What a purchase asks of the ticket service."""

    def __init__(self, tickets: TicketStore) -> None:
        self._tickets = tickets

    @activity.defn
    async def reserve_ticket(self, request: ReserveTicket) -> bool:
        """Hold the ticket; False when it is not to be had. Repeating changes nothing."""
        held = await self._tickets.reserve(
            request.ticket_id,
            order_id=request.order_id,
            buyer_id=request.buyer_id,
            version=request.version,
            until=request.until,
            at=request.at,
        )
        return held is not None

    @activity.defn
    async def extend_hold(self, request: ExtendHold) -> None:
        """Move the end of this order's hold. Repeating changes nothing."""
        await self._tickets.extend(
            request.ticket_id, order_id=request.order_id, until=request.until, at=request.at
        )

    @activity.defn
    async def release_ticket(self, request: Hold) -> None:
        """Put the ticket back on the market if this order holds it; never again after that."""
        await self._tickets.release(request.ticket_id, order_id=request.order_id, at=request.at)

    @activity.defn
    async def sell_ticket(self, request: Hold) -> bool:
        """Mark the ticket sold; False when this order does not hold it. Repeating is safe."""
        return await self._tickets.sell(request.ticket_id, order_id=request.order_id, at=request.at)
