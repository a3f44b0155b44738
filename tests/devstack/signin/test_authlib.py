"""Authlib, as an application uses it, against the stand-ins."""

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request

from devstack.simulators.signin.settings import OUR_CLIENTS, Provider
from tests.devstack.signin.helpers import SCOPES, Application, Json

METHODS = ["client_secret_basic", "client_secret_post"]


def a_client(application: Application, method: str = "client_secret_basic") -> AsyncOAuth2Client:
    """Authlib's client, as an application would make it."""
    return AsyncOAuth2Client(
        application.client_id,
        application.secret,
        scope=SCOPES[application.provider],
        redirect_uri=application.redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method=method,
        base_url=application.address,
    )


async def sign_in(
    client: AsyncOAuth2Client, application: Application, *, verifier: str, **more: str
) -> Json:
    """Browser and application together; the tokens."""
    url, state = client.create_authorization_url(
        application.address + application.authorize_path, code_verifier=verifier, **more
    )
    answer = await application.http.get(url)
    tokens: Json = await client.fetch_token(
        application.address + application.token_path,
        authorization_response=answer.headers["location"],
        code_verifier=verifier,
        state=state,
    )
    return tokens


@pytest.mark.parametrize("method", METHODS)
async def test_google_signs_somebody_in(google: Application, method: str) -> None:
    ada = await google.plant()
    async with a_client(google, method) as client:
        tokens = await sign_in(client, google, verifier=generate_token(48), nonce="n-0")
        user = (await client.get("/google/userinfo")).json()
    keys = KeySet.import_key_set((await google.http.get("/google/jwks")).json())
    claims = jwt.decode(tokens["id_token"], keys).claims
    assert claims["sub"] == user["sub"] == ada["subject"]
    assert claims["nonce"] == "n-0"


@pytest.mark.parametrize("method", METHODS)
async def test_github_signs_somebody_in(github: Application, method: str) -> None:
    ada = await github.plant()
    async with a_client(github, method) as client:
        await sign_in(client, github, verifier=generate_token(48))
        user = (await client.get("/github/api/user")).json()
        (email,) = (await client.get("/github/api/user/emails")).json()
    assert user["id"] == int(ada["subject"])
    assert (email["email"], email["verified"]) == ("ada@example.com", True)


async def test_authlib_hears_of_a_wrong_verifier(application: Application) -> None:
    await application.plant()
    async with a_client(application) as client:
        url, state = client.create_authorization_url(
            application.address + application.authorize_path, code_verifier=generate_token(48)
        )
        answer = await application.http.get(url)
        with pytest.raises(OAuthError) as refused:
            await client.fetch_token(
                application.address + application.token_path,
                authorization_response=answer.headers["location"],
                code_verifier=generate_token(48),
                state=state,
            )
    errors = {Provider.GOOGLE: "invalid_grant", Provider.GITHUB: "bad_verification_code"}
    assert refused.value.error == errors[application.provider]


@pytest.fixture
def starlette_client(google: Application) -> StarletteOAuth2App:
    """Authlib's Starlette client, which knows Google only by its discovery document."""
    client_id, secret = OUR_CLIENTS[Provider.GOOGLE]
    return OAuth().register(
        "google",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{google.address}/google/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
    )


def a_request(session: Json, query: str = "") -> Request:
    """A request of a browser that has this session."""
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "session": session}
    return Request({**scope, "query_string": query.encode()})


async def with_starlette(client: StarletteOAuth2App, google: Application) -> Json:
    session: Json = {}
    away = await client.authorize_redirect(a_request(session), google.redirect_uri)
    back = await google.http.get(away.headers["location"])
    query = httpx.URL(back.headers["location"]).query.decode()
    tokens: Json = await client.authorize_access_token(a_request(session, query))
    return tokens


async def test_discovery_is_all_that_the_starlette_client_needs(
    google: Application, starlette_client: StarletteOAuth2App
) -> None:
    ada = await google.plant()
    tokens = await with_starlette(starlette_client, google)
    assert tokens["userinfo"]["sub"] == ada["subject"]
    assert tokens["userinfo"]["email"] == "ada@example.com"
    assert (await starlette_client.userinfo(token=tokens))["sub"] == ada["subject"]


@pytest.mark.parametrize(
    "kind",
    [
        "id_token_nonce",
        "id_token_audience",
        "id_token_issuer",
        "id_token_key",
        "id_token_expired",
    ],
)
async def test_a_false_id_token_is_noticed(
    google: Application, starlette_client: StarletteOAuth2App, kind: str
) -> None:
    await google.http.post("/_sim/faults", json={"kind": kind})
    await google.plant()
    with pytest.raises(JoseError):
        await with_starlette(starlette_client, google)
    await google.plant()
    assert (await with_starlette(starlette_client, google))["userinfo"]


async def test_a_denial_reaches_the_application(
    google: Application, starlette_client: StarletteOAuth2App
) -> None:
    await google.http.post("/_sim/denials", json={"provider": "google"})
    with pytest.raises(OAuthError) as refused:
        await with_starlette(starlette_client, google)
    assert refused.value.error == "access_denied"
