"""Purchases and findings on the wire, as a person on duty sees them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from api.auth.schemas import Email
from api.tickets.schemas import Moment, plain, visible
from services.money import Money
from services.orders.documents import OPEN, OrderStatus, PaymentStatus

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=200),
    AfterValidator(plain()),
    AfterValidator(visible),
    Field(description="Why, for other operators. It stays with the order: name nobody."),
]


class Listing(StrEnum):
    """Purchases in one state, in none of the final ones, or in any."""

    OPEN = "open"
    ANY = "any"
    CREATED = "created"
    AWAITING_PAYMENT = "awaiting_payment"
    COMPLETE = "complete"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"

    @property
    def statuses(self) -> tuple[OrderStatus, ...] | None:
        """Of the orders; None: whatever they are."""
        match self:
            case Listing.OPEN:
                return OPEN
            case Listing.ANY:
                return None
            case status:
                return (OrderStatus(status.value),)


class PurchaseFilter(BaseModel):
    """Which purchases there shall be."""

    model_config = ConfigDict(extra="forbid")

    state: Listing = Field(
        default=Listing.OPEN,
        description="`open` (the default) is `created` and `awaiting_payment`, nearest deadline "
        "first; every other list, and whatever is searched for, begins with the newest.",
    )
    search: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="The id of an order, a ticket, a buyer, a seller or a PaymentIntent.",
    )


class PurchaseQuery(PurchaseFilter):
    """Which purchases are listed."""

    limit: int = Field(default=50, ge=1, le=100)
    cursor: str | None = Field(
        default=None, max_length=200, description="`next_cursor` of the page before."
    )


class Action(StrEnum):
    """What an operator can do to a purchase."""

    EXTEND = "extend"
    CANCEL = "cancel"
    RETRY_CAPTURE = "retry_capture"
    REFUND = "refund"
    SETTLE_REFUND = "settle_refund"


BECAUSE: JsonDict = {"reason": "The bank's app was down, the buyer asked for more time."}


class Because(BaseModel):
    """Every action of an operator has a reason."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [BECAUSE]})

    reason: Reason


class ExtensionDraft(Because):
    """Give the buyer more time."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{**BECAUSE, "seconds": 300, "expires_at": "2027-05-01T19:30:00Z"}]
        },
    )

    seconds: int = Field(
        strict=True,
        ge=1,
        le=3600,
        description="Added to the deadline; never to more than an hour from now.",
    )
    expires_at: Moment = Field(
        description="The purchase's deadline as the operator saw it: sent again with the same one, "
        "it is the same extension and is not added twice."
    )


class PersonQuery(BaseModel):
    """Whose purchases? In a body, so that the address is in no log."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"email": "ann@example.com"}]}
    )

    email: Email


class PersonFound(BaseModel):
    """The ids under which this person buys and sells; empty if there is nobody."""

    user_ids: list[str]


class FindingView(BaseModel):
    """Something that is not as it should be."""

    id: str
    kind: str = Field(
        description="`I1` to `I6`, `refund_failed`, `orphan_payment`, `mail_given_up`, `dispute`."
    )
    title: str = Field(description="The kind, in words.")
    detail: str
    order_id: str | None
    ticket_id: str | None
    payment_intent_id: str | None
    found_at: datetime
    seen_at: datetime
    closed_at: datetime | None = Field(description="When it was put right; null while it is not.")


class PurchaseView(BaseModel):
    """One line of the list."""

    order_id: str
    status: OrderStatus
    cancel_reason: str | None
    ticket_id: str
    ticket_title: str
    buyer_id: str
    seller_id: str
    price: Money
    total: Money | None
    payment_status: PaymentStatus
    payment_intent_id: str | None
    refund_status: str | None
    dispute_status: str | None
    created_at: datetime
    expires_at: datetime
    findings: int = Field(description="How many open findings are about it.")


class PurchasePage(BaseModel):
    """Some purchases, and where to go on."""

    items: list[PurchaseView]
    next_cursor: str | None


class EventView(BaseModel):
    """One thing that happened: to the order, at Stripe, or in the post."""

    at: datetime
    source: Literal["order", "stripe", "mail"]
    what: str
    who: str | None = Field(
        default=None, description="The operator's user id, if an operator did it."
    )
    why: str | None = None
    about: str | None = Field(default=None, description="Which attempt, event or object at Stripe.")


class WorkflowView(BaseModel):
    """A workflow of this purchase in Temporal."""

    workflow_id: str
    status: str = Field(examples=["running", "completed", "terminated", "missing", "unknown"])
    started_at: datetime | None
    closed_at: datetime | None
    says: str | None = Field(description="Its own words (Markdown).")
    url: str | None = Field(description="In the Temporal UI.")


class PurchaseDetail(BaseModel):
    """Everything about one purchase."""

    purchase: PurchaseView
    timeline: list[EventView] = Field(description="Oldest first.")
    workflows: list[WorkflowView]
    findings: list[FindingView]
    actions: list[Action] = Field(description="What can be done now.")


class LastCheck(BaseModel):
    """The newest reconciliation."""

    began_at: datetime
    ended_at: datetime | None
    orders_checked: int
    healed: int
    found: int


class Board(BaseModel):
    """What needs a person, oldest first."""

    findings: list[FindingView]
    healed: list[FindingView] = Field(
        description="What was put right by itself within the last 24 hours, newest first."
    )
    last_check: LastCheck | None
