"""Registering, signing in, staying signed in, signing out."""

import asyncio
import json

import pytest

from tests.api.conftest import PASSWORD, Browser, OpenBrowser

JSON = {"Content-Type": "application/json"}
ANN = {"email": "Ann@Example.com", "password": PASSWORD}


async def test_registering_signs_in(browser: Browser) -> None:
    registered = await browser.post("/api/users/register", json=ANN)
    assert registered.status_code == 201
    assert set(registered.json()) == {"id", "email", "email_verified", "role", "created_at"}
    assert registered.json()["email"] == "Ann@Example.com"
    assert registered.json()["email_verified"] is False
    assert registered.json()["role"] == "user"
    assert registered.json()["created_at"].endswith("Z")
    who = await browser.get("/api/users/me")
    assert (who.status_code, who.json()) == (200, registered.json())


async def test_security_11_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: Browser,
) -> None:
    cookie = (await browser.post("/api/users/register", json=ANN)).headers["set-cookie"]
    assert cookie.startswith("session=")
    for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=2592000"):
        assert part in cookie
    assert "Domain" not in cookie
    assert "Secure" not in cookie


async def test_twenty_registrations_of_one_address_at_once_look_all_the_same(
    open_browser: OpenBrowser,
) -> None:
    spellings = ["ann@example.com", "ANN@Example.com", " Ann@example.com "]
    answers = await asyncio.gather(
        *(
            open_browser().post(
                "/api/users/register", json={"email": spellings[n % 3], "password": PASSWORD}
            )
            for n in range(20)
        )
    )
    assert [answer.status_code for answer in answers] == [201] * 20
    assert len({answer.json()["id"] for answer in answers}) == 20


async def test_signing_in_takes_any_spelling_of_the_address(
    browser: Browser, open_browser: OpenBrowser
) -> None:
    registered = await browser.post("/api/users/register", json=ANN)
    other = open_browser()
    answer = await other.post(
        "/api/users/login", json={"email": "ann@EXAMPLE.com", "password": PASSWORD}
    )
    assert (answer.status_code, answer.json()) == (200, registered.json())
    assert (await other.get("/api/users/me")).status_code == 200


async def test_security_19_unknown_address_and_wrong_password_get_the_same_answer(
    browser: Browser,
) -> None:
    await browser.post("/api/users/register", json=ANN)
    wrong = await browser.post("/api/users/login", json={**ANN, "password": "x"})
    unknown = await browser.post("/api/users/login", json={**ANN, "email": "bob@example.com"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert "set-cookie" not in wrong.headers


async def test_security_13_logging_out_ends_the_session_on_the_server(
    browser: Browser, open_browser: OpenBrowser
) -> None:
    await browser.post("/api/users/register", json=ANN)
    thief = open_browser()
    thief.cookies.set("session", browser.cookies["session"])
    assert (await thief.get("/api/users/me")).status_code == 200
    left = await browser.post("/api/users/logout")
    assert (left.status_code, left.content) == (204, b"")
    assert "session" not in browser.cookies
    assert (await thief.get("/api/users/me")).status_code == 401


async def test_logging_out_without_a_session_is_nothing_special(browser: Browser) -> None:
    assert (await browser.post("/api/users/logout")).status_code == 204


async def test_security_12_signing_in_anew_ends_the_session_before(
    browser: Browser, open_browser: OpenBrowser
) -> None:
    await browser.post("/api/users/register", json=ANN)
    thief = open_browser()
    thief.cookies.set("session", browser.cookies["session"])
    await browser.post("/api/users/login", json=ANN)
    assert (await browser.get("/api/users/me")).status_code == 200
    assert (await thief.get("/api/users/me")).status_code == 401


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "a" * 43, "a" * 5000, "é" * 43, '"', "eyJhbGciOiJub25lIn0.e30.", "%00", "=;="],
)
async def test_a_malformed_cookie_is_no_cookie(browser: Browser, cookie: str) -> None:
    headers = {b"Cookie": f"session={cookie}".encode()}
    assert (await browser.get("/api/users/me", headers=headers)).status_code == 401
    assert (await browser.get("/api/tickets", headers=headers)).status_code == 200


@pytest.mark.parametrize("address", ["a@example.com", "a@shop.test", "a.b+c@sub.example.org"])
async def test_addresses_that_can_exist_are_taken(browser: Browser, address: str) -> None:
    answer = await browser.post(
        "/api/users/register", json={"email": address, "password": PASSWORD}
    )
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": PASSWORD}, "email"),
        ({**ANN, "email": "nobody"}, "email"),
        ({**ANN, "email": "a@b"}, "email"),
        ({**ANN, "email": "a b@example.com"}, "email"),
        ({**ANN, "email": "a@example.com\x00"}, "email"),
        ({**ANN, "email": "\ud800@example.com"}, "email"),
        ({**ANN, "email": "a" * 250 + "@example.com"}, "email"),
        ({**ANN, "email": {"$gt": ""}}, "email"),
        ({**ANN, "email": None}, "email"),
        ({"email": "a@example.com"}, "password"),
        ({**ANN, "password": "seven77"}, "password"),
        ({**ANN, "password": "x" * 129}, "password"),
        ({**ANN, "password": 12345678}, "password"),
        ({**ANN, "password": "\ud800" * 8}, "password"),
        ({**ANN, "admin": True}, "admin"),
        ({**ANN, "id": "me"}, "id"),
    ],
)
async def test_bad_registrations_name_the_field(
    browser: Browser, body: dict[str, object], field: str
) -> None:
    answer = await browser.post("/api/users/register", content=_ascii_json(body), headers=JSON)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert str(body.get("password")) not in answer.text


def _ascii_json(body: object) -> bytes:
    """httpx itself would refuse to send half a surrogate pair."""
    return json.dumps(body).encode()
