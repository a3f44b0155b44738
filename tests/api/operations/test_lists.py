"""Everybody's purchases, as a list and as a table."""

import csv
from datetime import datetime
from io import StringIO

import pytest

from services.security_log import Event
from tests.api.market import BILLING, Json, Market, Person, problem
from tests.api.operations.conftest import Duty, Told


async def pages(operator: Duty, **query: str | int) -> list[Json]:
    """What all pages of a list hold."""
    found: list[Json] = []
    page = await operator.looks("purchases", **query)
    while True:
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        page = await operator.looks("purchases", **query, cursor=page["next_cursor"])


async def table(operator: Duty, **query: str) -> list[dict[str, str]]:
    """The rows of a table, as a spreadsheet reads them."""
    answer = await operator.http.get("/api/operations/purchases.csv", params=query)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(StringIO(answer.text, newline="")))


async def test_open_purchases_come_by_deadline_and_others_with_the_newest_first(
    operator: Duty, seller: Person, buyer: Person
) -> None:
    orders = [await buyer.buys(await seller.lists()) for _ in range(3)]
    await buyer.cancels(orders[1])
    purchases = await pages(operator, limit=100)
    # As texts they would not do: one without a fraction comes after those of the same second.
    deadlines = [datetime.fromisoformat(each["expires_at"]) for each in purchases]
    assert deadlines == sorted(deadlines)
    mine: dict[str, str | int] = {"search": buyer.id, "limit": 1}
    assert [each["order_id"] for each in await pages(operator, **mine)] == [
        orders[2]["id"],
        orders[0]["id"],
    ]
    assert [each["order_id"] for each in await pages(operator, **mine, state="any")] == [
        order["id"] for order in reversed(orders)
    ]
    (cancelled,) = await pages(operator, **mine, state="cancelled")
    assert (cancelled["order_id"], cancelled["cancel_reason"]) == (orders[1]["id"], "buyer")


async def test_a_purchase_is_found_by_whatever_somebody_has_of_it(
    operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    (line,) = await pages(operator, search=order["id"])
    assert line["total"] == order["total"]
    assert line["findings"] == 0
    for name in ("ticket_id", "buyer_id", "seller_id", "payment_intent_id"):
        assert await pages(operator, search=line[name]) == [line]
    assert await pages(operator, search="no-such-id") == []


async def test_a_cursor_of_another_list_is_refused(
    operator: Duty, seller: Person, buyer: Person
) -> None:
    for _ in range(2):
        await buyer.buys(await seller.lists())
    cursor = (await operator.looks("purchases", limit=1))["next_cursor"]
    answer = await operator.http.get(
        "/api/operations/purchases", params={"cursor": cursor, "state": "any"}
    )
    assert problem(answer, 422)["errors"] == [
        {"field": "cursor", "message": "Does not belong to this listing."}
    ]


async def test_the_table_has_all_rows_of_the_list(
    operator: Duty, seller: Person, buyer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.operations.desk.ROWS_AT_ONCE", 2)
    for _ in range(5):
        await buyer.buys(await seller.lists(), billing=BILLING)
    lines = await pages(operator, search=buyer.id)
    rows = await table(operator, search=buyer.id)
    assert [row["order_id"] for row in rows] == [line["order_id"] for line in lines]
    assert [row["total_minor"] for row in rows] == [str(line["total"]["amount"]) for line in lines]
    assert await table(operator, search="no-such-id") == []


@pytest.mark.parametrize("lead", ["=", "+", "-", "@"])
async def test_a_cell_of_the_table_is_never_a_formula(
    operator: Duty, seller: Person, buyer: Person, lead: str
) -> None:
    title = f'{lead}HYPERLINK("https://evil.example","a, ""b""")'
    order = await buyer.buys(await seller.lists(title=title))
    (row,) = await table(operator, search=order["id"])
    assert row["ticket_title"] == f"'{title}"


async def test_a_cell_that_is_no_formula_is_left_alone(
    operator: Duty, seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists(title="Row 1 = best, + seat"))
    (row,) = await table(operator, search=order["id"])
    assert row["ticket_title"] == "Row 1 = best, + seat"


async def test_the_table_is_a_file_and_its_making_is_logged(
    operator: Duty, seller: Person, buyer: Person, told: Told
) -> None:
    await buyer.buys(await seller.lists(), billing=BILLING)
    answer = await operator.http.get("/api/operations/purchases.csv", params={"state": "any"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="purchases.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert [each["user_id"] for each in told.of(Event.PURCHASES_EXPORTED)] == [operator.id]
    for personal in (buyer.email, seller.email, BILLING["name"], BILLING["address"]["line1"]):
        assert personal not in answer.text


async def test_a_database_that_is_away_is_told_before_a_table_begins(
    market: Market, operator: Duty
) -> None:
    async with market.cables.mongodb.pulled():
        problem(await operator.http.get("/api/operations/purchases.csv"), 503)
