"""Sign-ins that do not work out end on a page, with no session and nothing left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from services.database import Databases, MongoSettings
from tests.api.conftest import a_browser, an_app, running
from tests.api.security.providers.conftest import provider_settings
from tests.api.security.providers.travellers import (
    OURS,
    PROVIDERS,
    Traveller,
    a_page,
    asked,
    changed,
)
from tests.cables import a_cable

both = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture(autouse=True)
async def nobody_gets_in(app: FastAPI) -> AsyncIterator[None]:
    """Of every story here."""
    yield
    databases: Databases = app.state.databases
    for name in ("users", "sessions", "identities", "sign_in_attempts"):
        assert await databases.auth[name].count_documents({}) == 0, name


async def fault(traveller: Traveller, kind: str, provider: str, **more: object) -> None:
    """The provider's next answer of this kind is a bad one."""
    planted = {"kind": kind, "provider": provider, **more}
    answer = await traveller.stand_ins.post("/_sim/faults", json=planted)
    assert answer.status_code == 201, answer.text


@both
async def test_whoever_says_no_at_the_provider_is_not_signed_in(
    ann: Traveller, provider: str
) -> None:
    way_back = await ann.denies(await ann.leaves(provider), provider)
    a_page(await ann.returns(way_back), 403, "not allowed to tell us")
    assert await ann.is_nobody()


@both
@pytest.mark.parametrize("state", [None, "", "x", "another"])
async def test_security_21_an_answer_without_its_state_is_refused(
    ann: Traveller, provider: str, state: str | None
) -> None:
    page = await ann.leaves(provider)
    way_back = await ann.decides(page, provider=provider, email="ann@example.com")
    a_page(await ann.returns(changed(way_back, state=state)), 400, "This sign-in is over")
    assert await ann.is_nobody()
    # What came first has used the attempt up: the right answer comes too late.
    a_page(await ann.returns(way_back), 400, "This sign-in is over")


@both
async def test_security_21_another_browser_cannot_bring_the_answer(
    ann: Traveller, mallory: Traveller, provider: str
) -> None:
    page = await mallory.leaves(provider)
    way_back = await mallory.decides(page, provider=provider, email="mallory@example.com")
    a_page(await ann.returns(way_back), 400, "begun in another browser")
    assert await ann.is_nobody()
    await ann.leaves(provider)
    a_page(await ann.returns(way_back), 400, "begun in another browser")
    assert await ann.is_nobody()
    await mallory.returns(changed(way_back, state="x"))


@both
async def test_security_21_a_sign_in_that_took_too_long_is_over(
    ann: Traveller, app: FastAPI, provider: str
) -> None:
    page = await ann.leaves(provider)
    databases: Databases = app.state.databases
    await databases.auth["sign_in_attempts"].update_one(
        {}, {"$set": {"expires_at": datetime.now(UTC) - timedelta(milliseconds=1)}}
    )
    way_back = await ann.decides(page, provider=provider, email="ann@example.com")
    a_page(await ann.returns(way_back), 400, "more than ten minutes")


async def test_security_22_the_answer_of_one_provider_is_not_taken_at_the_others_door(
    ann: Traveller,
) -> None:
    page = await ann.leaves("google")
    way_back = await ann.decides(page, provider="google", email="ann@example.com")
    mixed_up = way_back.replace("/google/", "/github/")
    a_page(await ann.returns(mixed_up), 400, "This sign-in is over")
    assert await ann.is_nobody()


@both
async def test_security_22_an_answer_that_names_another_issuer_is_refused(
    ann: Traveller, provider: str
) -> None:
    page = await ann.leaves(provider)
    way_back = await ann.decides(page, provider=provider, email="ann@example.com")
    a_page(await ann.returns(changed(way_back, iss="https://evil.example")), 400)
    assert await ann.is_nobody()


@both
async def test_security_21_a_code_works_once(
    ann: Traveller, mallory: Traveller, provider: str, app: FastAPI
) -> None:
    page = await ann.leaves(provider)
    code = asked(await ann.decides(page, provider=provider, email="ann@example.com"))["code"]
    state = asked(await mallory.leaves(provider))["state"]
    stolen = f"http://testserver/api/auth/{provider}/callback?code={code}&state={state}"
    # PKCE: the code was given for the verifier of another browser.
    a_page(await mallory.returns(stolen), 400, "did not complete the sign-in")
    assert await mallory.is_nobody()
    state = asked(await ann.leaves(provider))["state"]
    again = f"http://testserver/api/auth/{provider}/callback?code={code}&state={state}"
    a_page(await ann.returns(again), 400, "did not complete the sign-in")


@both
@pytest.mark.parametrize("code", [None, "", "x" * 2000, "\u202e"])
async def test_an_answer_without_a_good_code_is_refused(
    ann: Traveller, provider: str, code: str | None
) -> None:
    page = await ann.leaves(provider)
    way_back = await ann.decides(page, provider=provider, email="ann@example.com")
    a_page(await ann.returns(changed(way_back, code=code)), 400, "did not complete the sign-in")
    assert await ann.is_nobody()


@both
async def test_a_token_answer_without_access_token_is_refused(
    ann: Traveller, provider: str
) -> None:
    await fault(ann, "token_without_access_token", provider)
    a_page(await ann.signs_in(provider, "ann@example.com"), 502, "cannot trust")
    assert await ann.is_nobody()


