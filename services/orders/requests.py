"""What a buyer asked for under an ``Idempotency-Key``, and which starts came of it."""

from dataclasses import dataclass
from datetime import datetime

from pymongo import ReturnDocument

from services.orders.documents import OrderRequest


@dataclass(frozen=True)
class Remembered:
    """What is known of a key that came with the right request."""

    is_new: bool
    """Nobody has come with it before, as far as keys are remembered."""
    spent: tuple[str, ...] = ()
    """Order ids whose starts were taken back."""


class RequestStore:
    """The requests of the orders database. Repeating any write is safe."""

    async def remember(self, order_id: str, fingerprint: str, at: datetime) -> Remembered | None:
        """Keep what is asked for under this id; None when it was something else before.

        Repeating is safe. It is one write, and what it finds comes with it.
        """
        found = await OrderRequest.get_pymongo_collection().find_one_and_update(
            {"_id": order_id},
            {"$setOnInsert": {"fingerprint": fingerprint, "created_at": at}},
            upsert=True,
            return_document=ReturnDocument.BEFORE,
        )
        if found is None:
            return Remembered(is_new=True)
        if found["fingerprint"] != fingerprint:
            return None
        return Remembered(is_new=False, spent=tuple(found.get("spent", ())))

    async def spend(self, request_id: str, order_id: str) -> None:
        """The start under this order id was taken back; the key does not come back to it."""
        await OrderRequest.get_pymongo_collection().update_one(
            {"_id": request_id}, {"$addToSet": {"spent": order_id}}
        )
