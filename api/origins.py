"""Which pages may speak to us from a browser. Pure ASGI."""

from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import ForeignOrigin, render
from services import security_log
from services.security_log import Event

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
WEBHOOKS: Final = "/api/webhooks/"
ELSEWHERE: Final = frozenset({"cross-site", "same-site"})
"""What ``Sec-Fetch-Site`` says of a page of another site, and of a neighbour under our domain."""


class SameOrigin:
    """Lets pages of other sites change nothing, neither for a signed-in user nor by signing one in.

    A browser puts ``Origin`` on every unsafe request of a page, and ``Sec-Fetch-Site`` beside it;
    programs need neither. Two kinds of request are not asked: webhooks, which are signed, and those
    that bring a token and no cookie, because a browser adds no token by itself.
    """

    def __init__(self, app: ASGIApp, cookie: str, origins: frozenset[str]) -> None:
        self._app = app
        self._cookie = cookie
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and self._is_foreign(scope):
            security_log.record(Event.FOREIGN_ORIGIN, method=scope["method"])
            await render(ForeignOrigin())(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        if scope["method"] in SAFE_METHODS or scope["path"].startswith(WEBHOOKS):
            return False
        headers = Headers(scope=scope)
        cookies = cookie_parser("; ".join(headers.getlist("cookie")))
        if "authorization" in headers and self._cookie not in cookies:
            return False
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site") in ELSEWHERE
        return origin not in self._origins


class TrustedPages:
    """Lets pages of these very origins read our answers; nobody else hears of CORS at all."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._cors = CORSMiddleware(
            app,
            allow_origins=self._origins,
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Content-Type", "Idempotency-Key"],
            expose_headers=["Location", "Retry-After", "X-Request-ID"],
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """By itself Starlette's middleware tells strangers what friends may do."""
        trusted = scope["type"] == "http" and Headers(scope=scope).get("origin") in self._origins
        await (self._cors if trusted else self._app)(scope, receive, send)
