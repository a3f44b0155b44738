"""What a ticket costs at an address, to the cent."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.money import Money
from services.orders.documents import Line, LineKind
from services.orders.taxes import canadian_taxes, order_lines, total_of
from tests.order_builders import an_address

# The taxes on $33.33, then those on $199.99.
CENTS = {
    "AB": ([("GST", "5", 167)], [("GST", "5", 1000)]),
    "BC": ([("GST", "5", 167), ("PST", "7", 233)], [("GST", "5", 1000), ("PST", "7", 1400)]),
    "MB": ([("GST", "5", 167), ("RST", "7", 233)], [("GST", "5", 1000), ("RST", "7", 1400)]),
    "NB": ([("HST", "15", 500)], [("HST", "15", 3000)]),
    "NL": ([("HST", "15", 500)], [("HST", "15", 3000)]),
    "NS": ([("HST", "14", 467)], [("HST", "14", 2800)]),
    "NT": ([("GST", "5", 167)], [("GST", "5", 1000)]),
    "NU": ([("GST", "5", 167)], [("GST", "5", 1000)]),
    "ON": ([("HST", "13", 433)], [("HST", "13", 2600)]),
    "PE": ([("HST", "15", 500)], [("HST", "15", 3000)]),
    "QC": (
        [("GST", "5", 167), ("QST", "9.975", 332)],
        [("GST", "5", 1000), ("QST", "9.975", 1995)],
    ),
    "SK": ([("GST", "5", 167), ("PST", "6", 200)], [("GST", "5", 1000), ("PST", "6", 1200)]),
    "YT": ([("GST", "5", 167)], [("GST", "5", 1000)]),
}


def lines_for(cents: int, region: str, country: str = "CA") -> list[Line]:
    return order_lines(Money(amount=cents), an_address(region, country))


def taxes(lines: list[Line]) -> list[tuple[str, str | None, int]]:
    """The tax lines: name, rate and cents."""
    return [(line.name, line.rate, line.amount.amount) for line in lines if line.kind == "tax"]


def test_every_province_and_territory_has_its_taxes() -> None:
    assert set(canadian_taxes()) == set(CENTS)
    assert len(CENTS) == 13


@pytest.mark.parametrize("region", CENTS)
def test_the_taxes_of_a_province_are_right_to_the_cent(region: str) -> None:
    for price, expected in zip((3333, 19999), CENTS[region], strict=True):
        lines = lines_for(price, region)
        assert taxes(lines) == expected
        assert (lines[0].kind, lines[0].amount) == (LineKind.TICKET, Money(amount=price))
        assert total_of(lines).amount == price + sum(cents for _, _, cents in expected)


@pytest.mark.parametrize(
    ("region", "price", "expected"),
    [
        ("AB", 10, [1]),  # 0.5
        ("AB", 30, [2]),  # 1.5
        ("AB", 50, [3]),  # 2.5: the nearest even number would be 2
        ("AB", 9, [0]),  # 0.45
        ("QC", 6000, [300, 599]),  # QST 598.5
        ("QC", 5999, [300, 598]),  # QST 598.40025
        ("NS", 25, [4]),  # 3.5
        ("NS", 75, [11]),  # 10.5
        ("ON", 50, [7]),  # 6.5
    ],
)
def test_half_a_cent_is_rounded_up(region: str, price: int, expected: list[int]) -> None:
    assert [cents for _, _, cents in taxes(lines_for(price, region))] == expected


def test_quebecs_tax_is_on_the_price_alone() -> None:
    """Not on the price with GST, as it was before 2013."""
    assert taxes(lines_for(100_000, "QC")) == [("GST", "5", 5000), ("QST", "9.975", 9975)]


@pytest.mark.parametrize(
    ("region", "country"), [("NY", "US"), ("CA", "US"), ("ON", "US"), ("", "FR")]
)
def test_outside_canada_there_is_no_tax(region: str, country: str) -> None:
    [line] = lines_for(19999, region, country)
    assert (line.kind, line.amount.amount) == (LineKind.TICKET, 19999)
    assert total_of([line]) == Money(amount=19999)


@given(price=st.integers(min_value=0, max_value=10**10), region=st.sampled_from(sorted(CENTS)))
def test_a_bill_is_made_of_whole_cents_that_sum_up(price: int, region: str) -> None:
    lines = lines_for(price, region)
    total = total_of(lines)
    assert all(type(line.amount.amount) is int for line in lines)
    assert type(total.amount) is int
    assert total.amount == sum(line.amount.amount for line in lines)
    assert total.amount >= price == lines[0].amount.amount
    for _, rate, cents in taxes(lines):
        exact = price * Fraction(Decimal(rate or 0)) / 100
        assert exact - Fraction(1, 2) < cents <= exact + Fraction(1, 2)
