"""Google: OpenID Connect with signed id tokens."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse

from devstack.simulators.signin.errors import ExchangeRefusedError, Refusal
from devstack.simulators.signin.exchange import exchange
from devstack.simulators.signin.grants import Grant
from devstack.simulators.signin.id_tokens import claims_of, id_token
from devstack.simulators.signin.keys import ALGORITHM
from devstack.simulators.signin.settings import Provider
from devstack.simulators.signin.sign_in import sign_in_routes
from devstack.simulators.signin.simulator import BaseUrl, Simulated, Simulator

GOOGLE: Final = Provider.GOOGLE
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
REFUSALS: Final = {
    Refusal.BAD_REQUEST: ("invalid_request", "Bad Request"),
    Refusal.OTHER_GRANT: ("unsupported_grant_type", "Invalid grant_type."),
    Refusal.BAD_CLIENT: ("invalid_client", "Unauthorized"),
    Refusal.BAD_CODE: ("invalid_grant", "Malformed auth code."),
    Refusal.OTHER_REDIRECT: ("redirect_uri_mismatch", "Bad Request"),
    Refusal.NO_VERIFIER: ("invalid_grant", "Missing code verifier."),
    Refusal.WRONG_VERIFIER: ("invalid_grant", "Invalid code verifier."),
}

router = APIRouter(prefix="/google", tags=["google"])
router.include_router(sign_in_routes(GOOGLE, "/authorize"))


@router.get("/.well-known/openid-configuration")
async def discovery(base_url: BaseUrl, simulator: Simulated) -> dict[str, Any]:
    """What a client needs to know; only what is really here."""
    simulator.faults.fail("discovery_error", GOOGLE)
    issuer = f"{base_url}/google"
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": [
            *("aud", "email", "email_verified", "exp", "iat", "iss", "name", "nonce", "sub")
        ],
        "code_challenge_methods_supported": ["S256"],
    }


@router.get("/jwks")
async def jwks(simulator: Simulated) -> dict[str, Any]:
    """The public key."""
    simulator.faults.fail("jwks_error", GOOGLE)
    return simulator.key.public()


@router.post("/token")
async def token(request: Request, simulator: Simulated, base_url: BaseUrl) -> JSONResponse:
    """Exchange a code for an access token and an id token."""
    simulator.faults.fail("token_error", GOOGLE)
    try:
        grant, access_token = await exchange(request, simulator, GOOGLE)
    except ExchangeRefusedError as refused:
        return _refused(refused.refusal)
    answer = _tokens(simulator, grant, access_token, f"{base_url}/google")
    if simulator.faults.take("token_without_access_token", GOOGLE):
        del answer["access_token"]
    if simulator.faults.take("token_without_id_token", GOOGLE):
        del answer["id_token"]
    return JSONResponse(answer, headers=NO_STORE)


@router.get("/userinfo")
async def userinfo(
    simulator: Simulated, authorization: Annotated[str | None, Header()] = None
) -> JSONResponse:
    """Who the bearer of an access token acts for."""
    simulator.faults.fail("user_error", GOOGLE)
    bearer = simulator.bearer(authorization or "", {"bearer"}, GOOGLE)
    if bearer is None:
        error = {"error": "invalid_request", "error_description": "Invalid Credentials"}
        challenge = {"WWW-Authenticate": 'Bearer realm="google", error="invalid_token"'}
        return JSONResponse(error, HTTPStatus.UNAUTHORIZED, challenge)
    grant, person = bearer
    return JSONResponse(claims_of(person, grant.request.scopes), headers=NO_STORE)


def _tokens(simulator: Simulator, grant: Grant, access_token: str, issuer: str) -> dict[str, Any]:
    person = simulator.people.find(GOOGLE, grant.subject)
    assert person is not None  # noqa: S101 - a reset forgets codes together with people
    return {
        "access_token": access_token,
        "expires_in": simulator.settings.token_seconds,
        "scope": " ".join(grant.request.scopes),
        "token_type": "Bearer",
        "id_token": id_token(simulator, grant, person, access_token=access_token, issuer=issuer),
    }


def _refused(refusal: Refusal) -> JSONResponse:
    error, description = REFUSALS[refusal]
    body = {"error": error, "error_description": description}
    if refusal is Refusal.BAD_CLIENT:
        challenge = {**NO_STORE, "WWW-Authenticate": 'Basic realm="google"'}
        return JSONResponse(body, HTTPStatus.UNAUTHORIZED, challenge)
    return JSONResponse(body, HTTPStatus.BAD_REQUEST, NO_STORE)
