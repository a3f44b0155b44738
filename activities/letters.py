"""What people read about an order: which letters a reason calls for, and how they are written.

A letter is a pure function of the order and never looks at the clock, so that writing it again
after a crash gives the same letter, to which the same idempotency key applies.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final, NamedTuple

import pycountry
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.money import Money
from services.orders.documents import Billing, Line, LineKind, Order
from workflows.mail_steps import MailReason

HAPPENED: Final = {
    MailReason.CONFIRMED: "complete",
    MailReason.EXPIRED: "cancelled: expired",
    MailReason.CALLED_OFF: "cancelled: operator",
    MailReason.PAYMENT_FAILED: "cancelled: payment_failed",
    MailReason.REFUNDED: "refunded",
}
"""The entry in the order's timeline that a letter reports. Before it there is nothing to say."""


class Role(StrEnum):
    """As what somebody is written to."""

    BUYER = "buyer"
    SELLER = "seller"


class Letter(NamedTuple):
    """One letter to one person, not yet written out; ``facts`` is all that its template is told."""

    key: str
    user_id: str
    subject: str
    template: str
    facts: dict[str, Any]


class Row(NamedTuple):
    """One line of the order summary."""

    label: str
    amount: Money


def letters(order: Order, reason: MailReason) -> Iterator[Letter]:
    """The letters that this reason calls for; none before the order is that far."""
    at = next((entry.at for entry in order.timeline if entry.what == HAPPENED[reason]), None)
    if at is None:
        return
    for role, subject, template in _LETTERS[reason]:
        to_buyer = role is Role.BUYER
        facts = _for_the_buyer(order, reason) if to_buyer else _for_the_seller(order)
        yield Letter(
            key=f"{reason}:{order.id}:{role}",
            user_id=order.buyer_id if to_buyer else order.seller_id,
            subject=subject,
            template=template,
            facts={"subject": subject, "order_id": order.id, "at": at, **facts},
        )


def write_out(letter: Letter, *, site: str) -> tuple[str, str]:
    """The letter as HTML and as plain text; links lead to ``site``."""
    html, text = (
        _templates().get_template(f"{letter.template}.{form}").render(letter.facts, site=site)
        for form in ("html", "txt")
    )
    return html, text


def money(amount: Money) -> str:
    """``$168.00 CAD``."""
    sign, minor = "-" if amount.amount < 0 else "", abs(amount.amount)
    return f"{sign}${minor // 100:,}.{minor % 100:02} {amount.currency}"


def moment(at: datetime) -> str:
    """``Saturday 14 June 2025 @ 4:14 PM UTC``."""
    at = at.astimezone(UTC)
    half = "AM" if at.hour < 12 else "PM"  # noqa: PLR2004 - noon
    return f"{at:%A} {at.day} {at:%B %Y} @ {at.hour % 12 or 12}:{at:%M} {half} UTC"


def country(code: str) -> str:
    """``Canada`` for ``CA``."""
    found = pycountry.countries.get(alpha_2=code)
    return str(found.name) if found else code


_LETTERS: Final = {
    MailReason.CONFIRMED: (
        (Role.BUYER, "Order Confirmed!", "order_confirmed"),
        (Role.SELLER, "Ticket Sold", "ticket_sold"),
    ),
    MailReason.REFUNDED: (
        (Role.BUYER, "Order Refunded", "order_refunded"),
        (Role.SELLER, "Ticket Refunded", "ticket_refunded"),
    ),
    MailReason.EXPIRED: ((Role.BUYER, "Order Expired", "order_expired"),),
    MailReason.CALLED_OFF: ((Role.BUYER, "Order Cancelled", "order_called_off"),),
    MailReason.PAYMENT_FAILED: ((Role.BUYER, "Payment Failed", "payment_failed"),),
}


def _for_the_buyer(order: Order, reason: MailReason) -> dict[str, Any]:
    rows = [Row(_label(line), line.amount) for line in order.lines]
    if reason is MailReason.REFUNDED and order.refund is not None:
        rows.append(Row("Refund", _minus(order.refund.amount)))
    total = sum(row.amount.amount for row in rows)
    return {
        "first_name": _first_name(order.billing),
        "ticket": order.ticket,
        "rows": rows,
        "total": Money(amount=total, currency=order.ticket.price.currency),
        "billing": order.billing,
    }


def _for_the_seller(order: Order) -> dict[str, Any]:
    """Nothing of the buyer: not the order, only the ticket as the seller listed it."""
    return {"ticket": order.ticket}


def _minus(amount: Money) -> Money:
    return Money(amount=-amount.amount, currency=amount.currency)


def _label(line: Line) -> str:
    if line.kind is LineKind.TICKET:
        return "Ticket Price"
    return f"{line.name} ({line.rate}%)" if line.rate else line.name


def _first_name(billing: Billing | None) -> str | None:
    """The bill need not be there yet when an order expires."""
    return next(iter(billing.name.split()), None) if billing else None


@cache
def _templates() -> Environment:
    """Loaded as package data, so that they come with the wheel."""
    environment = Environment(
        loader=PackageLoader("activities", "templates"),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(money=money, moment=moment, country=country)
    return environment
