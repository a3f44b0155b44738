"""Orders in any state, as the database holds them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from services.money import Money
from services.orders.documents import (
    Address,
    Billing,
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
    Refund,
    TicketSnapshot,
    TimelineEntry,
)
from services.orders.taxes import order_lines, total_of

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
DEADLINE = NOON + timedelta(minutes=15)
PRICE = Money(amount=16000)

OVER = (OrderStatus.CANCELLED, OrderStatus.REFUNDED)
PAYMENTS = {
    OrderStatus.CREATED: PaymentStatus.NOT_STARTED,
    OrderStatus.AWAITING_PAYMENT: PaymentStatus.REQUIRES_PAYMENT,
    OrderStatus.CANCELLED: PaymentStatus.CANCELED,
}


def an_address(region: str = "AB", country: str = "CA") -> Address:
    """Somewhere in a province, or abroad."""
    return Address(
        line1="180 Sherwood Forest Square",
        city="Calgary",
        region=region,
        postal_code="T2P 1J9",
        country=country,
    )


def a_bill(region: str = "AB") -> Billing:
    """A bill to somebody in this province."""
    return Billing(name="Oliver Clennan", address=an_address(region))


def an_order(
    status: OrderStatus = OrderStatus.CREATED,
    *,
    order_id: str | None = None,
    ticket_id: str | None = None,
    buyer_id: str = "buyer",
    payment_intent_id: str | None = None,
    created_at: datetime = NOON,
) -> Order:
    """An order in this state; it needs the databases to be open."""
    ticket_id = ticket_id or f"ticket-{uuid4().hex}"
    more: dict[str, Any] = {}
    if status is not OrderStatus.CREATED:
        billing = a_bill()
        lines = order_lines(PRICE, billing.address)
        more = {"billing": billing, "lines": lines, "total": total_of(lines)}
        payment_intent_id = payment_intent_id or f"pi_{uuid4().hex}"
    if status in (OrderStatus.REFUNDING, OrderStatus.REFUNDED):
        more["refund"] = Refund(status="requested", amount=more["total"], requested_at=NOON)
    order: Order = Order(
        id=order_id or str(uuid4()),
        buyer_id=buyer_id,
        seller_id="seller",
        ticket_id=ticket_id,
        ticket=TicketSnapshot(id=ticket_id, title="Front row", price=PRICE),
        active=status not in OVER,
        status=status,
        cancel_reason="buyer" if status is OrderStatus.CANCELLED else None,
        payment=Payment(
            status=PAYMENTS.get(status, PaymentStatus.CAPTURED),
            payment_intent_id=payment_intent_id,
        ),
        expires_at=DEADLINE,
        created_at=created_at,
        timeline=[TimelineEntry(at=NOON, what="reserved")],
        **more,
    )
    return order
