"""GitHub: OAuth with answers of its own, and the two API calls that a sign-in needs."""

from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from devstack.simulators.signin.errors import ExchangeRefusedError, Refusal
from devstack.simulators.signin.exchange import exchange
from devstack.simulators.signin.grants import Grant
from devstack.simulators.signin.people import Person
from devstack.simulators.signin.settings import Provider
from devstack.simulators.signin.sign_in import sign_in_routes
from devstack.simulators.signin.simulator import Bearer, Simulated, Simulator

GITHUB: Final = Provider.GITHUB
DOCS: Final = "https://docs.github.com"
TROUBLE: Final = (
    f"{DOCS}/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors"
)
BAD_CODE: Final = ("bad_verification_code", "The code passed is incorrect or expired.")
REFUSALS: Final = {
    Refusal.BAD_REQUEST: ("invalid_request", "A parameter is missing or given twice."),
    Refusal.OTHER_GRANT: ("unsupported_grant_type", "The grant type is not supported."),
    Refusal.BAD_CLIENT: (
        "incorrect_client_credentials",
        "The client_id and/or client_secret passed are incorrect.",
    ),
    Refusal.BAD_CODE: BAD_CODE,
    Refusal.OTHER_REDIRECT: (
        "redirect_uri_mismatch",
        "The redirect_uri MUST match the registered callback URL for this application.",
    ),
    Refusal.NO_VERIFIER: BAD_CODE,
    Refusal.WRONG_VERIFIER: BAD_CODE,
}
"""GitHub documents no words of its own for a verifier that does not fit the code."""

router = APIRouter(prefix="/github", tags=["github"])
router.include_router(sign_in_routes(GITHUB, "/login/oauth/authorize"))


@router.post("/login/oauth/access_token")
async def access_token(
    request: Request, simulator: Simulated, accept: Annotated[str, Header()] = ""
) -> Response:
    """Exchange a code for an access token; refusals are a 200 with an ``error``."""
    simulator.faults.fail("token_error", GITHUB)
    try:
        grant, token = await exchange(request, simulator, GITHUB)
    except ExchangeRefusedError as refused:
        return _in_wanted_form(_refusal(refused.refusal), accept)
    answer = {
        "access_token": token,
        "scope": ",".join(grant.request.scopes),
        "token_type": "bearer",
    }
    if simulator.faults.take("token_without_access_token", GITHUB):
        del answer["access_token"]
    return _in_wanted_form(answer, accept)


@router.get("/api/user")
async def user(request: Request, simulator: Simulated) -> JSONResponse:
    """Who the token acts for; the address only if it is public."""
    simulator.faults.fail("user_error", GITHUB)
    found = _authenticated(request, simulator)
    if isinstance(found, JSONResponse):
        return found
    grant, person = found
    return JSONResponse(
        {
            "login": person.login,
            "id": int(person.subject),
            "type": "User",
            "name": person.name,
            "email": None if person.hide_email else person.email,
        },
        headers=_scopes(grant),
    )


@router.get("/api/user/emails")
async def emails(request: Request, simulator: Simulated) -> JSONResponse:
    """All addresses; without the scope ``user:email`` there is no such page."""
    simulator.faults.fail("emails_error", GITHUB)
    found = _authenticated(request, simulator)
    if isinstance(found, JSONResponse):
        return found
    grant, person = found
    if not {"user:email", "user"} & set(grant.request.scopes):
        return _api_error(HTTPStatus.NOT_FOUND, "Not Found", _scopes(grant))
    return JSONResponse(_addresses(person), headers=_scopes(grant))


def _authenticated(request: Request, simulator: Simulator) -> Bearer | JSONResponse:
    """The bearer of ``Bearer TOKEN`` or ``token TOKEN``, or GitHub's refusal."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return _api_error(HTTPStatus.UNAUTHORIZED, "Requires authentication")
    bearer = simulator.bearer(authorization, {"bearer", "token"}, GITHUB)
    return bearer or _api_error(HTTPStatus.UNAUTHORIZED, "Bad credentials")


def _addresses(person: Person) -> list[dict[str, Any]]:
    primary = {
        "email": person.email,
        "primary": True,
        "verified": person.email_verified,
        "visibility": "private" if person.hide_email else "public",
    }
    more = [
        {"email": each.email, "primary": False, "verified": each.verified, "visibility": None}
        for each in person.more_emails
    ]
    return [primary, *more]


def _scopes(grant: Grant) -> dict[str, str]:
    return {"X-OAuth-Scopes": ", ".join(grant.request.scopes)}


def _refusal(refusal: Refusal) -> dict[str, str]:
    error, description = REFUSALS[refusal]
    return {
        "error": error,
        "error_description": description,
        "error_uri": f"{TROUBLE}/#{error.replace('_', '-')}",
    }


def _in_wanted_form(answer: dict[str, str], accept: str) -> Response:
    """JSON for those who ask for it, a form for all others."""
    if "application/json" in accept:
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})
    return Response(
        urlencode(answer),
        headers={"Cache-Control": "no-store"},
        media_type="application/x-www-form-urlencoded",
    )


def _api_error(
    status: HTTPStatus, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    body = {"message": message, "documentation_url": f"{DOCS}/rest", "status": str(status.value)}
    return JSONResponse(body, status, headers)
