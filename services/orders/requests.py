"""What a buyer asked for under an ``Idempotency-Key``, and which starts came of it."""

from datetime import datetime

from pymongo import ReturnDocument

from services.orders.documents import OrderRequest


class RequestStore:
    """The requests of the orders database. Repeating any write is safe."""

    async def remember(self, order_id: str, fingerprint: str, at: datetime) -> bool:
        """Whether this order was asked for with this very body, or is new. Repeating is safe."""
        kept = await OrderRequest.get_pymongo_collection().find_one_and_update(
            {"_id": order_id},
            {"$setOnInsert": {"fingerprint": fingerprint, "created_at": at}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return kept is not None and kept["fingerprint"] == fingerprint

    async def spend(self, request_id: str, order_id: str) -> None:
        """The start under this order id was taken back; the key does not come back to it."""
        await OrderRequest.get_pymongo_collection().update_one(
            {"_id": request_id}, {"$addToSet": {"spent": order_id}}
        )

    async def spent(self, request_id: str) -> list[str]:
        """The order ids of a key whose starts were taken back."""
        request = await OrderRequest.get(request_id)
        return request.spent if request else []
