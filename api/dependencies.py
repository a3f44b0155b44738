"""What routes ask for by type.

What is asked for is always awaited, also where there is nothing to wait for: FastAPI has a plain
function run by another thread, for each request.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Request, Response, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from api.auth.desk import AccountDesk as Desk
from api.problems import InsufficientScope, NotSignedIn
from api.sessions import SessionCookie, SessionKeeper
from api.settings import ApiSettings
from services.auth.accounts import Accounts as AccountService
from services.auth.accounts import Errand, Visit
from services.auth.documents import Scope, User
from services.clock import now
from services.tickets.store import TicketStore

_by_cookie = APIKeyCookie(
    name="session",
    scheme_name="session",
    description="Set by register and login. Over HTTPS its name is `__Host-session`.",
    auto_error=False,
)
_by_token = HTTPBearer(
    scheme_name="token",
    description="A personal API token, `tex_…`, for programs. What it may do is in its scopes.",
    auto_error=False,
)


async def _settings(request: Request) -> ApiSettings:
    settings: ApiSettings = request.app.state.settings
    return settings


async def _tickets(request: Request) -> TicketStore:
    store: TicketStore = request.app.state.tickets
    return store


async def _accounts(request: Request) -> AccountService:
    accounts: AccountService = request.app.state.accounts
    return accounts


async def _account_desk(request: Request) -> Desk:
    desk: Desk = request.app.state.account_desk
    return desk


async def _cookie(request: Request) -> SessionCookie:
    cookie: SessionCookie = request.app.state.session_cookie
    return cookie


Settings = Annotated[ApiSettings, Depends(_settings)]
Tickets = Annotated[TicketStore, Depends(_tickets)]
Accounts = Annotated[AccountService, Depends(_accounts)]
AccountDesk = Annotated[Desk, Depends(_account_desk)]
Cookie = Annotated[SessionCookie, Depends(_cookie)]


async def _session_token(request: Request, cookie: Cookie) -> str | None:
    return cookie.read(request)


SessionToken = Annotated[str | None, Depends(_session_token)]
"""The token that the browser sent; whether it opens a session is another question."""


async def _browser(
    token: SessionToken,
    accounts: Accounts,
    cookie: Cookie,
    response: Response,
    user_agent: Annotated[str, Header(include_in_schema=False)] = "",
) -> SessionKeeper:
    return SessionKeeper(
        token, accounts=accounts, cookie=cookie, response=response, user_agent=user_agent
    )


Browser = Annotated[SessionKeeper, Depends(_browser)]
"""The browser that a request came from, and its session."""


AskWho = Callable[[], Awaitable[Visit | Errand | None]]


async def _who(
    token: SessionToken,
    accounts: Accounts,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_by_token)],
    _: Annotated[str | None, Security(_by_cookie)],
) -> AskWho:
    """A token of a program counts before a cookie, and a wrong one is not made good by a cookie."""

    async def ask() -> Visit | Errand | None:
        if bearer is not None:
            return await accounts.errand(bearer.credentials, now())
        return None if token is None else await accounts.visit(token, now())

    return ask


async def _guest(request: Request, ask: Annotated[AskWho, Depends(_who)]) -> Visit | Errand | None:
    guest = await ask()
    request.state.user_id = guest.user.id if guest else None  # the security log says who it was
    return guest


async def _still(ask: Annotated[AskWho, Depends(_who)]) -> Callable[[], Awaitable[bool]]:
    async def ask_again() -> bool:
        return await ask() is not None

    return ask_again


StillSignedIn = Annotated[Callable[[], Awaitable[bool]], Depends(_still)]
"""Asks whether session or token has lasted until now: for answers that outlive a request."""


Guest = Annotated[Visit | Errand | None, Depends(_guest)]
"""With what somebody came: a session, an API token, or nothing that is still good."""


async def _visitor(guest: Guest) -> User | None:
    return None if guest is None else guest.user


Visitor = Annotated[User | None, Depends(_visitor)]
"""Whoever is signed in, if anybody is."""


async def _somebody(guest: Guest) -> Visit | Errand:
    if guest is None:
        raise NotSignedIn
    return guest


async def _visit(guest: Annotated[Visit | Errand, Depends(_somebody)]) -> Visit:
    if isinstance(guest, Errand):
        raise InsufficientScope
    return guest


async def _user(
    guest: Annotated[Visit | Errand, Depends(_somebody)], required: SecurityScopes
) -> User:
    if isinstance(guest, Errand) and not all(guest.may(Scope(each)) for each in required.scopes):
        raise InsufficientScope
    return guest.user


SignedIn = Annotated[Visit, Depends(_visit)]
"""Somebody in front of a browser; a program with an API token is refused."""

CurrentUser = Annotated[User, Security(_user)]
"""Whoever is signed in, or a program of theirs, whatever it may do."""

Seller = Annotated[User, Security(_user, scopes=[Scope.TICKETS_WRITE])]
"""Somebody who may list tickets, or a program of theirs that may."""

Buyer = Annotated[User, Security(_user, scopes=[Scope.ORDERS_WRITE])]
"""Somebody who may buy, or a program of theirs that may."""

OrderReader = Annotated[User, Security(_user, scopes=[Scope.ORDERS_READ])]
"""Somebody who may look at their orders, or a program of theirs that may."""
