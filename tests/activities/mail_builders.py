"""Orders that somebody has to be written to about."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from services.money import Money
from services.orders.documents import (
    Address,
    Billing,
    Order,
    Refund,
    TicketSnapshot,
    TimelineEntry,
)
from services.orders.taxes import order_lines, total_of
from workflows.mail_steps import MailReason

BUYER, SELLER = "the-buyer", "the-seller"
HAPPENED_AT = datetime(2025, 6, 14, 16, 14, tzinfo=UTC)
PRICE = Money(amount=16_000)

_STORIES = {
    MailReason.CONFIRMED: ["complete"],
    MailReason.EXPIRED: ["cancelled: expired"],
    MailReason.CALLED_OFF: ["cancelled: operator"],
    MailReason.PAYMENT_FAILED: ["cancelled: payment_failed"],
    MailReason.REFUNDED: ["complete", "refunded"],
}


def at_home_in(region: str, *, name: str = "Oliver Clennan") -> Billing:
    """A bill to somebody in this province."""
    return Billing(
        name=name,
        address=Address(
            line1="180 Sherwood Forest Square",
            line2="Unit 306",
            city="Calgary",
            region=region,
            postal_code="T2P 1J9",
            country="CA",
        ),
    )


OLIVER = at_home_in("AB")


def an_order(
    reason: MailReason, *, billing: Billing | None = OLIVER, title: str = "Rock Concert"
) -> Order:
    """An order about which this mail is due. It needs no database until it is stored."""
    ticket = TicketSnapshot(id=f"ticket-{uuid4().hex}", title=title, price=PRICE)
    lines = order_lines(PRICE, billing.address) if billing else []
    total = total_of(lines) if lines else None
    order: Order = Order.model_construct(
        id=f"order-{uuid4().hex}",
        buyer_id=BUYER,
        seller_id=SELLER,
        ticket_id=ticket.id,
        ticket=ticket,
        active=reason is MailReason.CONFIRMED,
        lines=lines,
        total=total,
        billing=billing,
        refund=_refund(total) if total and reason is MailReason.REFUNDED else None,
        expires_at=HAPPENED_AT + timedelta(minutes=15),
        created_at=HAPPENED_AT,
        timeline=[TimelineEntry(at=HAPPENED_AT, what=what) for what in _STORIES[reason]],
    )
    return order


def _refund(amount: Money) -> Refund:
    return Refund(status="succeeded", amount=amount, requested_at=HAPPENED_AT)
