"""The steps of closing an account: one service's database after the other."""

from temporalio import activity

from services.auth.access import Access
from services.auth.store import AuthStore
from services.orders.store import OrderStore
from services.payments.store import PaymentStore
from services.tickets.store import TicketStore
from workflows.closure.messages import CloseAccount, Remainder
from workflows.closure.steps import ClosureSteps


class ClosureActivities(ClosureSteps):
    """What has to go when a person leaves, and what others rely on and stays."""

    def __init__(self, tickets: TicketStore, orders: OrderStore, payments: PaymentStore) -> None:
        self._users = AuthStore()
        self._access = Access()
        self._tickets = tickets
        self._orders = orders
        self._payments = payments

    @activity.defn
    async def forget_account(self, request: CloseAccount) -> None:
        """End every way in and forget name, address and password.

        Without its user a session or token opens nothing, so that the first write is what counts.
        """
        await self._users.forget(request.ids)
        for user_id in request.ids:
            await self._access.close(user_id)

    @activity.defn
    async def withdraw_listings(self, request: CloseAccount) -> Remainder:
        """Take off the market what is for sale; what is reserved is left for now."""
        return Remainder(left=await self._tickets.withdraw(request.ids))

    @activity.defn
    async def anonymise_orders(self, request: CloseAccount) -> Remainder:
        """Take names, addresses and cards out of orders; open ones are left for now."""
        over, still_open = await self._orders.anonymise(request.ids)
        await self._payments.forget_cards(over)
        return Remainder(left=still_open)
