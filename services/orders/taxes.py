"""What a ticket costs at an address: the price and the taxes on it."""

import tomllib
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from services.money import Money
from services.orders.documents import Address, Line, LineKind


class Tax(NamedTuple):
    """One tax: its name and its rate in per cent."""

    name: str
    rate: Decimal


@cache
def canadian_taxes() -> dict[str, tuple[Tax, ...]]:
    """The taxes of each province and territory, by its two-letter code, from ``taxes.toml``."""
    table = tomllib.loads(files(__package__).joinpath("taxes.toml").read_text(encoding="utf-8"))
    return {
        region: tuple(Tax(tax["name"], Decimal(tax["rate"])) for tax in entry["taxes"])
        for region, entry in table.items()
    }


def order_lines(price: Money, address: Address) -> list[Line]:
    """The ticket and its taxes, each in whole minor units; outside Canada no tax line."""
    taxes = canadian_taxes()[address.region] if address.country == "CA" else ()
    return [
        Line(kind=LineKind.TICKET, name="Ticket", amount=price),
        *(
            Line(
                kind=LineKind.TAX,
                name=tax.name,
                rate=str(tax.rate),
                amount=Money(amount=_share(price.amount, tax.rate), currency=price.currency),
            )
            for tax in taxes
        ),
    ]


def total_of(lines: list[Line]) -> Money:
    """What is shown, charged and refunded."""
    return Money(
        amount=sum(line.amount.amount for line in lines), currency=lines[0].amount.currency
    )


def _share(amount: int, rate: Decimal) -> int:
    return int((amount * rate / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
