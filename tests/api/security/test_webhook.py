"""Stripe's webhook as a door: who gets in, and what nobody can break."""

import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from devstack.simulators.stripe.webhooks import signature
from services.database import MongoSettings
from tests.api.conftest import Browser, a_browser, an_app, running
from tests.api.market import problem
from tests.conftest import empty
from tests.limits import generous

KIB = 1024
PATH = "/api/webhooks/stripe"
SECRET = "whsec_of_the_test"


@pytest.fixture
async def app(mongo_settings: MongoSettings) -> AsyncIterator[FastAPI]:
    """An API that knows a webhook secret."""
    async with running(an_app(mongo_settings, webhook_secret=SECRET)) as started:
        await empty(started.state.databases)
        yield started


def an_event(**more: object) -> dict[str, Any]:
    """An event of a kind that means nothing to us."""
    about = {"id": "cus_1", "object": "customer", **more}
    return {"id": "evt_1", "object": "event", "type": "customer.created", "data": {"object": about}}


async def deliver(browser: Browser, payload: bytes, secret: str = SECRET) -> httpx.Response:
    """Sign and send."""
    signed = {"Stripe-Signature": signature(payload, secret, int(time.time()))}
    return await browser.post(PATH, content=payload, headers=signed)


async def stored(app: FastAPI) -> dict[str, int]:
    """How many documents there are, but for the counters of the limits."""
    databases, found = app.state.databases, {}
    for database in (databases.auth, databases.tickets, databases.orders, databases.payments):
        for name in {*await database.list_collection_names()} - {"limits"}:
            found[f"{database.name}.{name}"] = await database[name].count_documents({})
    return {name: count for name, count in found.items() if count}


async def test_security_27_without_a_good_signature_nothing_is_written(
    app: FastAPI, browser: Browser
) -> None:
    payload, moment = json.dumps(an_event()).encode(), int(time.time())
    for header in (
        "",
        "nonsense",
        f"t={moment},v1={'0' * 64}",
        signature(payload, "whsec_of_another", moment),
        signature(payload + b" ", SECRET, moment),
        signature(payload, SECRET, moment - 301),
    ):
        answer = await browser.post(PATH, content=payload, headers={"Stripe-Signature": header})
        assert problem(answer, 400)["type"] == "/problems/bad-signature"
    assert await stored(app) == {}
    assert (await deliver(browser, payload)).status_code == 204  # the negative control
    assert len(await stored(app)) == 1


async def test_security_27_with_no_secret_set_nobody_can_sign(
    mongo_settings: MongoSettings,
) -> None:
    app = an_app(mongo_settings)
    async with running(app), a_browser(app) as browser:
        answer = await deliver(browser, json.dumps(an_event()).encode(), secret="")
        assert problem(answer, 400)["type"] == "/problems/bad-signature"


async def test_security_27_it_needs_neither_cookie_nor_origin(browser: Browser) -> None:
    browser.headers.update({"Origin": "https://stripe.example", "Sec-Fetch-Site": "cross-site"})
    browser.cookies.set("session", "x")
    assert (await deliver(browser, json.dumps(an_event()).encode())).status_code == 204


async def test_security_27_has_a_limit_of_its_own(mongo_settings: MongoSettings) -> None:
    app = an_app(mongo_settings, webhook_secret=SECRET, limits=generous(webhook="2/minute"))
    async with running(app), a_browser(app) as browser:
        await empty(app.state.databases)
        payload = json.dumps(an_event()).encode()
        answers = [await deliver(browser, payload) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [204, 204, 429]
        assert answers[-1].headers["retry-after"]
        assert (await browser.get("/api/tickets")).status_code == 200
        login = {"email": "a@example.com", "password": "x"}
        assert (await browser.post("/api/users/login", json=login)).status_code == 401


@pytest.mark.parametrize("size", [256 * KIB + 1, 4 * 1024 * KIB])
async def test_security_27_what_is_too_large_is_refused_unread(
    app: FastAPI, browser: Browser, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    caplog.set_level(logging.WARNING, logger="security")
    answer = await deliver(browser, b'"' + b"x" * (size - 2) + b'"')
    assert problem(answer, 413)["type"] == "/problems/body-too-large"
    assert "bad_webhook_signature" not in caplog.text  # the signature was not looked at
    assert await stored(app) == {}


@pytest.mark.parametrize(
    "payload",
    [
        json.dumps(an_event(a=1)).replace("1", "[" * 31 + "]" * 31).encode(),
        b'{"id": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"[" * 250_000,
        ('{"id": ' + "[" * 50_000 + "]" * 50_000 + "}").encode("utf-16"),
        ('{"a": "\u2222", "id": ' + "[" * 5_000 + "]" * 5_000 + "}").encode("utf-16-le"),
    ],
    ids=["a little", "what Python reads", "what it does not", "open", "UTF-16", "sly UTF-16"],
)
async def test_security_27_signed_but_too_deep_is_refused(
    app: FastAPI, browser: Browser, payload: bytes
) -> None:
    problem(await deliver(browser, payload), 400)
    assert await stored(app) == {}


@pytest.mark.parametrize(
    "payload",
    [
        *(b"", b"{", b"[]", b"null", b"5", b'"x"', b"\xff\xfe", b"\x00", b"{}", b"NaN"),
        b'{"id": 5, "type": 5, "data": 5}',
        b'{"id": {"$gt": ""}, "type": "x", "data": {"object": {"id": "pi_1"}}}',
        b'{"id": "evt_1", "type": {"$gt": ""}, "data": {"object": {"id": "pi_1"}}}',
        b'{"id": "evt_1", "type": "x", "data": {}}',
        b'{"id": "evt_1", "type": "x", "data": {"object": null}}',
        b'{"id": "evt_1", "type": "x", "data": {"object": []}}',
        b'{"id": "evt_1", "type": "x", "data": {"object": "pi_1"}}',
        b'{"id": "", "type": "x", "data": {"object": {"id": "pi_1"}}}',
        b'{"id": "evt_1", "type": "refund.updated", "data": {"object": {"id": {"$gt": ""}}}}',
        b'{"id": "evt_1", "type": "x", "data": {"object": {"id": "' + b"x" * 9000 + b'"}}}',
        b'{"id": "evt_1", "type": "refund.updated", "data": {"object": {"id": "re_1"}}}',
        b'{"id": "evt_1", "type": "refund.updated", "livemode": {"$gt": ""},'
        b' "data": {"object": {"id": "re_1"}}}',
        b'{"object": "v2.core.event", "id": "evt_1", "type": "x", "data": {"object": {}}}',
    ],
)
async def test_security_27_whatever_is_signed_nothing_breaks(
    browser: Browser, payload: bytes
) -> None:
    answer = await deliver(browser, payload)
    assert answer.status_code in {204, 400}, answer.text
