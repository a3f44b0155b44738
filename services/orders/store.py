"""Orders from the click to their end, and the mail about them.

What a check or an operator looks for is in ``audit.py`` and ``search.py``.

Each write of a purchase is one compare-and-set on one document, fenced by the status it starts
from, so that a repeated or late step changes nothing. Times are the caller's (the workflow's),
never this machine's clock.
"""

from datetime import datetime
from enum import IntEnum

from pymongo import ReturnDocument
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.errors import DuplicateKeyError

from services.changes import AWAIT_MS, Place
from services.ids import PersonIds
from services.money import Money
from services.orders.changing import ABANDONED, Fields
from services.orders.documents import (
    OPEN,
    Billing,
    BillingRecord,
    Line,
    Order,
    OrderStatus,
    PaymentStatus,
    SentMail,
)
from services.orders.refunds import RefundedOrders


class Opening(IntEnum):
    """How opening an order went; what is false is a refusal."""

    REFUSED = 0
    NEW = 1
    REPEATED = 2


class OrderStore(RefundedOrders):
    """Orders, the addresses sent for them, and the log of mail about them."""

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

    async def changes(self, after: Place | None = None) -> AsyncChangeStream[Fields]:
        """Which orders change, from this moment or that place on; nothing of what is in them."""
        return await Order.get_pymongo_collection().watch(
            [{"$project": {"documentKey": True}}], start_after=after, max_await_time_ms=AWAIT_MS
        )


def paid_with(payment_intent_id: str) -> Fields:
    """Orders of this PaymentIntent. Without the type MongoDB does not use the partial index."""
    return {"payment.payment_intent_id": {"$eq": payment_intent_id, "$type": "string"}}
