"""One's own account: password, sessions, API tokens, export, closing. Only from a browser."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api.answers import A_FILE, A_SESSION, PLACED
from api.auth.account import OwnAccount
from api.auth.account_schemas import (
    AccountView,
    Closing,
    Export,
    NewTokenView,
    PasswordChange,
    SessionList,
    TokenDraft,
    TokenList,
)
from api.dependencies import AccountDesk, Accounts, Browser, SignedIn
from api.limits import LimitDesk
from api.problems import (
    ForeignOrigin,
    InsufficientScope,
    InvalidRequest,
    NoPassword,
    NotFound,
    NotSignedIn,
    OpenOrders,
    Problem,
    SignInAgain,
    TooManyRequests,
    TooManyTokens,
    problems,
)
from services import security_log
from services.auth.accounts import WrongPasswordError
from services.clock import now
from services.limits.rules import Rule
from services.security_log import Event

router = APIRouter(prefix="/api/users/me", tags=["accounts"])

PublicId = Annotated[str, Path(max_length=64, description="Its id, as listed.")]
LOOKING: tuple[type[Problem], ...] = (NotSignedIn, InsufficientScope)
CHANGING: tuple[type[Problem], ...] = (*LOOKING, ForeignOrigin)


async def _own_account(request: Request) -> OwnAccount:
    account: OwnAccount = request.app.state.own_account
    return account


Own = Annotated[OwnAccount, Depends(_own_account)]


@router.get(
    "/account", operation_id="getAccount", summary="My account", responses=problems(*LOOKING)
)
async def account(visit: SignedIn, own: Own) -> AccountView:
    """Who I am here, and how I can sign in."""
    return await own.view(visit.user)


@router.put(
    "/password",
    status_code=204,
    operation_id="changePassword",
    summary="Change my password",
    responses={
        204: {"headers": A_SESSION},
        **problems(*CHANGING, NoPassword, InvalidRequest, TooManyRequests),
    },
)
async def change_password(
    body: PasswordChange, visit: SignedIn, accounts: Accounts, limits: LimitDesk, browser: Browser
) -> None:
    """Every session ends, and a new one begins here. API tokens stay."""
    await limits.hit(Rule.PASSWORD_USER, visit.user.id)
    try:
        changed = await accounts.change_password(visit, body.current_password, body.password, now())
    except WrongPasswordError:
        raise InvalidRequest.on("current_password", "Is not your password.") from None
    await limits.reset(Rule.PASSWORD_USER, visit.user.id)
    await browser.keep(changed)


@router.get(
    "/sessions",
    operation_id="listSessions",
    summary="Where I am signed in",
    responses=problems(*LOOKING),
)
async def sessions(visit: SignedIn, own: Own) -> SessionList:
    """The one seen last comes first."""
    return SessionList(items=await own.sessions(visit))


@router.delete(
    "/sessions",
    status_code=204,
    operation_id="endOtherSessions",
    summary="Sign out everywhere else",
    responses=problems(*CHANGING),
)
async def end_other_sessions(visit: SignedIn, accounts: Accounts) -> None:
    """All but the one that asks."""
    await accounts.access.sessions.close_all(visit.user.id, but=visit.session.id)
    security_log.record(Event.SESSION_REVOKED, user_id=visit.user.id)


@router.delete(
    "/sessions/{session_id}",
    status_code=204,
    operation_id="endSession",
    summary="End a session",
    responses=problems(*CHANGING, NotFound),
)
async def end_session(session_id: PublicId, visit: SignedIn, accounts: Accounts) -> None:
    """Also the one that asks."""
    if not await accounts.access.sessions.close_one(visit.user.id, session_id):
        raise NotFound
    security_log.record(Event.SESSION_REVOKED, user_id=visit.user.id, session_id=session_id)


@router.get(
    "/tokens", operation_id="listTokens", summary="My API tokens", responses=problems(*LOOKING)
)
async def tokens(visit: SignedIn, own: Own) -> TokenList:
    """The newest first; what they are recognised by is not shown again."""
    return TokenList(items=await own.tokens(visit.user))


@router.post(
    "/tokens",
    status_code=201,
    operation_id="createToken",
    summary="Make an API token",
    responses={
        201: {"headers": PLACED},
        **problems(*CHANGING, TooManyTokens, InvalidRequest, TooManyRequests),
    },
)
async def create_token(
    body: TokenDraft, visit: SignedIn, own: Own, limits: LimitDesk, response: Response
) -> NewTokenView:
    """The answer shows the token, this once."""
    await limits.hit(Rule.TOKEN_USER, visit.user.id)
    made = await own.make_token(visit.user, body)
    response.headers["Location"] = f"/api/users/me/tokens/{made.id}"
    return made


@router.delete(
    "/tokens/{token_id}",
    status_code=204,
    operation_id="revokeToken",
    summary="Revoke an API token",
    responses=problems(*CHANGING, NotFound),
)
async def revoke_token(token_id: PublicId, visit: SignedIn, accounts: Accounts) -> None:
    """At once: its next request is nobody's."""
    if not await accounts.access.tokens.revoke(visit.user.id, token_id):
        raise NotFound
    security_log.record(Event.TOKEN_REVOKED, user_id=visit.user.id, token_id=token_id)


@router.get(
    "/export",
    operation_id="exportAccount",
    summary="All that is kept about me",
    responses={200: {"headers": A_FILE}, **problems(*LOOKING, TooManyRequests)},
)
async def export(visit: SignedIn, own: Own, limits: LimitDesk, response: Response) -> Export:
    """To be kept as a file."""
    await limits.hit(Rule.EXPORT_USER, visit.user.id)
    response.headers["Content-Disposition"] = 'attachment; filename="ticket-exchange.json"'
    return await own.export(visit)


@router.post(
    "/close",
    status_code=204,
    operation_id="closeAccount",
    summary="Close my account",
    responses=problems(*CHANGING, SignInAgain, OpenOrders, InvalidRequest, TooManyRequests),
)
async def close(
    body: Closing, visit: SignedIn, desk: AccountDesk, limits: LimitDesk, browser: Browser
) -> None:
    """For good. Listings go off the market; orders stay, without name, address and card."""
    await limits.hit(Rule.PASSWORD_USER, visit.user.id)
    await desk.close(visit, body.password)
    await browser.forget()
