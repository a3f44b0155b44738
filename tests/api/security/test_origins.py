"""Pages of other sites: what they cannot do, and what a trusted one can."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI

from api.settings import ApiSettings
from services.database import MongoSettings
from services.settings import SettingError, read_settings
from tests.api.conftest import PASSWORD, Browser, an_app, running
from tests.api.market import problem
from tests.api.streams import beginning
from tests.conftest import empty

OURS, SHOP, EVIL = "http://testserver", "https://shop.example", "https://evil.example"
ANN = {"email": "ann@example.com", "password": PASSWORD}
TICKET = {"title": "Front row", "price": {"amount": 100}}


@pytest.fixture
async def app(mongo_settings: MongoSettings) -> AsyncIterator[FastAPI]:
    """An API that trusts the pages of one shop."""
    settings = ApiSettings(public_url=OURS, trusted_origins=(SHOP,))
    async with running(an_app(mongo_settings, settings)) as started:
        await empty(started.state.databases)
        yield started


def from_page(**headers: str | None) -> dict[str, str]:
    """What a browser adds to a request of a page."""
    return {name.replace("_", "-"): value for name, value in headers.items() if value is not None}


class TestForgery:
    """Requests that a page of another site makes a browser send."""

    @pytest.mark.parametrize(
        ("origin", "site", "status"),
        [
            (None, None, 201),
            (None, "none", 201),
            (None, "same-origin", 201),
            (None, "same-site", 403),
            (None, "cross-site", 403),
            (OURS, "same-origin", 201),
            (SHOP, "cross-site", 201),
            (SHOP, "same-site", 201),
            (EVIL, "cross-site", 403),
            (EVIL, "same-origin", 403),
            (EVIL, None, 403),
            ("null", "cross-site", 403),
            ("", None, 403),
            ("http://testserver.evil.example", None, 403),
            ("https://testserver", None, 403),
            ("http://testserver:81", None, 403),
            ("HTTP://TESTSERVER", None, 403),
        ],
    )
    async def test_security_14_only_our_pages_act_for_a_user(
        self, seller: Browser, origin: str | None, site: str | None, status: int
    ) -> None:
        answer = await seller.post(
            "/api/tickets", json=TICKET, headers=from_page(Origin=origin, Sec_Fetch_Site=site)
        )
        assert answer.status_code == status
        assert len((await seller.get("/api/tickets")).json()["items"]) == (status == 201)

    @pytest.mark.parametrize("path", ["register", "login", "logout"])
    @pytest.mark.parametrize(
        "headers", [from_page(Origin=EVIL), from_page(Sec_Fetch_Site="cross-site")]
    )
    async def test_security_14_nobody_is_signed_in_or_out_by_another_site(
        self, browser: Browser, seller: Browser, path: str, headers: dict[str, str]
    ) -> None:
        body = None if path == "logout" else ANN
        for victim in (browser, seller):
            answer = await victim.post(f"/api/users/{path}", json=body, headers=headers)
            assert problem(answer, 403)["type"] == "/problems/foreign-origin"
            assert "set-cookie" not in answer.headers
        assert (await seller.get("/api/users/me")).status_code == 200

    async def test_security_14_what_no_browser_adds_by_itself_is_not_asked(
        self, browser: Browser, seller: Browser
    ) -> None:
        """A token that a page knows is the page's own; a cookie beside it is not."""
        headers = {"Authorization": "Bearer tex_x", **from_page(Origin=EVIL)}
        answer = await browser.post("/api/tickets", json=TICKET, headers=headers)
        assert answer.status_code == 401
        problem(await seller.post("/api/tickets", json=TICKET, headers=headers), 403)

    @pytest.mark.parametrize(
        "kind",
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""],
    )
    async def test_security_14_what_a_form_can_send_is_refused(
        self, seller: Browser, kind: str
    ) -> None:
        answer = await seller.post(
            "/api/tickets",
            content=b'{"title": "Front row", "price": {"amount": 100}}',
            headers={"Content-Type": kind},
        )
        assert problem(answer, 415)["type"] == "/problems/unsupported-media-type"
        assert (await seller.get("/api/tickets")).json()["items"] == []

    async def test_security_14_json_is_taken_whatever_it_says_of_its_letters(
        self, seller: Browser
    ) -> None:
        answer = await seller.post(
            "/api/tickets",
            content=b'{"title": "Front row", "price": {"amount": 100}}',
            headers={"Content-Type": "Application/JSON; charset=utf-8"},
        )
        assert answer.status_code == 201

    async def test_security_14_reading_changes_nothing(
        self, app: FastAPI, seller: Browser, browser: Browser
    ) -> None:
        """Every GET of the document, as somebody and as nobody, with ids that are there."""
        ticket = (await seller.post("/api/tickets", json=TICKET)).json()
        document = (await browser.get("/api/openapi.json")).json()
        paths = [path for path, methods in document["paths"].items() if "get" in methods]
        assert len(paths) >= 7
        before = await everything(app)
        for path in paths:
            filled = re.sub(r"{\w+}", ticket["id"], path)
            for person in (seller, browser):
                await beginning(app, person.build_request("GET", filled))
                await person.head(filled)
        assert await everything(app) == before
        await seller.post("/api/tickets", json=TICKET)
        assert await everything(app) != before  # the negative control


