"""Signing in with Google and GitHub, on the good days."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from api.settings import ApiSettings
from services.database import Databases, MongoSettings
from tests.api.conftest import a_browser, an_app, running
from tests.api.market import problem
from tests.api.security.providers.conftest import OpenTraveller, provider_settings
from tests.api.security.providers.travellers import PROVIDERS, Traveller, a_page, asked
from tests.limits import generous

both = pytest.mark.parametrize("provider", PROVIDERS)


@both
async def test_somebody_new_gets_an_account_with_a_proven_address(
    ann: Traveller, provider: str
) -> None:
    user = await ann.is_signed_in(provider, "Ann@Example.com")
    assert (user["email"], user["email_verified"]) == ("Ann@Example.com", True)


@both
async def test_the_same_person_comes_back_to_the_same_account(
    ann: Traveller, open_traveller: OpenTraveller, provider: str
) -> None:
    first = await ann.is_signed_in(provider, "ann@example.com")
    assert await open_traveller().is_signed_in(provider, "ann@example.com") == first


@both
async def test_security_21_the_request_binds_code_browser_and_answer(
    ann: Traveller, app: FastAPI, provider: str
) -> None:
    page = asked(await ann.leaves(provider))
    assert page["response_type"] == "code"
    assert page["code_challenge_method"] == "S256"
    assert len(page["code_challenge"]) == 43
    assert len(page["state"]) >= 22
    assert page["redirect_uri"] == f"http://testserver/api/auth/{provider}/callback"
    assert ("nonce" in page) == (provider == "google")
    again = asked(await ann.leaves(provider))
    for part in {"state", "code_challenge", "nonce"} & set(page):
        assert page[part] != again[part]


@both
async def test_security_21_what_was_begun_is_kept_here_and_the_browser_has_only_a_key(
    ann: Traveller, app: FastAPI, provider: str
) -> None:
    state = asked(await ann.leaves(provider))["state"]
    databases: Databases = app.state.databases
    (kept,) = await databases.auth["sign_in_attempts"].find().to_list()
    (cookie,) = ann.http.cookies.jar
    assert cookie.name == "sign-in"
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    assert str(cookie.value) not in str(kept)
    assert state not in str(kept)


async def test_security_11_over_https_the_cookie_of_a_sign_in_belongs_to_one_host(
    mongo_settings: MongoSettings, stand_ins_url: str
) -> None:
    settings = ApiSettings(public_url="https://shop.example")
    api = an_app(mongo_settings, settings, providers=provider_settings(stand_ins_url))
    async with running(api), a_browser(api, "https://shop.example") as browser:
        answer = await browser.get("/api/auth/github/login")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-sign-in=")
    for part in ("HttpOnly", "SameSite=lax", "Path=/", "Secure", "Max-Age=600"):
        assert part in cookie
    way_back = asked(answer.headers["location"])["redirect_uri"]
    assert way_back == "https://shop.example/api/auth/github/callback"


async def test_what_was_begun_is_gone_afterwards(ann: Traveller, app: FastAPI) -> None:
    await ann.is_signed_in("google", "ann@example.com")
    databases: Databases = app.state.databases
    assert await databases.auth["sign_in_attempts"].count_documents({}) == 0
    assert [cookie.name for cookie in ann.http.cookies.jar] == ["session"]


async def test_security_12_signing_in_ends_the_session_that_was_there_before(
    ann: Traveller, open_traveller: OpenTraveller
) -> None:
    await ann.registers("ann@elsewhere.example")
    thief = open_traveller()
    thief.http.cookies.set("session", ann.http.cookies["session"])
    assert (await thief.me())["email"] == "ann@elsewhere.example"
    await ann.is_signed_in("google", "ann@example.com")

    assert (await thief.http.get("/api/users/me")).status_code == 401
    assert (await ann.me())["email"] == "ann@example.com"


async def test_both_providers_of_one_address_lead_to_one_account(
    ann: Traveller, open_traveller: OpenTraveller
) -> None:
    first = await ann.is_signed_in("google", "ann@example.com")
    assert await open_traveller().is_signed_in("github", "ann@example.com") == first


@both
async def test_two_returns_of_somebody_new_at_once_make_one_account(
    open_traveller: OpenTraveller, app: FastAPI, provider: str
) -> None:
    tabs = [open_traveller() for _ in range(6)]
    ways_back = [
        await tab.decides(await tab.leaves(provider), provider=provider, email="ann@example.com")
        for tab in tabs
    ]
    answers = await asyncio.gather(
        *(tab.returns(way) for tab, way in zip(tabs, ways_back, strict=True))
    )
    assert [answer.status_code for answer in answers] == [302] * 6
    assert len({(await tab.me())["id"] for tab in tabs}) == 1
    databases: Databases = app.state.databases
    assert await databases.auth["users"].count_documents({}) == 1
    assert await databases.auth["identities"].count_documents({}) == 1


async def test_both_providers_at_once_make_one_account(
    open_traveller: OpenTraveller, app: FastAPI
) -> None:
    tabs = [open_traveller() for _ in PROVIDERS]
    await asyncio.gather(
        *(
            tab.is_signed_in(provider, "ann@example.com")
            for tab, provider in zip(tabs, PROVIDERS, strict=True)
        )
    )
    assert len({(await tab.me())["id"] for tab in tabs}) == 1
    databases: Databases = app.state.databases
    assert await databases.auth["users"].count_documents({}) == 1


async def test_security_26_neither_tokens_nor_codes_are_kept_or_logged(
    ann: Traveller, app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    secrets: list[str] = []
    with caplog.at_level("INFO"):
        for provider in PROVIDERS:
            page = await ann.leaves(provider)
            way_back = await ann.decides(page, provider=provider, email="ann@example.com")
            secrets += [asked(way_back)["code"], asked(page)["state"], "ann@example.com"]
            assert (await ann.returns(way_back)).status_code == 302
    told = "\n".join(
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("api", "authlib", "security"))
    )
    assert "signed_in" in told
    for secret in (*secrets, "ya29.", "gho_", "secret-of-the-client"):
        assert secret not in told
    databases: Databases = app.state.databases
    stored = str(
        [
            await databases.auth[name].find().to_list()
            for name in await databases.auth.list_collection_names()
        ]
    )
    assert "ann@example.com" in stored
    for secret in (*secrets[:2], *secrets[3:5], "ya29.", "gho_", "access_token", "id_token"):
        assert secret not in stored


@both
async def test_whoever_comes_by_our_other_name_is_sent_to_the_public_one(
    app: FastAPI, mongo_settings: MongoSettings, stand_ins_url: str, provider: str
) -> None:
    settings = ApiSettings(public_url="http://127.0.0.1:8000")
    api = an_app(mongo_settings, settings, providers=provider_settings(stand_ins_url))
    login = f"/api/auth/{provider}/login?next=%2Ftickets%3Fsort%3Dprice"
    async with running(api):
        async with a_browser(api, "http://localhost:8000") as browser:
            answer = await browser.get(login)
        assert answer.status_code == 302
        assert answer.headers["location"] == f"http://127.0.0.1:8000{login}"
        assert "set-cookie" not in answer.headers
        for host in ("http://127.0.0.1:8000", "http://localhost:5173", "http://evil.example"):
            async with a_browser(api, host) as browser:
                answer = await browser.get(login)
            assert answer.headers["location"].startswith(stand_ins_url)


class TestWithoutClientIds:
    """Nobody has told the API of a provider."""

    @pytest.fixture
    async def app(self, mongo_settings: MongoSettings) -> AsyncIterator[FastAPI]:
        async with running(an_app(mongo_settings)) as started:
            yield started

    async def test_nothing_is_offered(self, ann: Traveller) -> None:
        assert (await ann.http.get("/api/config")).json()["sign_in_providers"] == []

    @pytest.mark.parametrize("what", ["login", "callback?state=x&code=y"])
    @pytest.mark.parametrize("provider", [*PROVIDERS, "facebook", "%0d%0a"])
    async def test_its_addresses_are_pages_that_say_so(
        self, ann: Traveller, provider: str, what: str
    ) -> None:
        a_page(await ann.http.get(f"/api/auth/{provider}/{what}"), 404, "not offered")

    async def test_nothing_can_be_linked(self, ann: Traveller) -> None:
        await ann.registers("ann@example.com")
        answer = await ann.http.post("/api/auth/google/link")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


async def test_what_is_set_up_is_offered(ann: Traveller) -> None:
    assert (await ann.http.get("/api/config")).json()["sign_in_providers"] == ["google", "github"]


async def test_the_pages_have_their_looks_in_a_file(ann: Traveller) -> None:
    answer = await ann.http.get("/api/auth/page.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "#003049" in answer.text


async def test_security_09_leaving_and_coming_back_have_limits(
    mongo_settings: MongoSettings, stand_ins_url: str
) -> None:
    settings, tight = provider_settings(stand_ins_url), generous(sign_in_provider="2/minute")
    api = an_app(mongo_settings, providers=settings, limits=tight)
    async with running(api), a_browser(api) as browser:
        assert (await browser.get("/api/auth/google/login")).status_code == 302
        a_page(await browser.get("/api/auth/google/callback"), 400)
        for address in ("/api/auth/github/login", "/api/auth/github/callback?state=x"):
            answer = await browser.get(address)
            a_page(answer, 429, "That was too often")
            assert 0 < int(answer.headers["retry-after"]) <= 60
        linking = problem(await browser.post("/api/auth/google/link"), 429)
        assert linking["type"] == "/problems/too-many-requests"


async def test_security_39_sign_ins_and_failures_are_in_the_security_log(
    ann: Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="security"):
        user = await ann.is_signed_in("google", "ann@example.com")
        await ann.links("github", "ann@example.com")
        await ann.http.delete("/api/users/me/identities/github")
        await ann.http.get("/api/auth/github/callback?state=x")
    lines = [json.loads(record.getMessage()) for record in caplog.records]
    told = [(line["event"], line.get("provider"), line.get("user_id")) for line in lines]
    assert told == [
        ("registered", "google", user["id"]),
        ("signed_in", "google", user["id"]),
        ("identity_linked", "github", user["id"]),
        ("identity_unlinked", "github", user["id"]),
        ("sign_in_failed", "github", None),
    ]
    assert lines[-1]["reason"] == "AttemptOverError"
