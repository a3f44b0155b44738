"""The stand-in for Stripe.js: one script for pages, and the frames that it opens."""

import os
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope
from typing_extensions import override

FOLDER: Final = Path(__file__).with_name("js")
HOST: Final = ("errors", "frame", "challenge", "payment-element", "elements", "billing", "stripe")
ORIGIN: Final = "const ORIGIN = new URL(document.currentScript.src).origin;"
FRESH: Final = {"Cache-Control": "no-cache"}
"""A browser asks each time: the stack may have been updated."""


def routes() -> list[Route | Mount]:
    """The paths below ``/v3``."""
    return [
        Route("/", _script),
        Route("/api.js", _shared),
        Mount("/frames", Frames(directory=FOLDER / "frames")),
    ]


class Frames(StaticFiles):
    """What is shown inside other people's pages; nothing from elsewhere gets into it."""

    @override
    def file_response(
        self,
        full_path: PathLike,
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = HTTPStatus.OK,
    ) -> Response:
        """The file, with what browsers are to know about it."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(FRESH | {"Content-Security-Policy": "default-src 'self'"})
        return response


async def _script(_: Request) -> Response:
    return _javascript(script())


async def _shared(_: Request) -> Response:
    return _javascript((FOLDER / "api.js").read_text())


@cache
def script() -> str:
    """All parts of the page's side as one script that leaves nothing behind but ``Stripe``."""
    parts: Iterable[Path] = (
        FOLDER / "api.js",
        *(FOLDER / "host" / f"{name}.js" for name in HOST),
    )
    body = "\n".join(part.read_text() for part in parts)
    return f'"use strict";\n(() => {{\n{ORIGIN}\n{body}}})();\n'


def _javascript(text: str) -> Response:
    return Response(text, headers=FRESH, media_type="text/javascript")
