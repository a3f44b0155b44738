"""What Google's stand-in says about itself and about people."""

import time

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.devstack.signin.helpers import Application, Json, answer_of, bearer


async def claims_in(application: Application, id_token: str) -> Json:
    """The claims of a token that the published key has signed."""
    keys = KeySet.import_key_set((await application.http.get("/google/jwks")).json())
    decoded = jwt.decode(id_token, keys, algorithms=["RS256"])
    assert decoded.header["kid"] == keys.keys[0].kid
    return decoded.claims


async def test_discovery_names_what_is_here(signin: httpx.AsyncClient) -> None:
    found = (await signin.get("/google/.well-known/openid-configuration")).json()
    issuer = f"{signin.base_url}/google"
    assert found["issuer"] == issuer
    for endpoint in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert found[endpoint].startswith(f"{issuer}/")
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]


async def test_the_issuer_does_not_depend_on_how_it_is_called(signin: httpx.AsyncClient) -> None:
    path = "/google/.well-known/openid-configuration"
    found = (await signin.get(path, headers={"Host": "evil.example"})).json()
    assert found == (await signin.get(path)).json()


async def test_the_published_key_is_public(signin: httpx.AsyncClient) -> None:
    (key,) = (await signin.get("/google/jwks")).json()["keys"]
    assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
    assert not {"d", "p", "q"} & key.keys()


async def test_an_id_token_says_who_for_whom_and_until_when(google: Application) -> None:
    before = int(time.time())
    ada = await google.plant()
    answer = await google.exchange(answer_of(await google.authorize())["code"])
    tokens = answer.json()
    claims = await claims_in(google, tokens["id_token"])

    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3599)
    assert tokens["scope"] == "openid email profile"
    assert claims["iss"] == f"{google.address}/google"
    assert claims["aud"] == claims["azp"] == google.client_id
    assert claims["sub"] == ada["subject"]
    assert claims["nonce"] == "nonce-of-this-sign-in"
    assert (claims["email"], claims["email_verified"]) == ("ada@example.com", True)
    assert claims["name"] == "Ada"
    assert before <= claims["iat"] <= int(time.time())
    assert claims["exp"] == claims["iat"] + 3599


async def test_without_a_nonce_there_is_none(google: Application) -> None:
    tokens = await google.tokens(nonce=None)
    assert "nonce" not in await claims_in(google, tokens["id_token"])


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("openid", set()),
        ("openid email", {"email", "email_verified"}),
        ("openid profile", {"name"}),
    ],
)
async def test_only_what_the_scope_allows_is_told(
    google: Application, scope: str, told: set[str]
) -> None:
    tokens = await google.tokens(scope=scope)
    user = (await google.http.get("/google/userinfo", headers=bearer(tokens))).json()
    assert user.keys() == {"sub"} | told
    claims = await claims_in(google, tokens["id_token"])
    assert claims.keys() & {"email", "email_verified", "name"} == told


async def test_an_address_may_be_unverified(google: Application) -> None:
    await google.plant(email_verified=False)
    answer = await google.exchange(answer_of(await google.authorize())["code"])
    assert (await claims_in(google, answer.json()["id_token"]))["email_verified"] is False


async def test_the_subject_stays_when_name_and_address_change(google: Application) -> None:
    first = await google.plant()
    moved = await google.plant(subject=first["subject"], name="Augusta", email="a@new.example")
    assert moved["subject"] == first["subject"]
    assert first["subject"].isdecimal()
    assert len(first["subject"]) == 21


async def test_two_accounts_may_have_had_the_same_address(google: Application) -> None:
    first = await google.plant()
    second = await google.plant(subject="1" * 21)
    assert first["email"] == second["email"]
    assert first["subject"] != second["subject"]
    for person in (first, second):
        tokens = (await google.exchange(answer_of(await google.authorize())["code"])).json()
        assert (await claims_in(google, tokens["id_token"]))["sub"] == person["subject"]


async def test_the_answer_carries_more_than_code_and_state(google: Application) -> None:
    await google.plant()
    assert {"code", "state", "scope", "authuser"} <= answer_of(await google.authorize()).keys()


@pytest.mark.parametrize("header", [None, "Bearer made-up", "token", "nonsense"])
async def test_userinfo_needs_a_token(google: Application, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = await google.http.get("/google/userinfo", headers=headers)
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["www-authenticate"]


async def test_a_token_of_github_is_no_good_at_google(
    google: Application, github: Application
) -> None:
    tokens = await github.tokens()
    answer = await google.http.get("/google/userinfo", headers=bearer(tokens))
    assert answer.status_code == 401


async def test_googles_accounts_have_no_login(signin: httpx.AsyncClient) -> None:
    person = {"provider": "google", "name": "Ada", "email": "ada@example.com", "login": "ada"}
    assert (await signin.post("/_sim/people", json=person)).status_code == 422
