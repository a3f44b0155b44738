"""What Google says is believed only when it is provably Google's, for us and for this sign-in.

Authlib checks much of it. What it does not, or only when told, has a test here with its name.
"""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from authlib.integrations.starlette_client import OAuth
from fastapi import FastAPI

from services.database import MongoSettings
from tests.api.conftest import a_browser, an_app, running
from tests.api.security.providers.conftest import provider_settings
from tests.api.security.providers.crooked import CLIENT_ID, CrookedGoogle, a_crooked_google
from tests.api.security.providers.travellers import OURS, Traveller, a_page, asked
from tests.conftest import empty

DOOR = f"{OURS}/api/auth/google/callback"


@pytest.fixture
async def google() -> AsyncIterator[CrookedGoogle]:
    async with a_crooked_google() as crooked:
        yield crooked


@pytest.fixture
async def app(mongo_settings: MongoSettings, google: CrookedGoogle) -> AsyncIterator[FastAPI]:
    settings = provider_settings("http://127.0.0.1:1", google_issuer=google.issuer)
    async with running(an_app(mongo_settings, providers=settings)) as started:
        await empty(started.state.databases)
        yield started


@pytest.fixture
async def ann(app: FastAPI) -> AsyncIterator[Traveller]:
    async with a_browser(app) as browser, httpx.AsyncClient() as nobody:
        yield Traveller(browser, nobody)


async def comes_back(ann: Traveller, google: CrookedGoogle) -> httpx.Response:
    """Leave and return; Google remembers the nonce."""
    page = asked(await ann.leaves("google"))
    google.nonce = page["nonce"]
    return await ann.returns(f"{DOOR}?code=x&state={page['state']}")


async def test_as_it_should_be_it_signs_in(ann: Traveller, google: CrookedGoogle) -> None:
    assert (await comes_back(ann, google)).status_code == 302
    assert (await ann.me())["email"] == "ann@example.com"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-application"},
        {"aud": "another-application", "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another-application"]},
        {"aud": [CLIENT_ID, "another-application"], "azp": "another-application"},
        {"aud": CLIENT_ID, "azp": "another-application"},
        {"aud": []},
        {"aud": None},
        {"nonce": "of-another-sign-in"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": 99_999_999_999},
        {"nbf": 99_999_999_999},
        {"sub": ""},
        {"sub": None},
        {"sub": 12345},
        {"sub": "x" * 256},
        {"at_hash": "of-another-token"},
    ],
    ids=str,
)
async def test_security_22_an_id_token_that_says_something_else_is_refused(
    ann: Traveller, google: CrookedGoogle, claims: dict[str, Any]
) -> None:
    google.claims = claims
    a_page(await comes_back(ann, google), 502, "cannot trust")
    assert await ann.is_nobody()


async def test_security_22_authlib_alone_takes_another_audience_that_names_us_as_its_party(
    google: CrookedGoogle,
) -> None:
    """The negative control of the audience check above."""
    google.claims = {"aud": "another-application", "azp": CLIENT_ID}
    client = OAuth().register(
        "google",
        client_id=CLIENT_ID,
        client_secret="x",
        server_metadata_url=f"{google.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid"},
    )
    google.nonce = "n"
    token = await client.fetch_access_token(redirect_uri=DOOR, code="x")
    assert (await client.parse_id_token(token, "n"))["sub"] == "1234567890"


@pytest.mark.parametrize("algorithm", ["none", "HS256", "PS512"])
async def test_security_22_a_signature_of_another_kind_is_refused_whatever_discovery_says(
    ann: Traveller, google: CrookedGoogle, algorithm: str
) -> None:
    google.header = {"alg": algorithm}
    google.discovery = {"id_token_signing_alg_values_supported": [algorithm]}
    a_page(await comes_back(ann, google), 502, "cannot trust")
    assert await ann.is_nobody()


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": 1},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
async def test_security_22_a_discovery_document_of_somebody_else_is_refused(
    ann: Traveller, google: CrookedGoogle, discovery: dict[str, Any]
) -> None:
    google.discovery = discovery
    a_page(await ann.http.get("/api/auth/google/login"), 502, "cannot trust")
    google.discovery = {}
    assert await ann.leaves("google")


async def test_discovery_cannot_set_options_of_our_client(
    ann: Traveller, google: CrookedGoogle
) -> None:
    google.discovery = {
        "verify": False,
        "trust_env": True,
        "base_url": "https://evil.example",
        "scope": "everything",
        "code_challenge_method": None,
        "token_endpoint_auth_method": "none",
    }
    page = asked(await ann.leaves("google"))
    assert (page["scope"], page["code_challenge_method"]) == ("openid email", "S256")


@pytest.mark.parametrize("keys", [{"keys": []}, {"keys": None}, ["x"], {"keys": [{"kty": "x"}]}])
async def test_keys_that_cannot_be_read_prove_nothing(
    ann: Traveller, google: CrookedGoogle, keys: object
) -> None:
    google.keys = keys
    a_page(await comes_back(ann, google), 502, "cannot trust")


async def test_a_new_key_of_googles_is_fetched_when_it_is_met(
    ann: Traveller, google: CrookedGoogle
) -> None:
    assert (await comes_back(ann, google)).status_code == 302
    assert (await comes_back(ann, google)).status_code == 302
    assert google.asked == ["discovery", "jwks"]
    google.rotate()
    assert (await comes_back(ann, google)).status_code == 302
    assert google.asked == ["discovery", "jwks", "jwks"]


@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_security_23_only_true_means_verified(
    ann: Traveller, google: CrookedGoogle, verified: object
) -> None:
    google.claims = {"email_verified": verified}
    a_page(await comes_back(ann, google), 403, "not verified")


@pytest.mark.parametrize("email", [None, "", "nobody", "a b@example.com", 7, {"$gt": ""}])
async def test_security_23_what_is_no_address_is_none(
    ann: Traveller, google: CrookedGoogle, email: object
) -> None:
    google.claims = {"email": email}
    a_page(await comes_back(ann, google), 403, "not verified")
