"""Register, sign in, sign out."""

from fastapi import APIRouter, Response

from api.auth.schemas import Login, Register, UserView
from api.dependencies import AccountDesk, Cookie, CurrentUser, SessionToken
from api.problems import (
    EmailTaken,
    ForeignOrigin,
    InvalidRequest,
    NotSignedIn,
    WrongCredentials,
    problems,
)
from services.auth.documents import User
from services.clock import now

router = APIRouter(prefix="/api/users", tags=["accounts"])


@router.post(
    "/register",
    status_code=201,
    response_model=UserView,
    operation_id="register",
    summary="Open an account and sign in",
    responses=problems(ForeignOrigin, EmailTaken, InvalidRequest),
)
async def register(
    body: Register, accounts: AccountDesk, cookie: Cookie, old: SessionToken, response: Response
) -> User:
    """The session that the browser had before ends."""
    signed_in = await accounts.register(body.email, body.password, now())
    await accounts.sign_out(old)
    cookie.set(response, signed_in.token)
    return signed_in.user


@router.post(
    "/login",
    response_model=UserView,
    operation_id="login",
    summary="Sign in",
    responses=problems(WrongCredentials, ForeignOrigin, InvalidRequest),
)
async def login(
    body: Login, accounts: AccountDesk, cookie: Cookie, old: SessionToken, response: Response
) -> User:
    """Each sign-in is a session of its own; the one that the browser had before ends."""
    signed_in = await accounts.sign_in(body.email, body.password, now())
    await accounts.sign_out(old)
    cookie.set(response, signed_in.token)
    return signed_in.user


@router.post(
    "/logout",
    status_code=204,
    operation_id="logout",
    summary="Sign out",
    responses=problems(ForeignOrigin),
)
async def logout(
    accounts: AccountDesk, cookie: Cookie, token: SessionToken, response: Response
) -> None:
    """The session is dead on the server too. Without a session there is nothing to do."""
    await accounts.sign_out(token)
    cookie.clear(response)


@router.get(
    "/me",
    response_model=UserView,
    operation_id="me",
    summary="Who is signed in",
    responses=problems(NotSignedIn),
)
async def me(user: CurrentUser) -> User:
    """The user whose session this is."""
    return user
