"""The session cookie."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from services.auth.store import ABSOLUTE_LIFE

TOKEN_LENGTH: Final = 43
"""Of ``secrets.token_urlsafe(32)``."""


class SessionCookie:
    """Carries a session's token between browser and API, out of reach of scripts.

    Over HTTPS the ``__Host-`` prefix ties it to this very host; browsers refuse that over HTTP.
    """

    def __init__(self, *, https: bool) -> None:
        self._https = https
        self.name = "__Host-session" if https else "session"

    def read(self, request: Request) -> str | None:
        """The token; a cookie that cannot be one of ours is no cookie."""
        token = request.cookies.get(self.name, "")
        return token if len(token) == TOKEN_LENGTH and token.isascii() else None

    def set(self, response: Response, token: str) -> None:
        """Have the browser keep the token as long as a session can last."""
        response.set_cookie(
            self.name,
            token,
            max_age=int(ABSOLUTE_LIFE.total_seconds()),
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
