"""What holds for every request: problems, origins, body limits, headers."""

import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI, HTTPException, Request
from pymongo.errors import AutoReconnect, OperationFailure

from api.settings import ApiSettings
from services.database import MongoSettings
from tests.api.conftest import PASSWORD, Browser, a_browser, an_app, running
from tests.api.market import problem

KIB = 1024


@pytest.fixture
async def odd(mongo_settings: MongoSettings) -> AsyncIterator[Browser]:
    """A browser of an API that has routes which fail in every way, and one that reads a body."""
    app: FastAPI = an_app(mongo_settings)
    routes = APIRouter()

    @routes.get("/api/broken")
    async def broken() -> None:
        raise KeyError("secret detail")

    @routes.get("/api/outage")
    async def outage() -> None:
        raise AutoReconnect("mongodb-host-name")

    @routes.get("/api/our-bug")
    async def our_bug() -> None:
        raise OperationFailure("bad query")

    @routes.get("/api/teapot")
    async def teapot() -> None:
        raise HTTPException(404, "secret detail")

    @routes.post("/api/webhooks/echo")
    @routes.post("/api/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    app.include_router(routes)
    async with running(app), a_browser(app) as browser:
        yield browser


class TestProblems:
    """Every failure has one form."""

    @pytest.mark.parametrize("address", ["/api/nothing", "/api", "/healthz/no", "/api/tickets/a/b"])
    async def test_an_unknown_address(self, browser: Browser, address: str) -> None:
        answer = await browser.get(address)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.status_code == 404
        assert answer.json() == {
            "type": "/problems/not-found",
            "title": "There is nothing here.",
            "status": 404,
        }

    async def test_an_unknown_method(self, browser: Browser) -> None:
        for address, methods in {
            "/api/tickets": "GET, POST",
            "/api/tickets/1": "DELETE, GET, PUT",
            "/api/tickets/events": "GET",
            "/api/users/me/sessions": "DELETE, GET",
        }.items():
            answer = await browser.patch(address)
            assert problem(answer, 405)["type"] == "/problems/method-not-allowed"
            assert answer.headers["allow"] == methods
        for address in ("/api/openapi.json", "/api/docs", "/metrics"):
            assert "GET" in (await browser.patch(address)).headers["allow"]

    async def test_one_that_nobody_foresaw_tells_only_its_id(
        self, odd: Browser, caplog: pytest.LogCaptureFixture
    ) -> None:
        for address in ("/api/broken", "/api/our-bug"):
            answer = await odd.get(address)
            assert answer.status_code == 500
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["request_id"] == answer.headers["x-request-id"]
            assert "secret" not in answer.text
            assert answer.headers["x-request-id"] in caplog.text

    async def test_an_outage_of_mongodb_asks_for_patience(self, odd: Browser) -> None:
        answer = await odd.get("/api/outage")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert "mongodb-host-name" not in answer.text

    async def test_details_of_libraries_stay_inside(self, odd: Browser) -> None:
        assert "secret" not in (await odd.get("/api/teapot")).text

    async def test_several_wrong_fields_are_told_at_once(self, browser: Browser) -> None:
        answer = await browser.post("/api/users/register", json={"password": "short", "x": 1})
        assert answer.json()["errors"] == [
            {"field": "email", "message": "Is required."},
            {"field": "password", "message": "Must have at least 8 characters."},
            {"field": "x", "message": "Is not a known field."},
        ]


class TestOrigins:
    """Pages of other sites change nothing in a signed-in user's name."""

    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            (None, 201),
            ("http://testserver", 201),
            ("http://evil.example", 403),
            ("http://testserver.evil.example", 403),
            ("https://testserver", 403),
            ("http://testserver:81", 403),
            ("null", 403),
            ("", 403),
        ],
    )
    async def test_only_ours_may_act_for_a_user(
        self, seller: Browser, origin: str | None, status: int
    ) -> None:
        answer = await seller.post(
            "/api/tickets",
            json={"title": "x", "price": {"amount": 100}},
            headers={} if origin is None else {"Origin": origin},
        )
        assert answer.status_code == status

    async def test_reading_is_not_asked(self, seller: Browser) -> None:
        foreign = {"Origin": "http://evil.example"}
        assert (await seller.get("/api/users/me", headers=foreign)).status_code == 200

    async def test_webhooks_are_signed_instead(self, odd: Browser) -> None:
        odd.cookies.set("session", "x")
        foreign = {"Origin": "http://evil.example"}
        assert (await odd.post("/api/webhooks/echo", content=b"x", headers=foreign)).is_success
        assert (await odd.post("/api/echo", json="x", headers=foreign)).status_code == 403

    def test_both_names_of_this_machine_are_ours(self) -> None:
        ours = ApiSettings(port=8123, trusted_origins=("https://shop.example",)).origins
        assert ours == {
            "http://127.0.0.1:8123",
            "http://localhost:8123",
            "https://shop.example",
        }


