"""What the letters say: to whom, amounts to the cent, in both forms, and what they keep quiet."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from activities.letters import Letter, country, letters, moment, money, write_out
from services.money import Money
from services.orders.documents import Address, Order
from tests.activities.mail_builders import BUYER, HAPPENED_AT, SELLER, an_order, at_home_in
from workflows.mail_steps import MailReason

SITE = "https://tickets.example.com"


class _Words(HTMLParser):
    """The text that a person sees, and the elements that carry it."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.extend(data.split())


def _read(html: str) -> str:
    parser = _Words()
    parser.feed(html)
    return " ".join(parser.words)


def _letter(order: Order, reason: MailReason, role: str) -> Letter:
    return next(each for each in letters(order, reason) if each.key.endswith(role))


def _both(order: Order, reason: MailReason, role: str) -> list[str]:
    """The HTML as it is read, and the plain text on one line."""
    html, text = write_out(_letter(order, reason, role), site=SITE)
    return [_read(html), " ".join(text.split())]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (MailReason.CONFIRMED, [(BUYER, "Order Confirmed!"), (SELLER, "Ticket Sold")]),
        (MailReason.REFUNDED, [(BUYER, "Order Refunded"), (SELLER, "Ticket Refunded")]),
        (MailReason.EXPIRED, [(BUYER, "Order Expired")]),
        (MailReason.CALLED_OFF, [(BUYER, "Order Cancelled")]),
        (MailReason.PAYMENT_FAILED, [(BUYER, "Payment Failed")]),
    ],
)
def test_each_reason_decides_who_is_written_to(
    reason: MailReason, expected: list[tuple[str, str]]
) -> None:
    written = [(each.user_id, each.subject) for each in letters(an_order(reason), reason)]
    assert written == expected


def test_keys_name_reason_order_and_role() -> None:
    order = an_order(MailReason.CONFIRMED)
    keys = [each.key for each in letters(order, MailReason.CONFIRMED)]
    assert keys == [f"confirmed:{order.id}:buyer", f"confirmed:{order.id}:seller"]


def test_nobody_reads_order_confirmed_before_the_order_is_complete() -> None:
    not_yet = an_order(MailReason.CONFIRMED).model_copy(update={"timeline": []})
    assert list(letters(not_yet, MailReason.CONFIRMED)) == []


@pytest.mark.parametrize("reason", MailReason)
def test_every_letter_is_headed_by_order_and_time_and_has_a_language(reason: MailReason) -> None:
    order = an_order(reason)
    for letter in letters(order, reason):
        html, text = write_out(letter, site=SITE)
        assert html.lstrip().startswith("<!doctype html>")
        assert '<html lang="en">' in html
        assert text.startswith(f"Order #{order.id}\nSaturday 14 June 2025 @ 4:14 PM UTC\n")
        heading = f"Order #{order.id} Saturday 14 June 2025 @ 4:14 PM UTC"
        assert heading in _read(html)
        assert "<img" not in html


def test_the_confirmation_holds_ticket_bill_and_address() -> None:
    for words in _both(an_order(MailReason.CONFIRMED), MailReason.CONFIRMED, "buyer"):
        assert "Thanks, Oliver! Your order was successfully processed." in words
        assert "- 1 Rock Concert Ticket" in words
        assert (
            "Order Summary Ticket Price: $160.00 CAD GST (5%): $8.00 CAD"
            " Order Total: $168.00 CAD" in words
        )
        assert (
            "Billing Details Oliver Clennan 180 Sherwood Forest Square Unit 306"
            " Calgary, AB T2P 1J9 Canada" in words
        )


def test_quebec_pays_two_taxes_on_the_price() -> None:
    order = an_order(MailReason.CONFIRMED, billing=at_home_in("QC"))
    for words in _both(order, MailReason.CONFIRMED, "buyer"):
        assert (
            "Ticket Price: $160.00 CAD GST (5%): $8.00 CAD QST (9.975%): $15.96 CAD"
            " Order Total: $183.96 CAD" in words
        )


def test_the_refund_takes_the_total_back_to_nothing_and_shows_no_address() -> None:
    for words in _both(an_order(MailReason.REFUNDED), MailReason.REFUNDED, "buyer"):
        assert "Oliver, Your order has been refunded. - 1 Rock Concert Ticket" in words
        assert (
            "Ticket Price: $160.00 CAD GST (5%): $8.00 CAD Refund: -$168.00 CAD"
            " Order Total: $0.00 CAD" in words
        )
        assert "Billing" not in words
        assert "Sherwood" not in words


