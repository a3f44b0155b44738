"""The ticket and the order that claims it: taken together, and given back together."""

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.policies import DATABASE_STEP, RESERVE_STEP, called
    from workflows.purchase.messages import CancelPurchase, StartPurchase
    from workflows.purchase.steps import (
        LATE_ADDRESS,
        AbandonOrder,
        CancelOrder,
        CompleteOrder,
        ExtendHold,
        Hold,
        LookAtSale,
        NoteExtension,
        OpenOrder,
        OrderSteps,
        ReserveTicket,
        TicketSteps,
    )
    from workflows.purchase.words import at


class Seat:
    """One order's grip on one ticket."""

    def __init__(self, purchase: StartPurchase) -> None:
        self._purchase = purchase
        self._order_id = purchase.order_id

    async def take(self, until: datetime) -> bool:
        """Hold the ticket and write the order; False when the ticket is not to be had."""
        held = await workflow.execute_local_activity_method(
            TicketSteps.reserve_ticket,
            ReserveTicket(
                order_id=self._order_id,
                ticket_id=self._purchase.ticket_id,
                buyer_id=self._purchase.buyer_id,
                version=self._purchase.ticket_version,
                until=until,
                at=workflow.now(),
            ),
            **called(RESERVE_STEP, f"Hold the ticket until {at(until)}"),
        )
        if not held:
            return False
        if not await self._open_order(until):
            await self._release()
            return False
        return True

    async def never_taken(self) -> bool:
        """Give the start up for good; False when there is an order, which is then cancelled.

        A worker that died, or hung, in the middle of this task may have reserved the ticket and
        opened the order without leaving a trace in history. So nothing is taken for granted: the
        order is fenced off first, then the ticket.
        """
        fenced = await workflow.execute_local_activity_method(
            OrderSteps.abandon_order,
            AbandonOrder(order_id=self._order_id),
            **called(DATABASE_STEP, "See to it that the order is never opened"),
        )
        if fenced:
            await self._release()
        return fenced

    async def keep(
        self,
        until: datetime,
        *,
        about: str = LATE_ADDRESS,
        actor: str | None = None,
        why: str | None = None,
    ) -> None:
        """Hold the ticket longer, then promise it to the buyer."""
        await workflow.execute_local_activity_method(
            TicketSteps.extend_hold,
            ExtendHold(**self._hold().model_dump(), until=until),
            **called(DATABASE_STEP, f"Hold the ticket until {at(until)}"),
        )
        await workflow.execute_local_activity_method(
            OrderSteps.note_extension,
            NoteExtension(
                order_id=self._order_id,
                expires_at=until,
                at=workflow.now(),
                about=about,
                actor=actor,
                why=why,
            ),
            **called(DATABASE_STEP, "Show the buyer the new deadline"),
        )

    async def hand_over(self) -> bool:
        """The ticket is sold; False when the order does not hold it.

        A task that was lost may have sold it, completed the order and let the buyer ask for a
        refund: then the ticket is gone, and the sale was good all the same.
        """
        sold = await workflow.execute_local_activity_method(
            TicketSteps.sell_ticket, self._hold(), **called(DATABASE_STEP, "Mark the ticket sold")
        )
        if not sold:
            return await workflow.execute_local_activity_method(
                OrderSteps.look_at_sale,
                LookAtSale(order_id=self._order_id),
                **called(DATABASE_STEP, "See whether the sale was done before"),
            )
        await workflow.execute_local_activity_method(
            OrderSteps.complete_order,
            CompleteOrder(order_id=self._order_id, at=workflow.now()),
            **called(DATABASE_STEP, "Complete the order"),
        )
        return True

    async def give_back(self, cancellation: CancelPurchase) -> None:
        """The order first: while it is active, the ticket cannot have another."""
        await workflow.execute_local_activity_method(
            OrderSteps.cancel_order,
            CancelOrder(
                order_id=self._order_id,
                reason=cancellation.reason,
                at=workflow.now(),
                actor=cancellation.actor,
                why=cancellation.why,
            ),
            **called(DATABASE_STEP, f"Cancel the order: {cancellation.reason.replace('_', ' ')}"),
        )
        await self._release()

    async def _open_order(self, until: datetime) -> bool:
        return await workflow.execute_local_activity_method(
            OrderSteps.open_order,
            OpenOrder(
                order_id=self._order_id,
                ticket_id=self._purchase.ticket_id,
                buyer_id=self._purchase.buyer_id,
                expires_at=until,
                at=workflow.now(),
            ),
            **called(DATABASE_STEP, "Write the order"),
        )

    async def _release(self) -> None:
        await workflow.execute_local_activity_method(
            TicketSteps.release_ticket,
            self._hold(),
            **called(DATABASE_STEP, "Put the ticket back on the market"),
        )

    def _hold(self) -> Hold:
        return Hold(order_id=self._order_id, ticket_id=self._purchase.ticket_id, at=workflow.now())
