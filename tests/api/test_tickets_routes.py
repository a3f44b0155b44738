"""The market over HTTP."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.tickets.documents import Listed
from services.tickets.store import TicketStore
from tests.api.conftest import Browser, OpenBrowser, SignIn

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
FIELDS = {
    *("id", "title", "price", "venue", "starts_at", "seat", "description"),
    *("status", "seller_id", "version", "created_at", "updated_at"),
}
SOON = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")

Json = dict[str, Any]


def test_a_list_reads_what_it_shows_and_where_a_ticket_stands_in_it() -> None:
    assert set(Listed.model_fields) == FIELDS | {"title_key"}


def a_draft(**changes: object) -> Json:
    return {"title": "Front row", "price": {"amount": 16000, "currency": "CAD"}, **changes}


async def list_ticket(seller: Browser, **changes: object) -> Json:
    answer = await seller.post("/api/tickets", json=a_draft(**changes))
    assert answer.status_code == 201, answer.text
    ticket: Json = answer.json()
    return ticket


async def take(app: FastAPI, ticket: Json, *, sell: bool = False) -> None:
    store: TicketStore = app.state.tickets
    held = await store.reserve(
        ticket["id"], order_id="o", buyer_id="b", version=ticket["version"], until=NOON, at=NOON
    )
    assert held
    if sell:
        assert await store.sell(ticket["id"], order_id="o", at=NOON)


def wrong_fields(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [error["field"] for error in answer.json()["errors"]]


class TestListing:
    """Putting a ticket on the market."""

    async def test_answers_with_the_ticket_as_everybody_sees_it(
        self, seller: Browser, browser: Browser
    ) -> None:
        answer = await seller.post(
            "/api/tickets",
            json=a_draft(
                title="  Front row  ", venue="Arena", starts_at=SOON, seat=" ", description="a\nb"
            ),
        )
        ticket = answer.json()
        assert set(ticket) == FIELDS
        assert ticket["title"] == "Front row"
        assert ticket["price"] == {"amount": 16000, "currency": "CAD"}
        assert (ticket["venue"], ticket["seat"], ticket["description"]) == ("Arena", None, "a\nb")
        assert (ticket["starts_at"], ticket["status"], ticket["version"]) == (SOON, "available", 1)
        assert ticket["seller_id"] == (await seller.get("/api/users/me")).json()["id"]
        seen = await browser.get(answer.headers["location"])
        assert (seen.status_code, seen.json()) == (200, ticket)

    async def test_needs_somebody_signed_in(self, browser: Browser) -> None:
        assert (await browser.post("/api/tickets", json={})).status_code == 401

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            *[
                ({"price": {"amount": amount, "currency": "CAD"}}, "price.amount")
                for amount in (160.5, 160.0, "16000", True, 0, -1, 49, 50_000_001, 10**30, None)
            ],
            ({"price": {"currency": "CAD"}}, "price.amount"),
            ({"price": {"amount": 100, "currency": "USD"}}, "price.currency"),
            ({"price": {"amount": 100, "currency": "cad"}}, "price.currency"),
            ({"price": {"amount": 100, "tax": 1}}, "price.tax"),
            ({"price": 16000}, "price"),
            *[
                ({"title": title}, "title")
                for title in (
                    *("", "   ", "\u200b", "x" * 201, "a\x00b", "a\nb", "a\u202eb", "a\u2028b"),
                    *("\ud800", 5, None, ["a"], {"$ne": 1}),
                )
            ],
            ({"venue": "x" * 201}, "venue"),
            ({"venue": 5}, "venue"),
            ({"seat": "x" * 201}, "seat"),
            ({"seat": "a\tb"}, "seat"),
            ({"description": "x" * 5001}, "description"),
            ({"description": "a\x07"}, "description"),
            *[
                ({"starts_at": moment}, "starts_at")
                for moment in (
                    *("2027-05-01T12:00:00", "2020-01-01T00:00:00Z", "tomorrow", "2027-05-01"),
                    *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "1893456000"),
                    *(1893456000, True, ""),
                )
            ],
            *[
                ({field: 1}, field)
                for field in (
                    "id",
                    "status",
                    "seller_id",
                    "version",
                    "held_by",
                    "created_at",
                    "$set",
                )
            ],
        ],
    )
    async def test_refuses_what_makes_no_sense_and_names_the_field(
        self, seller: Browser, changes: Json, field: str
    ) -> None:
        answer = await seller.post(
            "/api/tickets",
            content=json.dumps(a_draft(**changes)),
            headers={"Content-Type": "application/json"},
        )
        assert wrong_fields(answer) == [field]
        assert (await seller.get("/api/tickets")).json()["items"] == []

    @pytest.mark.parametrize("amount", [50, 50_000_000])
    async def test_takes_the_lowest_and_the_highest_price(
        self, seller: Browser, amount: int
    ) -> None:
        ticket = await list_ticket(seller, price={"amount": amount})
        assert ticket["price"] == {"amount": amount, "currency": "CAD"}

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 422),
            (b"{", 422),
            (b"[]", 422),
            (b'"text"', 422),
            (b"null", 422),
            (b'{"title": "\xff"}', 400),
            (b"[" * 30_000, 400),
            (b'{"price": {"amount": ' + b"9" * 5000 + b"}}", 400),
        ],
    )
    async def test_refuses_what_is_not_a_json_object(
        self, seller: Browser, body: bytes, status: int
    ) -> None:
        answer = await seller.post(
            "/api/tickets", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_refuses_json_that_is_sent_as_a_form(self, seller: Browser) -> None:
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            answer = await seller.post(
                "/api/tickets", content=json.dumps(a_draft()), headers={"Content-Type": kind}
            )
            assert answer.status_code == 415


class TestChanging:
    """Only the seller, only while nobody has the ticket."""

    async def test_replaces_everything(self, seller: Browser) -> None:
        ticket = await list_ticket(seller, venue="Arena", seat="A1")
        answer = await seller.put(f"/api/tickets/{ticket['id']}", json=a_draft(title="Back row"))
        changed = answer.json()
        assert (answer.status_code, set(changed)) == (200, FIELDS)
        assert (changed["title"], changed["venue"], changed["seat"]) == ("Back row", None, None)
        assert (changed["version"], changed["created_at"]) == (2, ticket["created_at"])

    async def test_deletes(self, seller: Browser) -> None:
        address = f"/api/tickets/{(await list_ticket(seller))['id']}"
        gone = await seller.delete(address)
        assert (gone.status_code, gone.content) == (204, b"")
        assert (await seller.get(address)).status_code == 404
        assert (await seller.delete(address)).status_code == 404

    @pytest.mark.parametrize("method", ["PUT", "DELETE"])
    async def test_is_for_the_seller_only(
        self, seller: Browser, browser: Browser, sign_in: SignIn, method: str, app: FastAPI
    ) -> None:
        ticket = await list_ticket(seller)
        address = f"/api/tickets/{ticket['id']}"
        draft = a_draft(title="Mine now") if method == "PUT" else None
        stranger = await sign_in()
        assert (await browser.request(method, address, json=draft)).status_code == 401
        assert (await browser.request(method, address, json={"bad": 1})).status_code == 401
        assert (await stranger.request(method, address, json=draft)).status_code == 403
        assert (await browser.get(address)).json() == ticket
        await take(app, ticket)
        assert (await browser.request(method, address, json=draft)).status_code == 401
        assert (await stranger.request(method, address, json=draft)).status_code == 403

    @pytest.mark.parametrize("sold", [False, True])
    async def test_is_refused_while_somebody_has_the_ticket(
        self, seller: Browser, app: FastAPI, *, sold: bool
    ) -> None:
        ticket = await list_ticket(seller)
        address = f"/api/tickets/{ticket['id']}"
        await take(app, ticket, sell=sold)
        taken = (await seller.get(address)).json()
        assert taken["status"] == ("sold" if sold else "reserved")
        assert set(taken) == FIELDS
        refused = [await seller.put(address, json=a_draft()), await seller.delete(address)]
        assert [answer.status_code for answer in refused] == [409, 409]
        assert (await seller.get(address)).json() == taken

    @pytest.mark.parametrize(
        "ticket_id",
        ["nothing", "0b1e6a3c-5a52-4a0e-9d0a-3f6f3f1f9f10", "x" * 500, "%00", "%FF", "$ne"],
    )
    async def test_of_nothing_is_not_found(self, seller: Browser, ticket_id: str) -> None:
        address = f"/api/tickets/{ticket_id}"
        answers = [
            await seller.get(address),
            await seller.put(address, json=a_draft()),
            await seller.delete(address),
        ]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert {answer.json()["type"] for answer in answers} == {"/problems/not-found"}

    async def test_and_reserving_at_once_never_both_succeed(
        self, seller: Browser, app: FastAPI
    ) -> None:
        store: TicketStore = app.state.tickets
        for _ in range(10):
            ticket = await list_ticket(seller)
            changed, held = await asyncio.gather(
                seller.put(f"/api/tickets/{ticket['id']}", json=a_draft(price={"amount": 99})),
                store.reserve(
                    ticket["id"], order_id="o", buyer_id="b", version=1, until=NOON, at=NOON
                ),
            )
            assert (changed.status_code, held is None) in {(200, True), (409, False)}
            if held:
                assert held.price.amount == 16000


class TestSearching:
    """Reading the market."""

    async def test_is_for_everybody_and_newest_first(
        self, seller: Browser, browser: Browser
    ) -> None:
        for title in ("first", "second", "third"):
            await list_ticket(seller, title=title)
            await asyncio.sleep(0.002)
        page = (await browser.get("/api/tickets")).json()
        assert [ticket["title"] for ticket in page["items"]] == ["third", "second", "first"]
        assert set(page["items"][0]) == FIELDS
        assert page["next_cursor"] is None

    async def test_goes_on_where_the_page_before_ended(
        self, seller: Browser, browser: Browser
    ) -> None:
        for _ in range(5):
            await list_ticket(seller)
        seen: list[str] = []
        params: dict[str, str | int] = {"limit": 2, "sort": "-price"}
        for expected in (2, 2, 1):
            page = (await browser.get("/api/tickets", params=params)).json()
            assert len(page["items"]) == expected
            seen += [ticket["id"] for ticket in page["items"]]
            params["cursor"] = page["next_cursor"]
        assert params["cursor"] is None
        assert len(set(seen)) == 5

    async def test_filters_and_sorts(self, seller: Browser, browser: Browser) -> None:
        for title, amount in (("Rock night", 3000), ("rock day", 1000), ("Jazz", 2000)):
            await list_ticket(seller, title=title, price={"amount": amount})

        async def titles(query: str) -> list[str]:
            page = (await browser.get(f"/api/tickets?{query}")).json()
            return [ticket["title"] for ticket in page["items"]]

        assert await titles("keywords=ROCK&sort=price") == ["rock day", "Rock night"]
        assert await titles("min_price=1000&max_price=2000&sort=title") == ["Jazz", "rock day"]
        assert await titles("sort=-title") == ["Rock night", "rock day", "Jazz"]
        assert await titles("status=sold") == []

    async def test_shows_a_seller_their_own(
        self, seller: Browser, sign_in: SignIn, open_browser: OpenBrowser, app: FastAPI
    ) -> None:
        mine = await list_ticket(seller, title="mine")
        taken = await list_ticket(seller, title="taken")
        await take(app, taken)
        await list_ticket(await sign_in(), title="other")

        async def titles(query: str) -> set[str]:
            page = (await seller.get(f"/api/tickets?{query}")).json()
            return {ticket["title"] for ticket in page["items"]}

        assert await titles("seller=me") == {"mine"}
        assert await titles("seller=me&status=reserved") == {"taken"}
        assert await titles("seller=me&status=any") == {"mine", "taken"}
        assert await titles(f"seller={mine['seller_id']}") == {"mine"}
        assert (await open_browser().get("/api/tickets?seller=me")).status_code == 401

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=ten", "limit"),
            ("limit=1_0", "limit"),
            ("sort=age", "sort"),
            ("sort=", "sort"),
            ("status=gone", "status"),
            ("min_price=-1", "min_price"),
            ("min_price=1.5", "min_price"),
            ("min_price=NaN", "min_price"),
            ("max_price=1e3", "max_price"),
            ("max_price=99999999999999999999", "max_price"),
            ("min_price=200&max_price=100", "max_price"),
            (f"keywords={'x' * 201}", "keywords"),
            ("keywords=a%00", "keywords"),
            ("cursor=garbage", "cursor"),
            ("cursor=", "cursor"),
            (f"cursor={'A' * 4097}", "cursor"),
            ("page=2", "page"),
            ("seller[$ne]=x", "seller[$ne]"),
        ],
    )
    async def test_refuses_a_query_that_makes_no_sense(
        self, browser: Browser, query: str, field: str
    ) -> None:
        assert wrong_fields(await browser.get(f"/api/tickets?{query}")) == [field]

    async def test_refuses_a_cursor_of_another_sort(
        self, seller: Browser, browser: Browser
    ) -> None:
        await list_ticket(seller)
        await list_ticket(seller)
        cursor = (await browser.get("/api/tickets?limit=1")).json()["next_cursor"]
        assert cursor
        answer = await browser.get("/api/tickets", params={"cursor": cursor, "sort": "price"})
        assert wrong_fields(answer) == ["cursor"]
