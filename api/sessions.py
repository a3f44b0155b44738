"""The session cookie, and the browser that keeps it."""

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from services.auth.accounts import Accounts, SignedIn
from services.auth.documents import User
from services.auth.sessions import ABSOLUTE_LIFE
from services.auth.tokens import TOKEN_LENGTH

USER_AGENT_LENGTH: Final = 200


class TokenCookie:
    """Carries a token between browser and API, out of reach of scripts.

    Over HTTPS the ``__Host-`` prefix ties it to this very host; browsers refuse that over HTTP.
    """

    def __init__(self, name: str, *, https: bool, life: timedelta) -> None:
        self._https = https
        self._life = life
        self.name = f"__Host-{name}" if https else name

    def read(self, request: Request) -> str | None:
        """The token; a cookie that cannot be one of ours is no cookie."""
        token = request.cookies.get(self.name, "")
        return token if len(token) == TOKEN_LENGTH and token.isascii() else None

    def set(self, response: Response, token: str) -> None:
        """Have the browser keep the token as long as what it opens can last."""
        response.set_cookie(
            self.name,
            token,
            max_age=int(self._life.total_seconds()),
            path="/",
            secure=self._https,
            httponly=True,
            samesite="lax",
        )

    def clear(self, response: Response) -> None:
        """Have the browser forget the token."""
        response.delete_cookie(
            self.name, path="/", secure=self._https, httponly=True, samesite="lax"
        )


class SessionCookie(TokenCookie):
    """Opens a session."""

    def __init__(self, *, https: bool) -> None:
        super().__init__("session", https=https, life=ABSOLUTE_LIFE)


class SessionKeeper:
    """The browser that a request came from; it keeps at most one session."""

    def __init__(
        self,
        token: str | None,
        *,
        accounts: Accounts,
        cookie: SessionCookie,
        response: Response,
        user_agent: str,
    ) -> None:
        self._token = token
        self._accounts = accounts
        self._cookie = cookie
        self._response = response
        printable = "".join(each for each in user_agent if each.isprintable())
        self.user_agent = printable[:USER_AGENT_LENGTH] or None
        """What it calls itself, to tell sessions apart."""

    async def keep(self, signed_in: SignedIn) -> User:
        """Give it the session that has just begun; the one that it had before ends."""
        await self._accounts.sign_out(self._token)
        self._cookie.set(self._response, signed_in.token)
        return signed_in.user

    async def forget(self) -> None:
        """End its session, here and on the server. Without one there is nothing to do."""
        await self._accounts.sign_out(self._token)
        self._cookie.clear(self._response)