@pytest.mark.parametrize(
    "kind",
    [
        "token_without_id_token",
        "id_token_nonce",
        "id_token_audience",
        "id_token_issuer",
        "id_token_key",
        "id_token_expired",
    ],
)
async def test_security_22_an_id_token_that_is_not_for_us_is_refused(
    ann: Traveller, kind: str
) -> None:
    await fault(ann, kind, "google")
    a_page(await ann.signs_in("google", "ann@example.com"), 502, "Google", "cannot trust")
    assert await ann.is_nobody()


@pytest.mark.parametrize(
    ("provider", "kind", "status", "answered"),
    [
        ("google", "token_error", 500, 503),
        ("github", "token_error", 503, 503),
        ("google", "jwks_error", 502, 503),
        ("google", "jwks_error", 404, 502),
        ("github", "user_error", 500, 503),
        ("github", "user_error", 429, 503),
        ("github", "user_error", 401, 502),
        ("github", "emails_error", 500, 503),
        ("github", "emails_error", 404, 502),
    ],
)
async def test_a_provider_on_a_bad_day_signs_nobody_in(
    ann: Traveller, provider: str, kind: str, status: int, answered: int
) -> None:
    await fault(ann, kind, provider, status=status)
    answer = await ann.signs_in(provider, "ann@example.com")
    a_page(answer, answered)
    assert ("retry-after" in answer.headers) == (answered == 503)
    assert await ann.is_nobody()


async def test_without_discovery_nobody_leaves_for_google_and_the_next_try_asks_again(
    ann: Traveller,
) -> None:
    await fault(ann, "discovery_error", "google")
    a_page(await ann.http.get("/api/auth/google/login"), 503, "Google does not answer")
    assert await ann.is_nobody()
    page = await ann.leaves("google")
    await ann.returns(await ann.denies(page, "google"))


@both
@pytest.mark.parametrize("part", ["state", "code", "error", "iss"])
async def test_an_answer_that_no_provider_gives_is_not_read(
    ann: Traveller, provider: str, part: str
) -> None:
    answer = await ann.http.get(f"/api/auth/{provider}/callback", params={part: "x" * 5000})
    a_page(answer, 400, "This address is not right")


@both
@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("access_denied", 403),
        ("server_error", 503),
        ("temporarily_unavailable", 503),
        ("invalid_scope", 400),
        ("<script>alert(1)</script>", 400),
    ],
)
async def test_what_a_provider_says_about_a_failure_is_not_shown(
    ann: Traveller, provider: str, error: str, status: int
) -> None:
    way_back = await ann.denies(await ann.leaves(provider), provider)
    told = changed(way_back, error=error, error_description="<b>Call 0900-1234</b>", error_uri="x")
    text = a_page(await ann.returns(told), status)
    assert "0900" not in text
    assert "alert" not in text


async def test_nothing_that_a_visitor_sends_is_shown(ann: Traveller) -> None:
    evil = "%3Cimg%20src=x%20onerror=alert(1)%3E"
    for address in (
        f"/api/auth/{evil}/login",
        f"/api/auth/google%7B0%7D/callback?state={evil}",
        f"/api/auth/google/callback?state={evil}&code={evil}&error={evil}&iss={evil}",
        f"/api/auth/google/callback?{evil}={evil}",
    ):
        answer = await ann.http.get(address)
        assert "alert" not in a_page(answer, answer.status_code)


@asynccontextmanager
async def silence() -> AsyncIterator[str]:
    """A server that takes calls and says nothing."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_silent_provider_is_not_waited_for_long(
    mongo_settings: MongoSettings, stand_ins: httpx.AsyncClient
) -> None:
    async with silence() as address:
        settings = provider_settings(address, provider_seconds=0.2)
        async with running(an_app(mongo_settings, providers=settings)) as api:
            ann = Traveller(a_browser(api), stand_ins)
            a_page(await ann.http.get("/api/auth/google/login"), 503, "Google does not answer")
            state = asked(await ann.leaves("github"))["state"]
            way_back = f"{OURS}/api/auth/github/callback?code=x&state={state}"
            a_page(await ann.returns(way_back), 503, "GitHub does not answer")
            assert await ann.is_nobody()
            await ann.http.aclose()


async def test_a_provider_that_is_away_can_be_tried_again(
    mongo_settings: MongoSettings, stand_ins: httpx.AsyncClient, stand_ins_url: str
) -> None:
    async with a_cable(int(stand_ins_url.rpartition(":")[2])) as cable:
        settings = provider_settings(f"http://{cable.address}")
        async with running(an_app(mongo_settings, providers=settings)) as api:
            ann = Traveller(a_browser(api), stand_ins)
            page = await ann.leaves("github")
            way_back = await ann.decides(
                page.replace(f"http://{cable.address}", ""),
                provider="github",
                email="a@example.com",
            )
            async with cable.pulled():
                a_page(await ann.returns(way_back), 503, "GitHub does not answer")
                assert await ann.is_nobody()
            assert (await ann.leaves("github")).startswith(f"http://{cable.address}/github/")
            await ann.http.get("/api/auth/github/callback")
            await ann.http.aclose()


async def test_security_38_without_its_database_the_api_answers_with_a_page(
    mongo_settings: MongoSettings, stand_ins: httpx.AsyncClient, stand_ins_url: str
) -> None:
    async with a_cable(urlsplit(mongo_settings.uri).port or 0) as cable:
        mongo = MongoSettings(
            uri=f"mongodb://{cable.address}/?directConnection=true",
            database_prefix=mongo_settings.database_prefix,
        )
        api = an_app(mongo, providers=provider_settings(stand_ins_url))
        async with running(api), a_browser(api) as browser, cable.pulled():
            answer = await browser.get("/api/auth/google/login")
            a_page(answer, 503, "Please try again in a moment")
            assert not browser.cookies
