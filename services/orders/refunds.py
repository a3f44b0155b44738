"""What becomes of an order once its money goes back, or the buyer's bank wants it to."""

from datetime import datetime

from services.orders.changing import ChangingOrders, Fields
from services.orders.documents import (
    HARMLESS_DISPUTES,
    Dispute,
    Order,
    OrderStatus,
    Refund,
)


class RefundsFrozenError(RuntimeError):
    """The buyer's bank has been asked for the money: it must not go back twice."""


class RefundedOrders(ChangingOrders):
    """Refunds and disputes of orders."""

    async def begin_refund(
        self,
        order_id: str,
        *,
        at: datetime,
        actor: str | None = None,
        why: str | None = None,
        adopt: str | None = None,
    ) -> Order | None:
        """To ``refunding``; the order if it is being refunded now, else None.

        From ``complete``, or after a refund that failed: then it is the order's next turn. With
        ``adopt`` it follows that refund at Stripe, dispute or not: the money has gone back. Raises
        ``RefundsFrozenError`` when a dispute is in the way.
        """
        before = await self.get(order_id)
        if before is None or before.total is None:
            return None
        if _may_be_refunded(before, at):
            await self._claim_for_refund(before, at=at, actor=actor, why=why, adopt=adopt)
        order = await self.get(order_id)
        if order is None or order.refund is None or order.status is not OrderStatus.REFUNDING:
            begun = None
        else:
            begun = order if order.refund.status != "failed" else None
        if begun is None and adopt is None and order and _may_be_refunded(order, at):
            raise RefundsFrozenError
        return begun

    async def note_refund(
        self,
        order_id: str,
        *,
        status: str,
        failure: str | None,
        at: datetime,
        refund_id: str | None = None,
        about: str | None = None,
    ) -> bool:
        """Show how the refund stands while it is not done."""
        return await self._change(
            order_id,
            (OrderStatus.REFUNDING,),
            {"refund.status": status, "refund.failure": failure, **_known(refund_id)},
            at=at,
            what=f"refund {status}",
            about=about,
        )

    async def finish_refund(
        self, order_id: str, *, at: datetime, refund_id: str | None = None
    ) -> bool:
        """``refunding`` to ``refunded``; the order lets go of its ticket."""
        return await self._end_refund(
            order_id,
            {"refund.status": "succeeded", **_known(refund_id)},
            at=at,
            what="refunded",
            about=refund_id,
        )

    async def settle_refund(
        self, order_id: str, *, at: datetime, about: str | None, actor: str | None, why: str | None
    ) -> bool:
        """The same, on the word of an operator: the money went back by other means."""
        return await self._end_refund(
            order_id,
            {"refund.status": "settled"},
            at=at,
            what="refunded by other means",
            about=about,
            actor=actor,
            why=why,
        )

    async def lose_refund(
        self, order_id: str, *, refund_id: str, failure: str | None, at: datetime
    ) -> bool:
        """The refund of a ``refunded`` order came to nothing later; the order stays as it is.

        Its ticket may be sold again. What changes is that the order may be refunded once more.
        """
        return await self._change(
            order_id,
            (OrderStatus.REFUNDED,),
            {"refund.status": "failed", "refund.failure": failure, "refund.id": refund_id},
            at=at,
            what="refund failed",
            about=refund_id,
            where={"refund.status": "succeeded"},
        )

    async def note_partial_refund(
        self, order_id: str, *, refund_id: str, lost: bool, at: datetime
    ) -> bool:
        """Somebody gave back a part at Stripe, or it came back; nothing else changes."""
        what = "refund at Stripe failed" if lost else "refunded in part"
        return await self._change(
            order_id, (OrderStatus.COMPLETE,), {}, at=at, what=what, about=refund_id
        )

    async def note_dispute(self, order_id: str, dispute: Dispute, *, at: datetime) -> None:
        """Show what Stripe says of a dispute now, and tell each state of it once.

        Its end keeps the moment at which it was first heard of. Repeating is safe.
        """
        told = ["payment disputed"]
        if not dispute.status.endswith("needs_response"):
            told.append(f"dispute: {dispute.status}")
        entries = [{"at": at, "what": what, "about": dispute.id} for what in told]
        known = {"$and": [{"$eq": ["$dispute.id", dispute.id]}, "$dispute.closed_at"]}
        ended = {"$cond": [known, "$dispute.closed_at", at]} if dispute.is_closed else None
        shown = {"$mergeObjects": [{"$literal": dispute.model_dump()}, {"closed_at": ended}]}
        await Order.get_pymongo_collection().update_one(
            {"_id": order_id}, [{"$set": {"dispute": shown, "timeline": _with_news(entries)}}]
        )

    async def _claim_for_refund(
        self,
        order: Order,
        *,
        at: datetime,
        actor: str | None,
        why: str | None,
        adopt: str | None,
    ) -> None:
        """One compare-and-set from exactly this state of the refund."""
        before, total = order.refund, order.total
        assert total is not None  # noqa: S101 - looked at by the caller
        turn = before.turn + 1 if before else 1
        where: Fields = {"refund": None}
        if before is not None:
            where = {"refund.status": "failed", "refund.requested_at": before.requested_at}
        if adopt is None:
            where["dispute.status"] = {"$in": [None, *HARMLESS_DISPUTES]}
        refund = Refund(
            status="requested", amount=total, requested_at=at, id=adopt, turn=turn
        ).model_dump()
        await self._change(
            order.id,
            (order.status,),
            {"status": OrderStatus.REFUNDING, "refund": refund},
            at=at,
            what="refund requested" if adopt is None else "refund made at Stripe",
            about=adopt or (f"try {turn}" if turn > 1 else None),
            actor=actor,
            why=why,
            where=where,
        )

    async def _end_refund(
        self,
        order_id: str,
        fields: Fields,
        *,
        at: datetime,
        what: str,
        about: str | None,
        actor: str | None = None,
        why: str | None = None,
    ) -> bool:
        return await self._change(
            order_id,
            (OrderStatus.REFUNDING,),
            {
                "status": OrderStatus.REFUNDED,
                "active": False,
                "refund.failure": None,
                "refund.settled_at": at,
                **fields,
            },
            at=at,
            what=what,
            about=about,
            actor=actor,
            why=why,
        )


def _may_be_refunded(order: Order, at: datetime) -> bool:
    """Complete, or its last refund failed, and not asked for again since ``at``.

    The moment fences off a claiming step that hung and comes back long after the one that took
    its place.
    """
    if order.status is OrderStatus.COMPLETE:
        return True
    refund = order.refund
    return (
        order.status in (OrderStatus.REFUNDING, OrderStatus.REFUNDED)
        and refund is not None
        and refund.status == "failed"
        and refund.requested_at < at
    )


def _known(refund_id: str | None) -> Fields:
    return {"refund.id": refund_id} if refund_id else {}


def _with_news(entries: list[Fields]) -> Fields:
    """The timeline with those of these entries that it does not have, as an expression."""

    def kind(entry: str) -> Fields:
        return {"what": f"{entry}.what", "about": f"{entry}.about"}

    had = {"$map": {"input": "$timeline", "as": "had", "in": kind("$$had")}}
    news = {
        "$filter": {
            "input": {"$literal": entries},
            "as": "new",
            "cond": {"$not": [{"$in": [kind("$$new"), had]}]},
        }
    }
    return {"$concatArrays": ["$timeline", news]}