def a_text(size: int) -> bytes:
    """A JSON document of so many bytes."""
    return b'"' + b"x" * (size - 2) + b'"'


async def chunks(size: int) -> AsyncIterator[bytes]:
    """A body whose length nobody declares."""
    text = a_text(size)
    for start in range(0, size, KIB):
        yield text[start : start + KIB]


class TestBodies:
    """Nobody makes us read more than a request of ours can be."""

    @pytest.mark.parametrize(
        ("address", "limit"), [("/api/echo", 64 * KIB), ("/api/webhooks/echo", 256 * KIB)]
    )
    async def test_are_limited_declared_or_chunked(
        self, odd: Browser, address: str, limit: int
    ) -> None:
        odd.headers["Content-Type"] = "application/json"
        assert (await odd.post(address, content=a_text(limit))).json() == limit
        assert (await odd.post(address, content=chunks(limit))).json() == limit
        for too_large in (a_text(limit + 1), chunks(limit + KIB)):
            answer = await odd.post(address, content=too_large)
            assert answer.status_code == 413
            assert answer.headers["content-type"] == "application/problem+json"

    async def test_of_json_are_limited_before_they_are_parsed(self, browser: Browser) -> None:
        headers = {"Content-Type": "application/json"}
        answer = await browser.post(
            "/api/users/register", content=chunks(65 * KIB), headers=headers
        )
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")


class TestHeaders:
    """What every answer says."""

    async def test_answers_are_not_sniffed_and_have_an_id(self, browser: Browser) -> None:
        for address in ("/api/tickets", "/api/nothing", "/healthz"):
            answer = await browser.get(address)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert len(answer.headers["x-request-id"]) == 32

    async def test_the_ingress_may_give_the_id_but_nobody_writes_into_the_log(
        self, browser: Browser
    ) -> None:
        for given, kept in (("abc-12345", True), ("x" * 65, False), ('a"} {"b', False)):
            answer = await browser.get("/healthz", headers={"X-Request-ID": given})
            assert (answer.headers["x-request-id"] == given) is kept

    async def test_what_a_signed_in_user_sees_is_kept_nowhere(
        self, seller: Browser, browser: Browser
    ) -> None:
        assert (await seller.get("/api/users/me")).headers["cache-control"] == "no-store"
        assert "cache-control" not in (await browser.get("/api/tickets")).headers
        registered = await browser.post(
            "/api/users/register", json={"email": "x@example.com", "password": PASSWORD}
        )
        assert registered.headers["cache-control"] == "no-store"

    async def test_security_11_over_https_the_cookie_is_tied_to_this_host(
        self, mongo_settings: MongoSettings
    ) -> None:
        app = an_app(mongo_settings, ApiSettings(public_url="https://shop.example"))
        async with running(app), a_browser(app, "https://shop.example") as browser:
            answer = await browser.post(
                "/api/users/register", json={"email": "https@example.com", "password": PASSWORD}
            )
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-session=")
            assert "Secure" in cookie
            assert (await browser.get("/api/users/me")).status_code == 200
            foreign = {"Origin": "http://shop.example"}
            left = await browser.post("/api/users/logout", headers=foreign)
            assert left.status_code == 403
            left = await browser.post("/api/users/logout")
            assert "Secure" in left.headers["set-cookie"]
            assert (await browser.get("/api/users/me")).status_code == 401


async def test_logs_carry_no_personal_data(
    seller: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="api")
    body = {"email": "canary@example.com", "password": PASSWORD}
    await seller.post("/api/users/login", json=body)
    await seller.get("/api/tickets?keywords=canary")
    written = "".join(record.getMessage() for record in caplog.records if record.name == "api")
    assert "/api/tickets" in written
    for secret in ("canary", PASSWORD, seller.cookies["session"]):
        assert secret not in written


def test_the_transport_does_not_hide_exceptions() -> None:
    """Otherwise the tests above would prove nothing about unforeseen failures."""
    assert httpx.ASGITransport(FastAPI()).raise_app_exceptions
