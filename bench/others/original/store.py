"""The twin's documents, with the original's write concern."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bson import ObjectId
from pymongo import AsyncMongoClient, WriteConcern

DATABASE: Final = "original"
ACKNOWLEDGED: Final = WriteConcern(w=1)
"""The original set none: on its single server without a replica set that is one acknowledgement,
which does not wait for the journal."""
RESERVING: Final = ("created", "awaiting:payment", "complete")
"""An order in one of these has the ticket."""

Stored = dict[str, Any]


class Store:
    """Tickets, orders and payments; no unique index, as in the original."""

    def __init__(self, client: AsyncMongoClient[Stored]) -> None:
        database = client.get_database(DATABASE, write_concern=ACKNOWLEDGED)
        self.tickets = database["tickets"]
        self.orders = database["orders"]
        self.payments = database["payments"]

    async def index(self) -> None:
        """Let the reads of a purchase find their documents; safe to repeat."""
        await self.orders.create_index("ticket_id")

    async def lists(self, title: str, price: int) -> str:
        """Put a ticket on the market, in minor units; its id."""
        ticket = {"_id": str(ObjectId()), "title": title, "price": price, "version": 0}
        await self.tickets.insert_one(ticket)
        return str(ticket["_id"])

    async def is_reserved(self, ticket_id: str) -> bool:
        """Whether some order has the ticket right now; a moment later another one may."""
        active = {"ticket_id": ticket_id, "status": {"$in": RESERVING}}
        return await self.orders.find_one(active) is not None

    async def opens(self, ticket: Stored, buyer: str, window: timedelta) -> Stored:
        """Write an order down and mark its ticket. Repeating it writes another order."""
        order = {
            "_id": str(ObjectId()),
            "buyer": buyer,
            "ticket_id": ticket["_id"],
            "title": ticket["title"],
            "price": ticket["price"],
            "status": "created",
            "expires_at": datetime.now(UTC) + window,
        }
        await self.orders.insert_one(order)
        await self.tickets.update_one(
            {"_id": ticket["_id"]}, {"$set": {"order_id": order["_id"]}, "$inc": {"version": 1}}
        )
        return order

    async def pays(self, order_id: str, charge_id: str) -> str:
        """Write a payment down and complete its order, whatever that is by now; the payment's id.

        Two writes: a blow between them leaves a payment of an order that never heard of it.
        """
        payment = {"_id": str(ObjectId()), "order_id": order_id, "charge_id": charge_id}
        await self.payments.insert_one(payment)
        await self.orders.update_one({"_id": order_id}, {"$set": {"status": "complete"}})
        return str(payment["_id"])

    async def expires(self, order_id: str) -> None:
        """Give an unpaid order's ticket back. Repeating it changes nothing."""
        order = await self.orders.find_one({"_id": order_id})
        if order is None or order["status"] in ("complete", "refunded"):
            return
        await self.orders.update_one({"_id": order_id}, {"$set": {"status": "cancelled"}})
        # Whichever order has it by now: the original did not look.
        await self.tickets.update_one(
            {"_id": order["ticket_id"]}, {"$unset": {"order_id": ""}, "$inc": {"version": 1}}
        )