def test_a_confirmation_written_late_does_not_change_when_a_refund_has_begun() -> None:
    refunded = an_order(MailReason.REFUNDED)
    complete = refunded.model_copy(update={"refund": None})
    early, late = (_both(each, MailReason.CONFIRMED, "buyer") for each in (complete, refunded))
    assert early == late


def test_an_expired_order_was_not_charged_and_can_be_tried_again() -> None:
    order = an_order(MailReason.EXPIRED)
    for words in _both(order, MailReason.EXPIRED, "buyer"):
        assert "You have not been charged, and the ticket is back on the market." in words
    for form in write_out(_letter(order, MailReason.EXPIRED, "buyer"), site=SITE):
        assert f"{SITE}/tickets/{order.ticket_id}" in form


def test_an_order_that_expires_before_billing_greets_without_a_name() -> None:
    order = an_order(MailReason.EXPIRED, billing=None)
    for words in _both(order, MailReason.EXPIRED, "buyer"):
        assert "Hello, Your order has expired." in words


def test_a_failed_payment_was_not_charged() -> None:
    for words in _both(an_order(MailReason.PAYMENT_FAILED), MailReason.PAYMENT_FAILED, "buyer"):
        assert "Your bank withdrew its hold on the money" in words
        assert "You have not been charged" in words


@pytest.mark.parametrize("reason", [MailReason.CONFIRMED, MailReason.REFUNDED])
def test_the_seller_learns_title_and_price_and_nothing_of_the_buyer(reason: MailReason) -> None:
    order = an_order(reason, billing=at_home_in("QC"))
    assert order.billing is not None
    address = order.billing.address
    private = [order.buyer_id, *order.billing.name.split(), "GST", "QST", "183.96", "15.96"]
    private += [address.line1, address.line2 or "", address.city, address.postal_code, "Canada"]
    letter = _letter(order, reason, "seller")
    told = str(letter.facts)
    for words in [*write_out(letter, site=SITE), told]:
        assert "Rock Concert" in words
        assert [each for each in private if each in words] == []
    for words in _both(order, reason, "seller"):
        assert "$160.00 CAD" in words


def test_markup_in_a_title_or_name_is_text() -> None:
    order = an_order(
        MailReason.CONFIRMED,
        title="<script>alert(1)</script> & Friends",
        billing=at_home_in("AB", name="<b>Bold</b> Buyer"),
    )
    for letter in letters(order, MailReason.CONFIRMED):
        html, text = write_out(letter, site=SITE)
        assert "<script" not in html
        assert "<b>" not in html
        assert "- 1 <script>alert(1)</script> & Friends Ticket" in _read(html)
        assert "- 1 <script>alert(1)</script> & Friends Ticket" in text


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2024, 8, 15, 22, 14, tzinfo=UTC), "Thursday 15 August 2024 @ 10:14 PM UTC"),
        (datetime(2025, 6, 15, 0, 5, tzinfo=UTC), "Sunday 15 June 2025 @ 12:05 AM UTC"),
        (datetime(2025, 6, 16, 12, 0, tzinfo=UTC), "Monday 16 June 2025 @ 12:00 PM UTC"),
        (HAPPENED_AT, "Saturday 14 June 2025 @ 4:14 PM UTC"),
    ],
)
def test_times_have_the_right_weekday_and_half_of_the_day(at: datetime, words: str) -> None:
    assert moment(at) == words


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (16_800, "$168.00 CAD"),
        (-16_800, "-$168.00 CAD"),
        (0, "$0.00 CAD"),
        (5, "$0.05 CAD"),
        (123_456_789, "$1,234,567.89 CAD"),
    ],
)
def test_money_is_written_to_the_cent(cents: int, words: str) -> None:
    assert money(Money(amount=cents)) == words


def test_a_country_is_written_in_words() -> None:
    assert [country(code) for code in ("CA", "US", "??")] == ["Canada", "United States", "??"]


def test_an_address_needs_no_second_line() -> None:
    home = at_home_in("AB")
    address = Address(**{**home.address.model_dump(), "line2": None})
    order = an_order(MailReason.CONFIRMED, billing=home.model_copy(update={"address": address}))
    for words in _both(order, MailReason.CONFIRMED, "buyer"):
        assert "180 Sherwood Forest Square Calgary, AB T2P 1J9" in words
