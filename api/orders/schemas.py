"""Orders on the wire."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic.config import JsonDict
from pydantic_extra_types.country import CountryAlpha2

from api.tickets.schemas import ShortText, Title
from services.money import Money
from services.orders.documents import (
    OPEN,
    Billing,
    LineKind,
    Order,
    OrderStatus,
    PaymentStatus,
    Refund,
)
from services.orders.taxes import canadian_taxes
from services.payments.declines import sentence_for
from services.payments.documents import Card
from services.payments.documents import Payment as PaymentRecord

PAYABLE: Final = (PaymentStatus.REQUIRES_PAYMENT, PaymentStatus.DECLINED)

BILLING_EXAMPLE: JsonDict = {
    "name": "Ada Lovelace",
    "address": {
        "line1": "178 Victoria St",
        "city": "Toronto",
        "region": "ON",
        "postal_code": "M5B 1T7",
        "country": "CA",
    },
}


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


Country = Annotated[CountryAlpha2, BeforeValidator(_upper)]


class AddressDraft(BaseModel):
    """Where the buyer lives; it decides the taxes."""

    model_config = ConfigDict(extra="forbid")

    line1: Title
    line2: ShortText = None
    city: Title
    postal_code: Title
    country: Country = Field(description="ISO 3166-1 alpha-2.", examples=["CA"])
    region: ShortText = Field(
        default=None,
        validate_default=True,
        description="In Canada the two letters of the province or territory.",
    )

    @field_validator("region")
    @classmethod
    def _known_province(cls, value: str | None, info: ValidationInfo) -> str:
        """It decides the taxes, so that in Canada it must be a real one; elsewhere it may lack."""
        region = value or ""
        if info.data.get("country") != "CA":
            return region
        region = region.upper()
        if region not in canadian_taxes():
            raise ValueError(f"Must be one of {', '.join(sorted(canadian_taxes()))}.")
        return region


class BillingDraft(BaseModel):
    """Whom the bill is for."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [BILLING_EXAMPLE]})

    name: Title
    address: AddressDraft

    def billing(self) -> Billing:
        """The same, in the orders' words."""
        return Billing.model_validate(self.model_dump(mode="json"))


class OrderDraft(BaseModel):
    """Buy this ticket."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"ticket_id": "5f0c7f6e-6e57-4f0e-8a9b-2d2f0a1c9b77"},
                {
                    "ticket_id": "5f0c7f6e-6e57-4f0e-8a9b-2d2f0a1c9b77",
                    "billing": BILLING_EXAMPLE,
                },
            ]
        },
    )

    ticket_id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9-]+$")
    billing: BillingDraft | None = None


class OrderQuery(BaseModel):
    """Which orders are listed."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = Field(
        default=None, max_length=200, description="`next_cursor` of the page before."
    )


class TicketShown(BaseModel):
    """The ticket as it was when it was reserved."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    title: str
    price: Money
    venue: str | None
    starts_at: datetime | None
    seat: str | None
    description: str | None


class LineView(BaseModel):
    """One line of the bill."""

    model_config = ConfigDict(from_attributes=True)

    kind: LineKind
    name: str
    rate: str | None = Field(description="Of a tax, in per cent.", examples=["13"])
    amount: Money


class DeclineView(BaseModel):
    """Why the bank refused the last card."""

    code: str = Field(examples=["insufficient_funds"])
    message: str


class CardView(BaseModel):
    """What may be shown of a card."""

    model_config = ConfigDict(from_attributes=True)

    brand: str
    last4: str


class PaymentView(BaseModel):
    """How the payment stands."""

    status: PaymentStatus
    client_secret: str | None = Field(
        description="For Stripe.js; only from the billing address until it is paid or over."
    )
    last_error: DeclineView | None
    card: CardView | None


class RefundView(BaseModel):
    """How the refund stands: `requested`, `pending`, `succeeded`, `failed`, or `settled` when the
    money went back by other means."""

    model_config = ConfigDict(from_attributes=True)

    status: str
    amount: Money
    failure: str | None
    requested_at: datetime
    settled_at: datetime | None


class TimelineView(BaseModel):
    """One thing that happened."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    what: str = Field(examples=["reserved"])


class OrderView(BaseModel):
    """An order, as its buyer sees it."""

    id: str
    status: OrderStatus
    cancel_reason: str | None = Field(
        description="`expired`, `buyer`, `operator` or `payment_failed`."
    )
    ticket: TicketShown
    lines: list[LineView] = Field(description="Ticket and taxes; empty until there is an address.")
    total: Money | None
    billing: Billing | None
    expires_at: datetime = Field(description="When the hold on the ticket ends.")
    created_at: datetime
    payment: PaymentView
    refund: RefundView | None
    timeline: list[TimelineView]

    @classmethod
    def of(cls, order: Order, payment: PaymentRecord | None) -> "OrderView":
        """An order together with what Stripe knows of it."""
        return cls(
            id=order.id,
            status=order.status,
            cancel_reason=order.cancel_reason,
            ticket=TicketShown.model_validate(order.ticket),
            lines=[LineView.model_validate(line) for line in order.lines],
            total=order.total,
            billing=order.billing,
            expires_at=order.expires_at,
            created_at=order.created_at,
            payment=_payment(order, payment),
            refund=_refund(order.refund),
            timeline=[TimelineView.model_validate(entry) for entry in order.timeline],
        )


class OrderPage(BaseModel):
    """Some orders, newest first, and where to go on."""

    items: list[OrderView]
    next_cursor: str | None = Field(description="For the next page; null on the last.")


def _payment(order: Order, record: PaymentRecord | None) -> PaymentView:
    payable = (
        record is not None
        and order.status in OPEN
        and order.payment.status in PAYABLE
        and order.payment.payment_intent_id == record.payment_intent_id
    )
    code = order.payment.last_error
    return PaymentView(
        status=order.payment.status,
        client_secret=record.client_secret if record and payable else None,
        last_error=DeclineView(code=code, message=sentence_for(code)) if code else None,
        card=_card(record.card if record else None),
    )


def _card(card: Card | None) -> CardView | None:
    return CardView.model_validate(card) if card else None


def _refund(refund: Refund | None) -> RefundView | None:
    return RefundView.model_validate(refund) if refund else None
