"""What is refused, how that is said, and that nothing is changed by it."""

import json
from uuid import uuid4

import httpx
import pytest

from tests.api.market import ADDRESS, BILLING, Json, Market, Person, problem

LONG = "x" * 10_000
JSON = {"Content-Type": "application/json"}
NOWHERE = ["nothing", str(uuid4()), "x" * 500, "%00", "%FF", "$ne", "..%2F..", "{}"]


def without(body: Json, name: str) -> Json:
    return {key: value for key, value in body.items() if key != name}


def at(**changes: object) -> Json:
    return {**BILLING, "address": {**ADDRESS, **changes}}


def wrong_fields(answer: httpx.Response) -> list[str]:
    errors = problem(answer, 422)["errors"]
    assert all(error["message"].endswith((".", "!")) for error in errors)
    return [error["field"] for error in errors]


BAD_NAMES: list[object] = ["", "  ", LONG, "a\x00b", 5, None, {}]
NO_ADDRESSES: list[object] = [None, "here", []]
BAD_BILLING: list[tuple[Json, list[str]]] = [
    ({}, ["name", "address"]),
    (without(BILLING, "name"), ["name"]),
    (without(BILLING, "address"), ["address"]),
    ({**BILLING, "email": "a@example.com"}, ["email"]),
    ({**BILLING, "total": 1}, ["total"]),
    (at(state="ON"), ["address.state"]),
    *[({**BILLING, "name": name}, ["name"]) for name in BAD_NAMES],
    *[({**BILLING, "address": address}, ["address"]) for address in NO_ADDRESSES],
    *[
        (at(**{field: value}), [f"address.{field}"])
        for field in ("line1", "city", "postal_code")
        for value in ("", " ", "\u200b", LONG, None, {"$gt": ""})
    ],
    (at(line2=LONG), ["address.line2"]),
    *[(at(region=region), ["address.region"]) for region in ("XX", "Ontario", "", None, LONG, 7)],
    *[
        (at(country=country), ["address.country"])
        for country in ("XX", "Canada", "CAN", "", LONG, None, 1)
    ],
    ({"name": BILLING["name"], "address": without(ADDRESS, "region")}, ["address.region"]),
    ({"name": BILLING["name"], "address": without(ADDRESS, "country")}, ["address.country"]),
]


