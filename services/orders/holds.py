"""How many tickets one buyer may hold without having paid: the places, and who has them."""

from datetime import datetime, timedelta
from typing import Final

from pymongo import ReturnDocument

from services.orders.documents import OPEN, Holds, Order

UNSEEN_FOR: Final = timedelta(minutes=1)
"""When an order has not been opened so long after its place was claimed, it never will be: a start
that waits half as long for a worker is given up."""


class HoldStore:
    """The places of the orders database. Repeating any write is safe."""

    async def claim(self, buyer_id: str, order_id: str, *, places: int, at: datetime) -> bool:
        """Whether the order has one of the buyer's ``places``; repeating it changes nothing.

        Only one write decides, on one document, so of any number at once only as many succeed as
        there are places. What is over makes room only when there is no other.
        """
        if await self._take_place(buyer_id, order_id, places, at, over=[]):
            return True
        over = await self._claims_over(buyer_id, at)
        return bool(over) and await self._take_place(buyer_id, order_id, places, at, over=over)

    async def let_go(self, buyer_id: str, order_id: str) -> None:
        """Give back the place of an order that came to nothing. Repeating is safe."""
        await Holds.get_pymongo_collection().update_one(
            {"_id": buyer_id}, {"$pull": {"claims": {"order_id": order_id}}}
        )

    async def _take_place(
        self, buyer_id: str, order_id: str, places: int, at: datetime, *, over: list[str]
    ) -> bool:
        claims = {"$ifNull": ["$claims", []]}
        left = {"$filter": {"input": claims, "cond": {"$not": {"$in": ["$$this.order_id", over]}}}}
        has_one = {"$in": [order_id, "$claims.order_id"]}
        is_full = {"$gte": [{"$size": "$claims"}, places]}
        with_it = {"$concatArrays": ["$claims", [{"order_id": order_id, "at": at}]]}
        kept = await Holds.get_pymongo_collection().find_one_and_update(
            {"_id": buyer_id},
            [
                {"$set": {"claims": left}},
                {"$set": {"claims": {"$cond": [{"$or": [has_one, is_full]}, "$claims", with_it]}}},
                {"$set": {"claimed_at": at}},
            ],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return kept is not None and order_id in {claim["order_id"] for claim in kept["claims"]}

    async def _claims_over(self, buyer_id: str, at: datetime) -> list[str]:
        """Orders with a place that can hold no ticket any more: such a thing never changes back."""
        holds = await Holds.get(buyer_id)
        claims = holds.claims if holds else []
        orders = Order.get_pymongo_collection().find(
            {"_id": {"$in": [claim.order_id for claim in claims]}}, ["status"]
        )
        status = {order["_id"]: order["status"] async for order in orders}
        return [
            claim.order_id
            for claim in claims
            if (
                status[claim.order_id] not in OPEN
                if claim.order_id in status
                else at - claim.at > UNSEEN_FOR
            )
        ]
