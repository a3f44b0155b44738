"""What checks ask of the orders database, in pages. Nothing here writes."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final

from services.orders.documents import OPEN, Order, OrderStatus, SentMail
from services.pages import after, unhurried

UNFINISHED: Final = (*OPEN, OrderStatus.REFUNDING)
STATUSES: Final = list(OrderStatus)
"""What is no order's status marks an id that was given up; there is nothing else in it."""


class OrderAudit:
    """Orders that somebody should look at."""

    @unhurried
    async def unfinished(self, *, place: str, limit: int) -> list[Order]:
        """Orders of any age that something has still to happen to, by id, behind this id."""
        wanted = {"status": {"$in": list(UNFINISHED)}, "_id": {"$gt": place}}
        return await Order.find(wanted).sort("_id").limit(limit).to_list()

    @unhurried
    async def changed(
        self, *, since: datetime, until: datetime, place: str, limit: int
    ) -> list[Order]:
        """Orders that are done with and changed within this time, oldest change first."""
        wanted = {
            "changed_at": {"$gte": since, "$lte": until},
            "status": {"$in": STATUSES, "$nin": list(UNFINISHED)},
            **after("changed_at", place),
        }
        return await Order.find(wanted).sort("changed_at", "_id").limit(limit).to_list()

    @unhurried
    async def many(self, order_ids: Collection[str]) -> dict[str, Order]:
        """These orders, as far as there are any."""
        wanted = {"_id": {"$in": list(order_ids)}, "status": {"$in": STATUSES}}
        return {order.id: order async for order in Order.find(wanted)}

    @unhurried
    async def claims(self, ticket_ids: Collection[str]) -> dict[str, list[str]]:
        """The active orders of each ticket; with the unique index in force at most one."""
        active = Order.get_pymongo_collection().find(
            {"ticket_id": {"$in": list(ticket_ids)}, "active": True}, ["ticket_id"]
        )
        claims: dict[str, list[str]] = defaultdict(list)
        async for order in active:
            claims[order["ticket_id"]].append(order["_id"])
        return claims

    @unhurried
    async def mail_sent(self, order_ids: Collection[str]) -> set[str]:
        """Keys of the mails about these orders that went out."""
        sent = SentMail.find({"order_id": {"$in": list(order_ids)}})
        return {mail.id async for mail in sent}
