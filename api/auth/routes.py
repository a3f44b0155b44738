"""Register, sign in, sign out; prove an address, set a password with a link from the mail."""

from fastapi import APIRouter, Depends

from api.answers import ALSO_SIGNED_OUT, SIGNED_IN
from api.auth.schemas import Confirm, Login, Register, ResetConfirm, ResetRequest, UserView
from api.dependencies import (
    AccountDesk,
    Accounts,
    Browser,
    CurrentUser,
    SignedIn,
    Visitor,
)
from api.limits import ClientAddress, LimitDesk, limited
from api.problems import (
    ForeignOrigin,
    InsufficientScope,
    InvalidRequest,
    NotSignedIn,
    ProofNeeded,
    TooManyRequests,
    WrongCredentials,
    problems,
)
from services.auth.documents import User
from services.clock import now
from services.limits.rules import Rule
from services.text import fold

router = APIRouter(prefix="/api/users", tags=["accounts"])


@router.post(
    "/register",
    status_code=201,
    response_model=UserView,
    operation_id="register",
    summary="Open an account and sign in",
    dependencies=[Depends(limited(Rule.REGISTRATION))],
    responses={201: SIGNED_IN, **problems(ForeignOrigin, InvalidRequest, TooManyRequests)},
)
async def register(body: Register, desk: AccountDesk, limits: LimitDesk, browser: Browser) -> User:
    """The answer is the same whether the address is known here or not.

    An address belongs to whoever confirms it with the link that is mailed now; until then any
    number of accounts may bear it. The session that the browser had before ends.
    """
    await limits.hit(Rule.REGISTRATION_EMAIL, fold(body.email))
    signed_in = await desk.register(body.email, body.password, browser.user_agent)
    return await browser.keep(signed_in)


@router.post(
    "/login",
    response_model=UserView,
    operation_id="login",
    summary="Sign in",
    dependencies=[Depends(limited(Rule.LOGIN))],
    responses={
        200: SIGNED_IN,
        **problems(WrongCredentials, ForeignOrigin, InvalidRequest, TooManyRequests),
    },
)
async def login(
    body: Login, accounts: Accounts, limits: LimitDesk, address: ClientAddress, browser: Browser
) -> User:
    """Each sign-in is a session of its own; the one that the browser had before ends.

    Every try counts before the password is looked at; the right one makes the others forgotten.
    """
    tries = (Rule.LOGIN_ACCOUNT, fold(body.email), address)
    await limits.hit(*tries)
    signed_in = await accounts.sign_in(body.email, body.password, now(), browser.user_agent)
    await limits.reset(*tries)
    return await browser.keep(signed_in)


@router.post(
    "/logout",
    status_code=204,
    operation_id="logout",
    summary="Sign out",
    responses=problems(ForeignOrigin),
)
async def logout(browser: Browser) -> None:
    """The session is dead on the server too. Without a session there is nothing to do."""
    await browser.forget()


@router.get(
    "/me",
    response_model=UserView,
    operation_id="me",
    summary="Who is signed in",
    responses=problems(NotSignedIn),
)
async def me(user: CurrentUser) -> User:
    """The user whose session or API token this is."""
    return user


@router.post(
    "/verification",
    status_code=202,
    operation_id="sendVerification",
    summary="Have the confirmation link mailed again",
    responses=problems(NotSignedIn, ForeignOrigin, InsufficientScope, TooManyRequests),
)
async def send_verification(visit: SignedIn, desk: AccountDesk, limits: LimitDesk) -> None:
    """Nothing is mailed when the address is confirmed already."""
    await limits.hit(Rule.VERIFICATION_USER, visit.user.id)
    await desk.send_verification(visit.user)


@router.post(
    "/verification/confirm",
    response_model=UserView,
    operation_id="confirmAddress",
    summary="Confirm the address with a link from the mail",
    dependencies=[Depends(limited(Rule.CONFIRM))],
    responses=problems(ForeignOrigin, ProofNeeded, InvalidRequest, TooManyRequests),
    openapi_extra=ALSO_SIGNED_OUT,
)
async def confirm_address(
    body: Confirm, visitor: Visitor, accounts: Accounts, browser: Browser
) -> User:
    """Whoever is signed in to the account only confirms; anybody else chooses a new password.

    A stranger may have opened the account with a password of theirs: a link alone must not make it
    good. With a new password, every session, API token and provider from before is void.
    """
    confirmed = await accounts.confirm_address(
        body.token, visitor, body.password, now(), browser.user_agent
    )
    return confirmed if isinstance(confirmed, User) else await browser.keep(confirmed)


@router.post(
    "/password-reset",
    status_code=202,
    operation_id="sendPasswordReset",
    summary="Have a link mailed that sets a new password",
    dependencies=[Depends(limited(Rule.PASSWORD_RESET))],
    responses=problems(ForeignOrigin, InvalidRequest, TooManyRequests),
)
async def send_password_reset(body: ResetRequest, desk: AccountDesk, limits: LimitDesk) -> None:
    """The answer is the same whether the address is known here or not."""
    await limits.hit(Rule.PASSWORD_RESET_EMAIL, fold(body.email))
    await desk.send_reset(body.email)


@router.post(
    "/password-reset/confirm",
    response_model=UserView,
    operation_id="resetPassword",
    summary="Set a new password with a link from the mail",
    dependencies=[Depends(limited(Rule.CONFIRM))],
    responses={200: SIGNED_IN, **problems(ForeignOrigin, InvalidRequest, TooManyRequests)},
)
async def reset_password(body: ResetConfirm, accounts: Accounts, browser: Browser) -> User:
    """Works once. Every session, API token and provider from before is void; a session begins."""
    signed_in = await accounts.reset_password(body.token, body.password, now(), browser.user_agent)
    return await browser.keep(signed_in)
