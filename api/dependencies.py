"""What routes ask for by type."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie
from temporalio.client import Client

from api.problems import NotSignedIn
from api.sessions import SessionCookie
from api.settings import ApiSettings
from services.auth.accounts import Accounts
from services.auth.documents import User
from services.auth.store import AuthStore
from services.clock import now
from services.tickets.store import TicketStore

_documented = APIKeyCookie(
    name="session",
    scheme_name="session",
    description="Set by register and login. Over HTTPS its name is `__Host-session`.",
    auto_error=False,
)


def _settings(request: Request) -> ApiSettings:
    settings: ApiSettings = request.app.state.settings
    return settings


def _temporal(request: Request) -> Client:
    client: Client = request.app.state.temporal
    return client


def _tickets(request: Request) -> TicketStore:
    store: TicketStore = request.app.state.tickets
    return store


def _auth(request: Request) -> AuthStore:
    store: AuthStore = request.app.state.auth
    return store


def _accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.accounts
    return accounts


def _cookie(request: Request) -> SessionCookie:
    cookie: SessionCookie = request.app.state.session_cookie
    return cookie


Settings = Annotated[ApiSettings, Depends(_settings)]
Temporal = Annotated[Client, Depends(_temporal)]
Tickets = Annotated[TicketStore, Depends(_tickets)]
Auth = Annotated[AuthStore, Depends(_auth)]
AccountDesk = Annotated[Accounts, Depends(_accounts)]
Cookie = Annotated[SessionCookie, Depends(_cookie)]


def _token(request: Request, cookie: Cookie) -> str | None:
    return cookie.read(request)


SessionToken = Annotated[str | None, Depends(_token)]
"""The token that the browser sent; whether it opens a session is another question."""


async def _visitor(
    token: SessionToken, auth: Auth, _: Annotated[str | None, Security(_documented)]
) -> User | None:
    return None if token is None else await auth.session_user(token, now())


Visitor = Annotated[User | None, Depends(_visitor)]
"""Whoever is signed in, if anybody is."""


def _signed_in(visitor: Visitor) -> User:
    if visitor is None:
        raise NotSignedIn
    return visitor


CurrentUser = Annotated[User, Depends(_signed_in)]
"""Whoever is signed in; anybody else gets 401 before anything is looked at."""
