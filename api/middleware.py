"""What happens to every request, whatever its route. Pure ASGI: bodies and streams pass through."""

import re
import time
from collections.abc import Mapping
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.addresses import neighbourhood
from api.translation import unexpected
from services import logs, security_log

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")

log = structlog.get_logger("api")


class RequestContext:
    """Gives the request an id, its answer the headers that all answers have, and the log a line."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Also the last resort: what nobody foresaw is logged and answered with the id only."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Headers(scope=scope)
        request_id = _request_id(request)
        answer = _Answer(
            send,
            {**self._headers, "X-Request-ID": request_id},
            private="cookie" in request or "authorization" in request,
        )
        network = neighbourhood(scope["client"][0] if scope.get("client") else None)
        started = time.perf_counter()
        with logs.request(request_id), security_log.seen_from(network):
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

    def __init__(self, send: Send, headers: Mapping[str, str], *, private: bool) -> None:
        self._send = send
        self._headers = headers
        self._private = private
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)  # a page may be stricter about itself
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
