"""What closing an account asks of the world. Every step may be repeated."""

from abc import ABC, abstractmethod

from temporalio import activity

from workflows.closure.messages import CloseAccount, Remainder


class ClosureSteps(ABC):
    """Accounts, listings and orders of somebody who leaves."""

    @activity.defn
    @abstractmethod
    async def forget_account(self, request: CloseAccount) -> None:
        """End every way in and forget name, address and password."""

    @activity.defn
    @abstractmethod
    async def withdraw_listings(self, request: CloseAccount) -> Remainder:
        """Take off the market what is for sale; what is reserved is left for now."""

    @activity.defn
    @abstractmethod
    async def anonymise_orders(self, request: CloseAccount) -> Remainder:
        """Take names, addresses and cards out of orders; open ones are left for now."""
