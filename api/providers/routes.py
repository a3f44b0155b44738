"""Sign in with a provider; link one to an account, or unlink it."""

from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, RedirectResponse

from api.dependencies import Browser, SessionToken, Settings, SignedIn
from api.limits import limited
from api.problems import (
    ForeignOrigin,
    InsufficientScope,
    LastWayIn,
    NotFound,
    NotSignedIn,
    TooManyRequests,
    problems,
)
from api.providers.desk import ProviderDesk, Returned
from api.providers.journey import Traveller
from api.providers.pages import STYLE, PageRoute, pages
from api.providers.schemas import Callback, Departure, Next, ProviderName
from services.limits.rules import Rule

for_browsers = APIRouter(prefix="/api/auth", tags=["accounts"], route_class=PageRoute)
router = APIRouter(tags=["accounts"])

COUNTED: Final = [Depends(limited(Rule.SIGN_IN_PROVIDER))]
REDIRECT: Final[dict[int | str, dict[str, Any]]] = {
    302: {
        "description": "On to there.",
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
}


@for_browsers.get("/page.css", include_in_schema=False)
async def style() -> FileResponse:
    """How the pages look."""
    return FileResponse(STYLE, headers={"Cache-Control": "public, max-age=3600"})


@for_browsers.get(
    "/{provider}/login",
    status_code=302,
    dependencies=COUNTED,
    response_class=RedirectResponse,
    operation_id="leaveForProvider",
    summary="Sign in with a provider",
    responses={
        **REDIRECT,
        **pages(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.NOT_FOUND,
            HTTPStatus.TOO_MANY_REQUESTS,
            HTTPStatus.BAD_GATEWAY,
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
    },
)
async def login(
    provider: ProviderName,
    traveller: Traveller,
    settings: Settings,
    request: Request,
    next_path: Next = "/",
) -> str:
    """Open this address in a browser. The way leads to the provider and back to `next`.

    Authorization code with PKCE, state and, at Google, nonce; what was begun is good for ten
    minutes, once, in this browser.
    """
    if _by_our_other_name(request, settings):
        return f"{settings.url}{request.url.path}?{request.url.query}"
    return await traveller.leave(provider, next_path)


@for_browsers.get(
    "/{provider}/callback",
    status_code=302,
    dependencies=COUNTED,
    response_class=RedirectResponse,
    operation_id="returnFromProvider",
    summary="Come back from a provider",
    responses={
        **REDIRECT,
        **pages(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.FORBIDDEN,
            HTTPStatus.NOT_FOUND,
            HTTPStatus.CONFLICT,
            HTTPStatus.TOO_MANY_REQUESTS,
            HTTPStatus.BAD_GATEWAY,
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
    },
)
async def callback(
    provider: ProviderName,
    query: Annotated[Callback, Query()],
    traveller: Traveller,
    browser: Browser,
    session_token: SessionToken,
) -> str:
    """Providers send browsers here. A session begins, or the identity is linked.

    Who somebody is, is the provider's id of them; an address that it has verified leads to the
    account that has confirmed the same address, and otherwise to a new one.
    """
    returned = Returned(query.state, query.code, query.error, query.iss)
    return await traveller.arrive(provider, returned, browser, session_token)


@router.post(
    "/api/auth/{provider}/link",
    dependencies=COUNTED,
    operation_id="linkProvider",
    summary="Add a provider to this account",
    responses=problems(NotSignedIn, ForeignOrigin, InsufficientScope, NotFound, TooManyRequests),
)
async def link(
    provider: ProviderName, traveller: Traveller, visit: SignedIn, next_path: Next = "/account"
) -> Departure:
    """Send the browser to `url`. It must still be signed in to this account when it comes back."""
    return Departure(url=await traveller.leave(provider, next_path, visit))


async def _desk(request: Request) -> ProviderDesk:
    desk: ProviderDesk = request.app.state.provider_desk
    return desk


Desk = Annotated[ProviderDesk, Depends(_desk)]


@router.delete(
    "/api/users/me/identities/{provider}",
    status_code=204,
    operation_id="unlinkProvider",
    summary="Remove a provider from this account",
    responses=problems(NotSignedIn, ForeignOrigin, InsufficientScope, NotFound, LastWayIn),
)
async def unlink(provider: ProviderName, desk: Desk, visit: SignedIn) -> None:
    """Sessions that it has begun go on. Without a password, the last provider stays."""
    await desk.unlink(visit, provider)


def _by_our_other_name(request: Request, settings: Settings) -> bool:
    """One machine is both 127.0.0.1 and localhost, but cookies of one are not the other's.

    Providers send people back to the public one; only there can we recognise their browser.
    """
    others = {urlsplit(origin).netloc for origin in settings.own_origins}
    here = request.headers.get("host", "")
    return here in others and here != urlsplit(settings.url).netloc
