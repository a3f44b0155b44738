"""What happens to every request, whatever its route. Pure ASGI: bodies and streams pass through."""

import re
import time
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import uuid4

import structlog
from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import BodyTooLarge, ForeignOrigin, render
from api.translation import unexpected

KIB: Final = 1024
BODY_LIMIT: Final = 64 * KIB
WEBHOOKS: Final = "/api/webhooks/"
WEBHOOK_BODY_LIMIT: Final = 256 * KIB
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")

log = structlog.get_logger("api")


class RequestContext:
    """Gives the request an id, its answer the headers that all answers have, and the log a line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Also the last resort: what nobody foresaw is logged and answered with the id only."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Headers(scope=scope)
        request_id = _request_id(request)
        answer = _Answer(
            send, request_id, private="cookie" in request or "authorization" in request
        )
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer.send)
            except Exception:
                log.exception("unexpected_error", method=scope["method"], route=_route(scope))
                if answer.status is not None:
                    raise  # too late for an answer: the server must break the connection off
                await unexpected(request_id)(scope, receive, answer.send)
            log.info(
                "request",
                method=scope["method"],
                route=_route(scope),
                status=answer.status,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )


class _Answer:
    """An answer on its way out."""

    def __init__(self, send: Send, request_id: str, *, private: bool) -> None:
        self._send = send
        self._request_id = request_id
        self._private = private
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            headers["X-Content-Type-Options"] = "nosniff"
            if self._private or "set-cookie" in headers:
                headers.setdefault("Cache-Control", "no-store")
        await self._send(message)


def _request_id(request: Headers) -> str:
    """The ingress' id if it looks like one, so that nobody writes into our logs through it."""
    given = request.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid4().hex


def _route(scope: Scope) -> str | None:
    """The route's template: what stands in its place in a path may be personal."""
    return getattr(scope.get("route"), "path", None)


class SameOrigin:
    """Lets pages of other sites change nothing in a signed-in user's name.

    A browser puts ``Origin`` on every unsafe request of a page; programs need not. Requests without
    our cookie are nobody's, and webhooks are signed.
    """

    def __init__(self, app: ASGIApp, cookie: str, origins: frozenset[str]) -> None:
        self._app = app
        self._cookie = cookie
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and self._is_foreign(scope):
            await render(ForeignOrigin())(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        if scope["method"] in SAFE_METHODS or scope["path"].startswith(WEBHOOKS):
            return False
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        cookies = cookie_parser("; ".join(headers.getlist("cookie")))
        return self._cookie in cookies and origin is not None and origin not in self._origins


class BodyLimit:
    """Refuses bodies larger than any request of ours, declared or chunked."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what says that it is too large; count what does not say."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = WEBHOOK_BODY_LIMIT if scope["path"].startswith(WEBHOOKS) else BODY_LIMIT
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            await render(BodyTooLarge())(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: int) -> Callable[[], Awaitable[Message]]:
    """FastAPI lets only its own exception through while it reads a body; 413 says which it is."""
    total = 0

    async def receive_within_limit() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > limit:
            raise HTTPException(status_code=BodyTooLarge.status)
        return message

    return receive_within_limit