async def everything(app: FastAPI) -> dict[str, Any]:
    """All that is stored, but when a session was last seen and how often something was tried."""
    databases = app.state.databases
    found: dict[str, Any] = {}
    for database in (databases.auth, databases.tickets, databases.orders, databases.payments):
        for name in sorted({*await database.list_collection_names()} - {"limits"}):
            rows = await database[name].find().sort("_id").to_list()
            for row in rows:
                row.pop("last_seen_at", None)
            found[f"{database.name}.{name}"] = rows
    return found


def cors(headers: Any) -> dict[str, str]:  # noqa: ANN401 - httpx exports no name for it
    return {name: value for name, value in headers.items() if name.startswith("access-control-")}


PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,idempotency-key",
}


class TestSharing:
    """Whose pages may read our answers."""

    async def test_security_15_a_trusted_page_may_ask_and_read(self, seller: Browser) -> None:
        asked = await seller.options("/api/tickets", headers={"Origin": SHOP, **PREFLIGHT})
        assert asked.status_code == 200
        told = cors(asked.headers)
        assert told["access-control-allow-origin"] == SHOP
        assert told["access-control-allow-credentials"] == "true"
        assert "POST" in told["access-control-allow-methods"]
        assert "*" not in "".join(told.values())
        answer = await seller.post("/api/tickets", json=TICKET, headers={"Origin": SHOP})
        assert answer.status_code == 201
        assert cors(answer.headers)["access-control-allow-origin"] == SHOP
        assert cors(answer.headers)["access-control-allow-credentials"] == "true"
        assert "Origin" in answer.headers["vary"]

    @pytest.mark.parametrize(
        "origin",
        [
            *(EVIL, OURS, "null", "", "*", "http://shop.example", "https://shop.example:444"),
            *("https://shop.example.evil.example", "https://sub.shop.example"),
            "https://SHOP.example",
        ],
    )
    async def test_security_15_nobody_else_hears_of_it(self, seller: Browser, origin: str) -> None:
        for answer in (
            await seller.options("/api/tickets", headers={"Origin": origin, **PREFLIGHT}),
            await seller.get("/api/users/me", headers={"Origin": origin}),
            await seller.post("/api/tickets", json=TICKET, headers={"Origin": origin}),
            await seller.get("/api/nothing", headers={"Origin": origin}),
        ):
            assert cors(answer.headers) == {}

    async def test_security_15_a_trusted_page_reads_refusals_too(self, browser: Browser) -> None:
        answer = await browser.post("/api/tickets", json={}, headers={"Origin": SHOP})
        problem(answer, 401)
        assert cors(answer.headers)["access-control-allow-origin"] == SHOP

    @pytest.mark.parametrize(
        "value", ["*", "https://*.shop.example", "shop.example", "https://shop.example/a", "null"]
    )
    def test_security_15_a_pattern_is_no_origin(
        self, monkeypatch: pytest.MonkeyPatch, value: str
    ) -> None:
        monkeypatch.setenv("TRUSTED_ORIGINS", value)
        with pytest.raises(SettingError, match=r"^TRUSTED_ORIGINS: "):
            read_settings(ApiSettings)
