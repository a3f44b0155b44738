"""The security log: what is in it, what never is, and that nobody writes into it."""

import json
import logging
import socket
from typing import Any

import pytest
from fastapi import FastAPI

from services import security_log
from services.database import MongoSettings
from services.security_log import Event
from tests.api.conftest import PASSWORD, Browser, SignIn, a_browser, an_app, running
from tests.api.test_process import running_api
from tests.conftest import empty
from tests.limits import generous

Json = dict[str, Any]

FORGED = '\r\n{"event": "signed_in", "user_id": "forged"}\r\n'
CANARY = "canary@example.com"


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the API writes; the client of the tests would log addresses."""
    for name in ("api", "security"):
        caplog.set_level(logging.INFO, logger=name)
    return caplog


def events(log: pytest.LogCaptureFixture) -> list[Json]:
    """The lines of the security log so far."""
    return [json.loads(each.getMessage()) for each in log.records if each.name == "security"]


def only(log: pytest.LogCaptureFixture, event: Event) -> Json:
    (found,) = [each for each in events(log) if each["event"] == event]
    return found


async def test_security_39_a_hit_limit_is_logged(
    mongo_settings: MongoSettings, log: pytest.LogCaptureFixture
) -> None:
    app = an_app(mongo_settings, limits=generous(login="1/minute"))
    async with running(app), a_browser(app) as browser:
        await empty(app.state.databases)
        for _ in range(2):
            body = {"email": CANARY, "password": PASSWORD}
            answer = await browser.post("/api/users/login", json=body)
        told = only(log, Event.LIMIT_HIT)
        assert (told["log"], told["rule"]) == ("security", "login")
        assert told["seconds"] == int(answer.headers["retry-after"])
        assert told["network"] == "127.0.0.0/24"
        assert told["request_id"] == answer.headers["x-request-id"]
        assert "canary" not in log.text


async def test_security_39_a_wrong_webhook_signature_is_logged(
    browser: Browser, log: pytest.LogCaptureFixture
) -> None:
    header = {"Stripe-Signature": f"t=1,v1={CANARY}"}
    await browser.post("/api/webhooks/stripe", json={"id": CANARY}, headers=header)
    assert only(log, Event.BAD_WEBHOOK_SIGNATURE)["network"] == "127.0.0.0/24"
    assert "canary" not in log.text


async def test_security_39_a_page_of_another_site_is_logged(
    seller: Browser, log: pytest.LogCaptureFixture
) -> None:
    log.clear()
    await seller.post("/api/users/logout", headers={"Origin": f"https://{CANARY}"})
    assert only(log, Event.FOREIGN_ORIGIN)["method"] == "POST"
    assert "canary" not in log.text


async def test_security_39_who_is_refused_is_logged(
    app: FastAPI, browser: Browser, sign_in: SignIn, log: pytest.LogCaptureFixture
) -> None:
    seller, other = await sign_in(), await sign_in()
    draft = {"title": "Front row", "price": {"amount": 100}}
    ticket = (await seller.post("/api/tickets", json=draft)).json()
    who = (await other.get("/api/users/me")).json()["id"]
    log.clear()
    await browser.get("/api/users/me")
    await other.delete(f"/api/tickets/{ticket['id']}")
    await other.get("/api/orders/somebodys")
    await seller.get("/api/users/me")
    told = [(each["problem"], each["route"], each["user_id"]) for each in events(log)]
    assert told == [
        ("/problems/not-signed-in", "/api/users/me", None),
        ("/problems/not-the-seller", "/api/tickets/{ticket_id}", who),
        ("/problems/not-found", "/api/orders/{order_id}", who),
    ]
    assert "somebodys" not in log.text


async def test_security_39_what_a_page_was_kept_from_is_logged_cleaned(
    browser: Browser, log: pytest.LogCaptureFixture
) -> None:
    kept = {"effectiveDirective": "script-src-elem", "blockedURL": "https://evil.example/a?b=c"}
    odd = {"effectiveDirective": f"x{FORGED}", "blockedURL": f"https://a b/{CANARY}{FORGED}"}
    bodies: list[object] = [kept, odd, {"blockedURL": "inline"}, None, 5, [], {"blockedURL": 5}]
    reports = [{"type": "csp-violation", "body": body} for body in bodies]
    answer = await browser.post(
        "/api/reports/csp",
        content=json.dumps([*reports, *[reports[0]] * 50, 7, None]),
        headers={"Content-Type": "application/reports+json"},
    )
    assert (answer.status_code, answer.content) == (204, b"")
    told = [(each["directive"], each["source"]) for each in events(log)]
    assert told[:3] == [
        ("script-src-elem", "https://evil.example"),
        ("other", "other"),
        ("other", "inline"),
    ]
    assert len(told) == 10
    assert "canary" not in log.text


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'"x"', b"\xff", b"[" * 20, b'{"body": {"a": NaN}}']
)
async def test_security_39_a_report_that_makes_no_sense_is_no_failure(
    browser: Browser, body: bytes
) -> None:
    headers = {"Content-Type": "application/reports+json"}
    answer = await browser.post("/api/reports/csp", content=body, headers=headers)
    assert answer.status_code == 204


@pytest.mark.parametrize(
    "header", ["X-Request-ID", "Origin", "User-Agent", "Stripe-Signature", "Referer", "Cookie"]
)
async def test_security_39_nobody_writes_into_the_log_with_a_header(
    browser: Browser, log: pytest.LogCaptureFixture, header: str
) -> None:
    """No server lets these bytes through; if one did, they would still stay on their line."""
    raw = {header.encode(): b"abcdefgh" + FORGED.encode()}
    for path in ("/api/users/logout", "/api/webhooks/stripe", "/api/nothing"):
        answer = await browser.post(path, json={}, headers=raw)
        assert "\n" not in answer.headers["x-request-id"]
    lines = [each.getMessage() for each in log.records if each.name in {"api", "security"}]
    assert lines
    for line in lines:
        assert "\n" not in line
        assert "forged" not in line
        assert isinstance(json.loads(line), dict)


def test_security_39_even_a_value_with_line_breaks_stays_on_its_line(
    log: pytest.LogCaptureFixture,
) -> None:
    """The negative control: the format holds, whoever passes what."""
    security_log.record(Event.SIGNED_IN, user_id=f"x{FORGED}")
    (line,) = [each.getMessage() for each in log.records if each.name == "security"]
    assert "\n" not in line
    assert json.loads(line)["user_id"] == f"x{FORGED}"


@pytest.fixture
def raw_requests() -> list[bytes]:
    """What no client library would send."""
    forged = FORGED.strip().encode()
    return [
        b"GET /api/nothing%0d%0a" + forged.replace(b" ", b"%20") + b" HTTP/1.1\r\n",
        b"GET /api/tickets/x%0A" + forged.replace(b" ", b"") + b"?a=%0d%0ab HTTP/1.1\r\n",
        b"GET /healthz HTTP/1.1\r\nX-Request-ID: abcdefgh\n" + forged + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nX-Request-ID: abcdefgh\r" + forged + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nUser-Agent: a\r\n " + forged + b"\r\n",
        b"POST /api/users/logout HTTP/1.1\r\nOrigin: http://a\x0b" + forged + b"\r\n",
        b"\r\n" + forged + b"\r\n",
    ]


def test_security_39_the_process_writes_one_json_object_per_line(
    mongo_settings: MongoSettings, raw_requests: list[bytes]
) -> None:
    with running_api(mongo_settings) as (process, port):
        for raw in raw_requests:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(raw + b"Host: x\r\nConnection: close\r\n\r\n")
                while connection.recv(65_536):
                    pass
    _, err = process.communicate(timeout=20)
    lines = [json.loads(line) for line in err.splitlines()]
    assert len([line for line in lines if line["event"] == "request"]) >= 2
    assert not [line for line in lines if line.get("user_id") == "forged"]
    assert {line["event"] for line in lines}.isdisjoint({"signed_in"})
