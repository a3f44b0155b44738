"""How an order changes: one compare-and-set on one document that tells its story once."""

from datetime import datetime
from typing import Any, Final

from services.orders.documents import Order, OrderStatus

Fields = dict[str, Any]

ABANDONED: Final = "abandoned"
"""Marks the id of an order that was given up before it was opened; nobody ever sees it."""


class ChangingOrders:
    """Looks at an order, and changes it."""

    async def get(self, order_id: str) -> Order | None:
        """One order, or None."""
        return await Order.find_one({"_id": order_id, "status": {"$ne": ABANDONED}})

    async def _change(
        self,
        order_id: str,
        allowed: tuple[OrderStatus, ...],
        fields: Fields,
        *,
        at: datetime,
        what: str,
        about: str | None = None,
        actor: str | None = None,
        why: str | None = None,
        where: Fields | None = None,
    ) -> bool:
        """One compare-and-set that tells its story once, however often the step runs.

        A step that runs again after a crash may come with a later time, so the time is no part of
        what makes an entry the same. False: nothing was changed.
        """
        same: Fields = {"what": what} if about is None else {"what": what, "about": about}
        by = {} if actor is None else {"actor": actor, "why": why}
        answer = await Order.get_pymongo_collection().update_one(
            {
                "_id": order_id,
                "status": {"$in": list(allowed)},
                "timeline": {"$not": {"$elemMatch": same}},
                **(where or {}),
            },
            {"$set": {**fields, "changed_at": at}, "$push": {"timeline": {"at": at, **same, **by}}},
        )
        return answer.matched_count == 1
