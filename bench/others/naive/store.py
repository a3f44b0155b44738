"""The naive shape's documents, with MongoDB's own default: majority, and so journaled."""

from typing import Any, Final

from pymongo import AsyncMongoClient

DATABASE: Final = "naive"
Stored = dict[str, Any]


class Store:
    """Tickets and orders. Every write may be repeated."""

    def __init__(self, client: AsyncMongoClient[Stored]) -> None:
        database = client[DATABASE]
        self.tickets = database["tickets"]
        self.orders = database["orders"]

    async def reserve(self, order_id: str, ticket_id: str, buyer: str) -> bool:
        """Hold the ticket for the order and write that down, or that it could not be."""
        if written := await self.orders.find_one({"_id": order_id}):
            return bool(written["status"] == "reserved")
        ticket = await self.tickets.find_one_and_update(
            {"_id": ticket_id, "held_by": {"$in": [None, order_id]}},
            {"$set": {"held_by": order_id}},
        )
        order = {
            "_id": order_id,
            "ticket_id": ticket_id,
            "buyer": buyer,
            "price": ticket["price"] if ticket else None,
            "status": "reserved" if ticket else "cancelled",
        }
        await self.orders.replace_one({"_id": order_id}, order, upsert=True)
        return ticket is not None

    async def complete(self, order_id: str) -> None:
        """Paid and done."""
        await self.orders.update_one({"_id": order_id}, {"$set": {"status": "complete"}})

    async def release(self, order_id: str) -> None:
        """Give the ticket back and call the order off."""
        await self.orders.update_one({"_id": order_id}, {"$set": {"status": "cancelled"}})
        await self.tickets.update_one({"held_by": order_id}, {"$unset": {"held_by": ""}})

    async def index(self) -> None:
        """Let a release find its ticket; safe to repeat."""
        await self.tickets.create_index("held_by")
