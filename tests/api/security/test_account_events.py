"""The security log of accounts, and limits on the doors that have no test of their own."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI

from services.auth.accounts import Accounts
from services.auth.documents import LetterKind
from services.clock import now
from services.database import MongoSettings
from services.security_log import Event
from tests.api.conftest import PASSWORD, Browser, OpenBrowser, a_browser, an_app, running
from tests.conftest import empty
from tests.limits import generous

Json = dict[str, Any]

CANARY = "canary@example.com"
NEW_PASSWORD = "an entirely new password"


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the API writes; the client of the tests would log addresses."""
    for name in ("api", "security"):
        caplog.set_level(logging.INFO, logger=name)
    return caplog


def told(log: pytest.LogCaptureFixture) -> list[tuple[str, str | None]]:
    """Events and users in the security log so far, which is then empty again."""
    lines: list[Json] = [
        json.loads(each.getMessage()) for each in log.records if each.name == "security"
    ]
    assert "canary" not in log.text
    log.clear()
    return [(line["event"], line.get("user_id")) for line in lines]


@pytest.fixture
async def ann(browser: Browser) -> str:
    """The id of somebody who has just registered in ``browser``."""
    draft = {"email": CANARY, "password": PASSWORD}
    user_id: str = (await browser.post("/api/users/register", json=draft)).json()["id"]
    return user_id


async def test_security_39_coming_and_going_is_logged(
    browser: Browser, ann: str, open_browser: OpenBrowser, log: pytest.LogCaptureFixture
) -> None:
    draft = {"email": CANARY, "password": PASSWORD}
    registered = await open_browser().post("/api/users/register", json=draft)
    another = registered.json()["id"]
    assert told(log) == [(Event.REGISTERED, another), (Event.SIGNED_IN, another)]
    await open_browser().post("/api/users/login", json={**draft, "password": "wrong"})
    await open_browser().post("/api/users/login", json={**draft, "email": f"x{CANARY}"})
    assert told(log) == [(Event.SIGN_IN_FAILED, ann), (Event.SIGN_IN_FAILED, None)]
    await browser.post("/api/users/login", json=draft)
    assert told(log) == [(Event.SIGNED_IN, ann), (Event.SIGNED_OUT, ann)]
    await browser.post("/api/users/logout")
    assert told(log) == [(Event.SIGNED_OUT, ann)]
    await browser.post("/api/users/logout")
    assert told(log) == []


async def test_security_39_what_changes_an_account_is_logged(
    browser: Browser, ann: str, log: pytest.LogCaptureFixture
) -> None:
    told(log)
    made = await browser.post(
        "/api/users/me/tokens", json={"name": "program", "scopes": ["orders:read"]}
    )
    await browser.delete(f"/api/users/me/tokens/{made.json()['id']}")
    await browser.delete("/api/users/me/sessions")
    await browser.get("/api/users/me/export")
    await browser.put(
        "/api/users/me/password", json={"current_password": PASSWORD, "password": NEW_PASSWORD}
    )
    assert told(log) == [
        (Event.TOKEN_MADE, ann),
        (Event.TOKEN_REVOKED, ann),
        (Event.SESSION_REVOKED, ann),
        (Event.DATA_EXPORTED, ann),
        (Event.PASSWORD_CHANGED, ann),
        (Event.SIGNED_IN, ann),
    ]


async def test_security_39_a_reset_is_logged(
    app: FastAPI, browser: Browser, ann: str, log: pytest.LogCaptureFixture
) -> None:
    accounts: Accounts = app.state.accounts
    token = await accounts.access.letters.make_link(LetterKind.RESET, ann, now())
    told(log)
    await browser.post(
        "/api/users/password-reset/confirm", json={"token": token, "password": NEW_PASSWORD}
    )
    assert told(log) == [
        (Event.EMAIL_VERIFIED, ann),
        (Event.PASSWORD_RESET_DONE, ann),
        (Event.SIGNED_IN, ann),
    ]


@pytest.fixture
async def strict(mongo_settings: MongoSettings) -> AsyncIterator[Browser]:
    """Somebody who is signed in where everything may be tried once."""
    once = dict.fromkeys(
        (
            *("password_reset_email", "verification_user", "password_user"),
            *("token_user", "export_user", "confirm"),
        ),
        "1/hour",
    )
    app = an_app(mongo_settings, limits=generous(**once))
    async with running(app), a_browser(app) as browser:
        await empty(app.state.databases)
        await browser.post("/api/users/register", json={"email": CANARY, "password": PASSWORD})
        yield browser


WRONG = {"current_password": "wrong", "password": NEW_PASSWORD}
LINK = {"token": "made-up", "password": NEW_PASSWORD}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/users/password-reset", {"email": CANARY}),
        ("POST", "/api/users/password-reset", {"email": "nobody@example.com"}),
        ("POST", "/api/users/password-reset/confirm", LINK),
        ("POST", "/api/users/verification/confirm", LINK),
        ("POST", "/api/users/verification", None),
        ("PUT", "/api/users/me/password", WRONG),
        ("POST", "/api/users/me/close", {"password": "wrong"}),
        ("POST", "/api/users/me/tokens", {"name": "x", "scopes": ["orders:read"]}),
        ("GET", "/api/users/me/export", None),
    ],
)
async def test_security_09_each_door_of_an_account_can_be_tried_so_often_only(
    strict: Browser, method: str, path: str, body: Json | None
) -> None:
    first = await strict.request(method, path, json=body)
    second = await strict.request(method, path, json=body)
    assert first.status_code != 429
    assert second.status_code == 429
    assert second.json()["type"] == "/problems/too-many-requests"
    assert 0 < int(second.headers["retry-after"]) <= 3600


async def test_security_09_a_reset_is_limited_alike_for_every_spelling_of_the_address(
    strict: Browser,
) -> None:
    await strict.post("/api/users/password-reset", json={"email": CANARY})
    again = await strict.post("/api/users/password-reset", json={"email": CANARY.upper()})
    other = await strict.post("/api/users/password-reset", json={"email": f"x{CANARY}"})
    assert again.status_code == 429
    assert other.status_code != 429


async def test_the_right_password_makes_wrong_ones_forgotten(mongo_settings: MongoSettings) -> None:
    app = an_app(mongo_settings, limits=generous(password_user="2/hour"))
    async with running(app), a_browser(app) as browser:
        await empty(app.state.databases)
        await browser.post("/api/users/register", json={"email": CANARY, "password": PASSWORD})
        change = {"current_password": PASSWORD, "password": PASSWORD}
        for body in (WRONG, change, WRONG, WRONG):
            answer = await browser.put("/api/users/me/password", json=body)
            assert answer.status_code in (204, 422)
        assert (await browser.put("/api/users/me/password", json=WRONG)).status_code == 429
