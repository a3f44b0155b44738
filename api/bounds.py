"""How much of a request we are willing to read. Pure ASGI."""

import re
from itertools import accumulate
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.origins import SAFE_METHODS, WEBHOOKS
from api.problems import (
    AddressTooLong,
    BadRequest,
    BodyTooLarge,
    HeadersTooLarge,
    Problem,
    UnsupportedMediaType,
    render,
)

KIB: Final = 1024
ADDRESS_LIMIT: Final = 8 * KIB
PARAMETER_LIMIT: Final = 64
HEADER_LIMIT: Final = 32 * KIB
HEADERS_LIMIT: Final = 100
BODY_LIMIT: Final = 64 * KIB
WEBHOOK_BODY_LIMIT: Final = 256 * KIB
DEPTH_LIMIT: Final = 32
"""Our own requests are four deep at most, Stripe's events about ten."""

REPORTS: Final = "/api/reports/"
JSON: Final = frozenset({"application/json"})
REPORT_JSON: Final = JSON | {"application/reports+json"}

TEXTS: Final = re.compile(rb'"(?:[^"\\]+|\\.)*"?', re.DOTALL)
"""Texts of a JSON document, also an unfinished one: it cannot fail, and so takes linear time."""
STEPS: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
OTHER_BYTES: Final = bytes(byte for byte in range(256) if byte not in STEPS)


class Bounds:
    """Refuses what is longer, larger or deeper than any request of ours, and what is not JSON.

    A form or plain text can be sent by a page of any site without asking; JSON cannot. What is read
    here is passed on as one piece.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it. Bodies of safe methods are left unread."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _check_head(scope)
            if scope["method"] not in SAFE_METHODS:
                receive = await _read(scope, receive)
        except Problem as problem:
            await render(problem)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def depth(document: bytes) -> int:
    """How deep the lists and objects of a JSON document are nested; it need not be a valid one."""
    brackets = TEXTS.sub(b"", document).translate(None, delete=OTHER_BYTES)
    return max(accumulate(map(STEPS.__getitem__, brackets), initial=0))


def _check_head(scope: Scope) -> None:
    query: bytes = scope["query_string"]
    if len(scope["path"]) + len(query) > ADDRESS_LIMIT or query.count(b"&") >= PARAMETER_LIMIT:
        raise AddressTooLong
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    size = sum(len(name) + len(value) for name, value in headers)
    if size > HEADER_LIMIT or len(headers) > HEADERS_LIMIT:
        raise HeadersTooLarge


async def _read(scope: Scope, receive: Receive) -> Receive:
    """The whole body, checked, as something to receive it from."""
    is_webhook = scope["path"].startswith(WEBHOOKS)
    headers = Headers(scope=scope)
    limit = WEBHOOK_BODY_LIMIT if is_webhook else BODY_LIMIT
    declared = headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > len(str(limit)) or int(declared) > limit):
        raise BodyTooLarge
    body = b""
    message: Message = {"more_body": True}
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > limit:
            raise BodyTooLarge
    if body and not is_webhook:  # Stripe's signature says more than any media type
        _check_media_type(scope["path"], headers)
    if depth(body) > DEPTH_LIMIT:
        raise BadRequest(f"JSON may be nested {DEPTH_LIMIT} deep at most.")
    return _once({**message, "body": body}, then=receive)


def _check_media_type(path: str, headers: Headers) -> None:
    told = headers.get("content-type", "").partition(";")[0].strip().lower()
    if told not in (REPORT_JSON if path.startswith(REPORTS) else JSON):
        raise UnsupportedMediaType


def _once(first: Message, then: Receive) -> Receive:
    """A message that was received already, and after it what comes."""
    waiting = [first]

    async def receive() -> Message:
        return waiting.pop() if waiting else await then()

    return receive
