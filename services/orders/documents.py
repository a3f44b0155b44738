"""What the orders database holds."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from services.money import Money
from services.records import Record


class OrderStatus(StrEnum):
    """How an order stands."""

    CREATED = "created"
    AWAITING_PAYMENT = "awaiting_payment"
    COMPLETE = "complete"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


OPEN = (OrderStatus.CREATED, OrderStatus.AWAITING_PAYMENT)
"""Still to be decided: the buyer may pay, the clock runs."""


PAID = (OrderStatus.COMPLETE, OrderStatus.REFUNDING, OrderStatus.REFUNDED)
"""Completed, whatever became of it since."""


class PaymentStatus(StrEnum):
    """How the payment of an order stands, as the buyer sees it."""

    NOT_STARTED = "not_started"
    REQUIRES_PAYMENT = "requires_payment"
    DECLINED = "declined"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    CANCELED = "canceled"


class LineKind(StrEnum):
    """What a line of an order is for."""

    TICKET = "ticket"
    TAX = "tax"


class Line(BaseModel):
    """One line of the bill."""

    kind: LineKind
    name: str
    rate: str | None = None
    """Per cent, as a decimal number, of a tax."""
    amount: Money


class Address(BaseModel):
    """A postal address; ``country`` is ISO 3166-1 alpha-2."""

    line1: str
    line2: str | None = None
    city: str
    region: str
    postal_code: str
    country: str


class Billing(BaseModel):
    """Whom the bill is for."""

    name: str
    address: Address


class TicketSnapshot(BaseModel):
    """The ticket as it was when it was reserved."""

    id: str
    title: str
    price: Money
    venue: str | None = None
    starts_at: datetime | None = None
    seat: str | None = None
    description: str | None = None


class Payment(BaseModel):
    """What the buyer sees of the payment."""

    status: PaymentStatus = PaymentStatus.NOT_STARTED
    last_error: str | None = None
    """The bank's reason code for the last refusal."""
    payment_intent_id: str | None = None


class Refund(BaseModel):
    """How the refund stands: the newest try of it."""

    status: str
    amount: Money
    failure: str | None = None
    requested_at: datetime
    settled_at: datetime | None = None
    id: str | None = None
    """At Stripe. Not for buyers."""
    turn: int = 1
    """How many times it has been asked for; each has idempotency keys of its own."""


