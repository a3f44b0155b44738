"""Every query of the orders database.

Each write of a purchase is one compare-and-set on one document, fenced by the status it starts
from, so that a repeated or late step changes nothing. Times are the caller's (the workflow's),
never this machine's clock.
"""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from pymongo import ReturnDocument
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.errors import DuplicateKeyError

from services.changes import AWAIT_MS, Place
from services.ids import PersonIds
from services.money import Money
from services.orders.documents import (
    HARMLESS_DISPUTES,
    OPEN,
    Billing,
    BillingRecord,
    Dispute,
    Holds,
    Line,
    Order,
    OrderRequest,
    OrderStatus,
    PaymentStatus,
    Refund,
    SentMail,
)

Fields = dict[str, Any]

ABANDONED: Final = "abandoned"
"""Marks the id of an order that was given up before it was opened; nobody ever sees it."""

UNSEEN_FOR: Final = timedelta(minutes=1)
"""When an order has not been opened so long after its place was claimed, it never will be: a start
that waits half as long for a worker is given up."""


class Opening(IntEnum):
    """How opening an order went; what is false is a refusal."""

    REFUSED = 0
    NEW = 1
    REPEATED = 2


class RefundsFrozenError(RuntimeError):
    """The buyer's bank has been asked for the money: it must not go back twice."""