class TestBuying:
    """``POST /api/orders``."""

    @pytest.mark.parametrize("ticket_id", ["nothing", str(uuid4()), "x" * 64])
    async def test_a_ticket_that_is_not_there(
        self, market: Market, buyer: Person, ticket_id: str
    ) -> None:
        answer = await buyer.asks_for({"id": ticket_id})
        assert problem(answer, 404)["type"] == "/problems/not-found"
        assert await market.orders_of_ticket({"id": ticket_id}) == []

    @pytest.mark.parametrize(
        "ticket_id", ["", " ", "x" * 65, LONG, "a/b", "../x", "$ne", "a\x00", 5, None, {"$ne": ""}]
    )
    async def test_a_ticket_id_that_cannot_be(self, buyer: Person, ticket_id: object) -> None:
        answer = await buyer.http.post("/api/orders", json={"ticket_id": ticket_id})
        assert wrong_fields(answer) == ["ticket_id"]

    @pytest.mark.parametrize("field", ["price", "buyer_id", "order_id", "status", "$set"])
    async def test_a_field_that_nobody_knows(
        self, seller: Person, buyer: Person, field: str
    ) -> None:
        ticket = await seller.lists()
        answer = await buyer.http.post("/api/orders", json={"ticket_id": ticket["id"], field: 1})
        assert wrong_fields(answer) == [field]
        assert await seller.ticket(ticket) == ticket

    @pytest.mark.parametrize(("billing", "fields"), BAD_BILLING)
    async def test_an_address_that_makes_no_sense(
        self, seller: Person, buyer: Person, billing: Json, fields: list[str]
    ) -> None:
        ticket = await seller.lists()
        answer = await buyer.http.post(
            "/api/orders", json={"ticket_id": ticket["id"], "billing": billing}
        )
        assert wrong_fields(answer) == [f"billing.{field}" for field in fields]
        assert await seller.ticket(ticket) == ticket
        assert (await buyer.http.get("/api/orders")).json()["items"] == []

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"5"])
    async def test_a_body_that_is_not_an_object(self, buyer: Person, body: bytes) -> None:
        answer = await buyer.http.post("/api/orders", content=body, headers=JSON)
        problem(answer, 422)

    async def test_half_a_character(self, seller: Person, buyer: Person) -> None:
        ticket = await seller.lists()
        answer = await buyer.http.post(
            "/api/orders",
            content=json.dumps(
                {"ticket_id": ticket["id"], "billing": {**BILLING, "name": "\ud800"}}
            ),
            headers=JSON,
        )
        assert wrong_fields(answer) == ["billing.name"]

    async def test_ones_own_ticket(self, seller: Person) -> None:
        ticket = await seller.lists()
        answer = await seller.asks_for(ticket)
        assert problem(answer, 409)["type"] == "/problems/own-ticket"
        assert await seller.ticket(ticket) == ticket

    async def test_a_deleted_ticket(self, seller: Person, buyer: Person) -> None:
        ticket = await seller.lists()
        await seller.http.delete(f"/api/tickets/{ticket['id']}")
        assert problem(await buyer.asks_for(ticket), 404)["type"] == "/problems/not-found"

    async def test_a_reserved_and_a_sold_ticket(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket, other = await seller.lists(), await market.person()
        order = await buyer.buys(ticket)
        reserved = await other.asks_for(ticket)
        await market.pay(await buyer.bills(order))
        await buyer.when_it_is(order, "complete")
        sold = await other.asks_for(ticket)
        for answer in (reserved, sold):
            assert problem(answer, 409)["type"] == "/problems/ticket-unavailable"
        assert len(await market.orders_of_ticket(ticket)) == 1
        assert (await other.http.get("/api/orders")).json()["items"] == []

    async def test_nobody_in_particular(self, market: Market, seller: Person) -> None:
        ticket = await seller.lists()
        for body in ({"ticket_id": ticket["id"]}, {"nonsense": 1}):
            answer = await market.browser().post("/api/orders", json=body)
            assert problem(answer, 401)["type"] == "/problems/not-signed-in"
        assert await seller.ticket(ticket) == ticket

    async def test_a_page_of_another_site(self, seller: Person, buyer: Person) -> None:
        ticket = await seller.lists()
        answer = await buyer.http.post(
            "/api/orders",
            json={"ticket_id": ticket["id"]},
            headers={"Origin": "https://elsewhere.example"},
        )
        problem(answer, 403)
        assert await seller.ticket(ticket) == ticket


class TestSeller:
    """What a seller cannot do while somebody has the ticket."""

    async def test_changing_it_while_it_is_reserved_or_sold(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        ticket = await seller.lists()
        order = await buyer.bills(await buyer.buys(ticket))
        await self._is_refused(seller, ticket)
        await market.pay(order)
        await buyer.when_it_is(order, "complete")
        await self._is_refused(seller, ticket)

    async def _is_refused(self, seller: Person, ticket: Json) -> None:
        taken, address = await seller.ticket(ticket), f"/api/tickets/{ticket['id']}"
        draft = {"title": "Back row", "price": {"amount": 100, "currency": "CAD"}}
        changed = await seller.http.put(address, json=draft)
        deleted = await seller.http.delete(address)
        for answer in (changed, deleted):
            assert problem(answer, 409)["type"] == "/problems/ticket-taken"
        assert await seller.ticket(ticket) == taken


class TestBilling:
    """``PUT /api/orders/{id}/billing``."""

    @pytest.mark.parametrize(("billing", "fields"), BAD_BILLING)
    async def test_an_address_that_makes_no_sense(
        self, market: Market, seller: Person, buyer: Person, billing: Json, fields: list[str]
    ) -> None:
        order = await buyer.buys(await seller.lists())
        assert wrong_fields(await buyer.tries_billing(order, billing)) == fields
        assert await buyer.order(order) == order
        assert await market.requests(order) == []

    async def test_spellings_that_are_understood(self, seller: Person, buyer: Person) -> None:
        order = await buyer.buys(await seller.lists())
        billed = await buyer.bills(order, at(region="on", country=" ca ", line2=" ", city=" York "))
        address = billed["billing"]["address"]
        assert (address["region"], address["country"]) == ("ON", "CA")
        assert (address["line2"], address["city"]) == (None, "York")

    async def test_an_order_that_is_over_or_paid(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        cancelled = await buyer.cancels(await buyer.buys(await seller.lists()))
        paid = await buyer.bills(await buyer.buys(await seller.lists()))
        await market.pay(paid)
        complete = await buyer.when_it_is(paid, "complete")
        for order in (cancelled, complete):
            answer = await buyer.tries_billing(order, at(region="AB"))
            assert problem(answer, 409)["type"] == "/problems/too-late"
            assert await buyer.order(order) == order


class TestEnding:
    """Cancelling and refunding at the wrong time."""

    async def test_cancelling_what_is_over_or_paid(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        cancelled = await buyer.cancels(await buyer.buys(await seller.lists()))
        paid = await buyer.bills(await buyer.buys(await seller.lists()))
        await market.pay(paid)
        complete = await buyer.when_it_is(paid, "complete")
        for order in (cancelled, complete):
            answer = await buyer.tries("cancel", order)
            assert problem(answer, 409)["type"] == "/problems/too-late"
            assert await buyer.order(order) == order
        assert (await market.ledger(paid))["voided"] == 0

    async def test_refunding_too_early_or_what_is_over(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        reserved = await buyer.buys(await seller.lists())
        billed = await buyer.bills(await buyer.buys(await seller.lists()))
        cancelled = await buyer.cancels(await buyer.buys(await seller.lists()))
        for order in (reserved, billed, cancelled):
            answer = await buyer.tries("refund", order)
            assert problem(answer, 409)["type"] == "/problems/not-complete"
            assert await buyer.order(order) == order
        await market.pay(billed)
        await buyer.when_it_is(billed, "complete")

    async def test_refunding_twice(self, market: Market, seller: Person, buyer: Person) -> None:
        order = await buyer.bills(await buyer.buys(await seller.lists()))
        await market.pay(order)
        await buyer.when_it_is(order, "complete")
        await market.hooks.post("/refund_mode", status="pending")
        await buyer.asks_money_back(order)
        during = await buyer.tries("refund", order)
        await buyer.when(order, lambda found: found["refund"]["status"] == "pending")
        later = await buyer.tries("refund", order)
        for answer in (during, later):
            assert problem(answer, 409)["type"] == "/problems/not-complete"
        assert (await market.ledger(order))["refunded"] == 18080


class TestOthers:
    """An order is its buyer's business alone."""

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", ""), ("PUT", "/billing"), ("POST", "/cancel"), ("POST", "/refund")],
    )
    async def test_security_01_somebody_elses_order_looks_like_none_at_all(
        self, market: Market, seller: Person, buyer: Person, method: str, path: str
    ) -> None:
        order = await buyer.buys(await seller.lists())
        body = BILLING if method == "PUT" else None
        stranger = await market.person()
        for somebody in (stranger, seller):
            foreign, unknown = [
                await somebody.http.request(method, f"/api/orders/{order_id}{path}", json=body)
                for order_id in (order["id"], uuid4())
            ]
            assert problem(foreign, 404) == problem(unknown, 404)
        anonymous = await market.browser().request(
            method, f"/api/orders/{order['id']}{path}", json=body
        )
        problem(anonymous, 401)
        assert await buyer.order(order) == order

    @pytest.mark.parametrize("order_id", NOWHERE)
    async def test_of_nothing_is_not_found(self, buyer: Person, order_id: str) -> None:
        address = f"/api/orders/{order_id}"
        for answer in (
            await buyer.http.get(address),
            await buyer.http.put(f"{address}/billing", json=BILLING),
            await buyer.http.post(f"{address}/cancel"),
            await buyer.http.post(f"{address}/refund"),
        ):
            assert problem(answer, 404)["type"] == "/problems/not-found"


class TestListing:
    """``GET /api/orders``."""

    async def test_pages_are_the_newest_first_and_ones_own(
        self, market: Market, seller: Person, buyer: Person
    ) -> None:
        other = await market.person()
        await other.buys(await seller.lists())
        mine = [(await buyer.buys(await seller.lists()))["id"] for _ in range(5)]
        seen: list[str] = []
        cursor: str | None = None
        sizes = []
        while True:
            more = f"&cursor={cursor}" if cursor else ""  # as it is: it needs no quoting
            page = (await buyer.http.get(f"/api/orders?limit=2{more}")).json()
            sizes.append(len(page["items"]))
            seen += [order["id"] for order in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert (sizes, seen) == ([2, 2, 1], mine[::-1])

    async def test_shows_orders_as_they_are_shown_alone(
        self, seller: Person, buyer: Person
    ) -> None:
        order = await buyer.bills(await buyer.buys(await seller.lists()))
        (listed,) = (await buyer.http.get("/api/orders")).json()["items"]
        assert listed == order

    async def test_is_empty_at_first_and_for_nobody_else(
        self, market: Market, buyer: Person
    ) -> None:
        page = await buyer.http.get("/api/orders")
        assert page.json() == {"items": [], "next_cursor": None}
        problem(await market.browser().get("/api/orders"), 401)

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"limit": "0"}, "limit"),
            ({"limit": "101"}, "limit"),
            ({"limit": "two"}, "limit"),
            ({"limit": "9" * 5000}, "limit"),
            ({"page": "2"}, "page"),
            ({"buyer_id": "x"}, "buyer_id"),
            *[
                ({"cursor": cursor}, "cursor")
                for cursor in (
                    *("nonsense", "~", "2026-01-01~x", "2026-01-01T00:00:00~x", "x" * 201),
                    *("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00~", "\x00~\x00"),
                    *("0001-01-01T00:00:00+23:59~x", "9999-12-31T23:59:59-23:59~x"),
                )
            ],
        ],
    )
    async def test_refuses_what_makes_no_sense_and_names_it(
        self, buyer: Person, query: dict[str, str], field: str
    ) -> None:
        assert wrong_fields(await buyer.http.get("/api/orders", params=query)) == [field]