class Dispute(BaseModel):
    """The buyer's bank wants the money back, says Stripe. Not for buyers."""

    id: str
    status: str
    """Stripe's own word: ``needs_response``, ``under_review``, ``won``, ``lost``, …"""
    reason: str
    amount: Money
    opened_at: datetime
    closed_at: datetime | None = None
    """When we learned of its end, or None while it is open."""

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is expected."""
        return self.status in CLOSED_DISPUTES

    @property
    def freezes_refunds(self) -> bool:
        """Whether a refund could give the money back a second time."""
        return self.status not in HARMLESS_DISPUTES


HARMLESS_DISPUTES = ("won", "warning_closed")
"""The money stays with us, and we may give it back."""
CLOSED_DISPUTES = (*HARMLESS_DISPUTES, "lost", "prevented")


class TimelineEntry(BaseModel):
    """One thing that happened to the order."""

    at: datetime
    what: str
    about: str | None = None
    """What tells it from another of its kind: an address, an attempt, an object at Stripe. For
    operators, not for buyers."""
    actor: str | None = None
    """The operator who did it, if one did."""
    why: str | None = None
    """What that operator said. For operators, not for buyers."""


class Order(Record):
    """One buyer's claim on one ticket.

    ``active`` is true exactly while the order claims the ticket (open, complete or being refunded);
    a unique index over it makes a second claim impossible.
    """

    buyer_id: str
    seller_id: str
    ticket_id: str
    ticket: TicketSnapshot
    active: bool = True
    status: OrderStatus = OrderStatus.CREATED
    cancel_reason: str | None = None
    lines: list[Line] = Field(default_factory=list)
    total: Money | None = None
    billing: Billing | None = None
    payment: Payment = Field(default_factory=Payment)
    refund: Refund | None = None
    dispute: Dispute | None = None
    expires_at: datetime
    created_at: datetime
    timeline: list[TimelineEntry] = Field(default_factory=list)
    changed_at: datetime | None = None
    """Time of the newest entry, once there is one beyond the first: what a check goes by."""

    class Settings:
        """Collection and indexes."""

        name = "orders"
        indexes: ClassVar = [
            IndexModel(
                [("ticket_id", ASCENDING)],
                name="one_active_order_per_ticket",
                unique=True,
                partialFilterExpression={"active": True},
            ),
            IndexModel(
                [("buyer_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
                name="orders_of_a_buyer",
            ),
            IndexModel(
                [("payment.payment_intent_id", ASCENDING)],
                name="one_order_per_payment_intent",
                unique=True,
                partialFilterExpression={"payment.payment_intent_id": {"$type": "string"}},
            ),
            IndexModel(
                [("status", ASCENDING), ("expires_at", ASCENDING), ("_id", ASCENDING)],
                name="orders_by_deadline",
            ),
            IndexModel(
                [("status", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
                name="orders_of_a_status",
            ),
            IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)], name="newest_orders"),
            IndexModel(
                [("ticket_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
                name="orders_of_a_ticket",
            ),
            IndexModel(
                [("seller_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)],
                name="orders_of_a_seller",
            ),
            IndexModel([("status", ASCENDING), ("_id", ASCENDING)], name="unfinished_orders"),
            IndexModel([("changed_at", ASCENDING), ("_id", ASCENDING)], name="changed_orders"),
        ]


class BillingRecord(Record):
    """A billing address that a buyer sent; it counts once the purchase has put it in force."""

    order_id: str
    billing: Billing
    created_at: datetime

    class Settings:
        """Collection and indexes."""

        name = "billing"
        indexes: ClassVar = [
            IndexModel([("order_id", ASCENDING)], name="billing_of_an_order"),
        ]


class OrderRequest(Record):
    """What a buyer asked for under an ``Idempotency-Key``; the id is the order's."""

    fingerprint: str
    spent: list[str] = Field(default_factory=list)
    """Order ids minted from the key whose start was taken back: the key goes on with the next."""
    created_at: datetime

    class Settings:
        """Collection and indexes. A key is remembered as long as an order can be disputed."""

        name = "requests"
        indexes: ClassVar = [
            IndexModel(
                [("created_at", ASCENDING)],
                name="forget_requests",
                expireAfterSeconds=120 * 24 * 3600,
            ),
        ]


class Claim(BaseModel):
    """A place that an order takes among those that its buyer may hold."""

    order_id: str
    at: datetime


class Holds(Record):
    """The places that a buyer has taken; the id is the buyer's.

    Some of the orders may be over: those give way when a place is needed.
    """

    claims: list[Claim] = Field(default_factory=list)
    claimed_at: datetime

    class Settings:
        """Collection and indexes. It is forgotten long after the longest hold has ended."""

        name = "holds"
        indexes: ClassVar = [
            IndexModel(
                [("claimed_at", ASCENDING)],
                name="forget_holds",
                expireAfterSeconds=7 * 24 * 3600,
            ),
        ]


class SentMail(Record):
    """A mail that went out; the id says why, about which order and to which role."""

    order_id: str
    provider_id: str
    sent_at: datetime

    class Settings:
        """Collection; ``_id`` is the unique mail key."""

        name = "sent_mail"
        indexes: ClassVar = [
            IndexModel([("order_id", ASCENDING)], name="mail_of_an_order"),
        ]


DOCUMENTS: list[type[Record]] = [Order, BillingRecord, OrderRequest, Holds, SentMail]