class OrderStore:
    """Orders, the addresses sent for them, and the log of mail about them."""

    async def get(self, order_id: str) -> Order | None:
        """One order, or None."""
        return await Order.find_one({"_id": order_id, "status": {"$ne": ABANDONED}})

    async def of_payment(self, payment_intent_id: str) -> Order | None:
        """The order that is paid with this PaymentIntent, or None."""
        return await Order.find_one(paid_with(payment_intent_id))

    async def any_of(self, order_ids: list[str]) -> Order | None:
        """The one of these orders that there is, or None."""
        return await Order.find_one({"_id": {"$in": order_ids}, "status": {"$ne": ABANDONED}})

    async def of_buyer(
        self,
        buyer_ids: PersonIds,
        *,
        limit: int,
        before: tuple[datetime, str] | None = None,
    ) -> list[Order]:
        """The newest orders of a buyer, older than ``before`` = (created_at, id) if given.

        A buyer has more than one id when accounts of theirs were joined.
        """
        mine: Fields = {"buyer_id": {"$in": list(buyer_ids)}}
        if before is not None:
            created_at, order_id = before
            mine["$or"] = [
                {"created_at": {"$lt": created_at}},
                {"created_at": created_at, "_id": {"$lt": order_id}},
            ]
        return await Order.find(mine).sort("-created_at", "-_id").limit(limit).to_list()

    async def has_open(self, buyer_ids: PersonIds) -> bool:
        """Whether the buyer has an order that is neither paid nor over."""
        mine = {"buyer_id": {"$in": list(buyer_ids)}, "status": {"$in": list(OPEN)}}
        return await Order.find_one(mine) is not None

    async def anonymise(self, buyer_ids: PersonIds) -> tuple[list[str], int]:
        """Take names and addresses out of the buyer's orders, except open ones.

        The answer is the ids of the orders that are done with, and how many are still open.
        Repeating is safe.
        """
        mine: Fields = {"buyer_id": {"$in": list(buyer_ids)}}
        orders = Order.get_pymongo_collection()
        over = [
            str(each["_id"])
            async for each in orders.find(
                {**mine, "status": {"$nin": list(OPEN)}}, projection=["_id"]
            )
        ]
        await orders.update_many({"_id": {"$in": over}}, {"$set": {"billing": None}})
        await BillingRecord.get_pymongo_collection().delete_many({"order_id": {"$in": over}})
        return over, await orders.count_documents({**mine, "status": {"$in": list(OPEN)}})

    async def remember_request(self, order_id: str, fingerprint: str, at: datetime) -> bool:
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

    async def keep_billing(self, record: BillingRecord) -> None:
        """Store an address under its id; it changes nothing until it is put in force."""
        await record.save()

    async def billing(self, billing_id: str) -> Billing | None:
        """A stored address."""
        record = await BillingRecord.get(billing_id)
        return record.billing if record else None

    async def open(self, order: Order) -> Opening:
        """Insert the order; ``REFUSED`` when its ticket has another active order.

        Repeating it, also after the order went on, changes nothing and answers ``REPEATED``.
        """
        try:
            await order.insert()
        except DuplicateKeyError:
            there = await self.get(order.id) is not None
            return Opening.REPEATED if there else Opening.REFUSED
        return Opening.NEW

    async def abandon(self, order_id: str) -> bool:
        """Make sure that this order is never opened; False when it has been opened already.

        The mark takes the order's place under its id, so that a delayed ``open`` meets it.
        """
        kept = await Order.get_pymongo_collection().find_one_and_update(
            {"_id": order_id},
            {"$setOnInsert": {"status": ABANDONED, "active": False}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return kept is not None and kept["status"] == ABANDONED

    async def put_billing_in_force(
        self,
        order_id: str,
        *,
        billing: Billing,
        lines: list[Line],
        total: Money,
        billing_id: str,
        payment_intent_id: str,
        at: datetime,
    ) -> bool:
        """Show the bill and let the buyer pay."""
        return await self._change(
            order_id,
            OPEN,
            {
                "status": OrderStatus.AWAITING_PAYMENT,
                "billing": billing.model_dump(),
                "lines": [line.model_dump() for line in lines],
                "total": total.model_dump(),
                "payment.payment_intent_id": payment_intent_id,
                "payment.status": PaymentStatus.REQUIRES_PAYMENT,
            },
            at=at,
            what="billed",
            about=billing_id,
        )

    async def extend(
        self,
        order_id: str,
        *,
        until: datetime,
        at: datetime,
        about: str = "late address",
        actor: str | None = None,
        why: str | None = None,
    ) -> bool:
        """Move the deadline; ``about`` tells this extension from others, and each is told once."""
        return await self._change(
            order_id,
            OPEN,
            {"expires_at": until},
            at=at,
            what="hold extended",
            about=about,
            actor=actor,
            why=why,
        )

    async def note_retry(
        self, order_id: str, *, about: str, actor: str, why: str, at: datetime
    ) -> bool:
        """Tell that an operator had Stripe asked again; how the order stands is no matter."""
        return await self._change(
            order_id,
            tuple(OrderStatus),
            {},
            at=at,
            what="payment tried again",
            about=about,
            actor=actor,
            why=why,
        )

    async def note_decline(
        self, order_id: str, *, attempt_id: str, code: str, at: datetime
    ) -> bool:
        """Show why the bank refused this attempt."""
        return await self._change(
            order_id,
            OPEN,
            {"payment.status": PaymentStatus.DECLINED, "payment.last_error": code},
            at=at,
            what=f"payment declined: {code}",
            about=attempt_id,
        )

    async def note_authorization(self, order_id: str, *, at: datetime) -> bool:
        """Show that the bank holds the money."""
        return await self._change(
            order_id,
            OPEN,
            {"payment.status": PaymentStatus.AUTHORIZED, "payment.last_error": None},
            at=at,
            what="payment authorized",
        )

    async def complete(self, order_id: str, *, at: datetime) -> bool:
        """The sale is done."""
        return await self._change(
            order_id,
            OPEN,
            {
                "status": OrderStatus.COMPLETE,
                "payment.status": PaymentStatus.CAPTURED,
                "payment.last_error": None,
            },
            at=at,
            what="complete",
        )

    async def cancel(
        self,
        order_id: str,
        *,
        reason: str,
        at: datetime,
        actor: str | None = None,
        why: str | None = None,
    ) -> bool:
        """The order is over and lets go of its ticket."""
        return await self._change(
            order_id,
            OPEN,
            {
                "status": OrderStatus.CANCELLED,
                "cancel_reason": reason,
                "active": False,
                "payment.status": PaymentStatus.CANCELED,
            },
            at=at,
            what=f"cancelled: {reason}",
            actor=actor,
            why=why,
        )

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

    async def mail_was_sent(self, key: str) -> bool:
        """Whether this mail is in the sent-log."""
        return await SentMail.get(key) is not None

    async def mails_of(self, order_id: str) -> list[SentMail]:
        """The mails about an order that went out."""
        return await SentMail.find({"order_id": order_id}).to_list()

    async def log_mail(self, mail: SentMail) -> None:
        """Put a mail into the sent-log. Repeating is safe: the first entry stays."""
        try:
            await mail.insert()
        except DuplicateKeyError:
            return

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

    async def changes(self, after: Place | None = None) -> AsyncChangeStream[Fields]:
        """Which orders change, from this moment or that place on; nothing of what is in them."""
        return await Order.get_pymongo_collection().watch(
            [{"$project": {"documentKey": True}}], start_after=after, max_await_time_ms=AWAIT_MS
        )

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


def paid_with(payment_intent_id: str) -> Fields:
    """Orders of this PaymentIntent. Without the type MongoDB does not use the partial index."""
    return {"payment.payment_intent_id": {"$eq": payment_intent_id, "$type": "string"}}


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
