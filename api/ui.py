"""The web client: its built files, from the same origin as the API that it speaks to.

Whatever no route of the API answers is the client's. A page's address is the client's own affair,
so that each gets the one HTML file, and the script in it decides what to show.
"""

import os
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from api.settings import ApiSettings

CHECKOUT_BUILD: Final = Path(__file__).parent.parent / "ui" / "dist"
PAGE: Final = "index.html"
HASHED: Final = "assets/"
OURS: Final = ("/api/", "/healthz/", "/readyz/", "/metrics/")
"""Where a missing address is a problem, not a page."""
COMPRESSED: Final = {"br": ".br", "gzip": ".gz"}
"""Written beside each file by the build, best first."""
HINT: Final = "signed-in"
FOR_EVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"
NOT_BUILT: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Ticket Exchange</title>
<h1>The web client is not built</h1>
<p>The API runs: see <a href="/api/docs">its documentation</a>. To build the pages, run
<code>make ui</code> in the checkout, or name the folder of a build in <code>UI_DIR</code>.</p>
</html>
"""


class WebClient(StaticFiles):
    """The files of one build. It may be built, or built anew, while it is served."""

    def __init__(self, folder: Path, session_cookie: str, *, https: bool) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._folder = folder
        self._session_cookie = session_cookie
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, with the page, or with how to get one."""
        response = await self.get_response(self.get_path(scope), scope)
        await response(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at ``path``, or the page: its script knows what else there is."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != HTTPStatus.NOT_FOUND or path.startswith(HASHED):
                raise
            if not (self._folder / PAGE).is_file():
                return HTMLResponse(NOT_BUILT, status_code=503)
            response = await super().get_response(PAGE, scope)
            self._hint(response, Request(scope))
        response.headers["Cache-Control"] = FOR_EVER if path.startswith(HASHED) else ASK_AGAIN
        return response

    def _hint(self, response: Response, request: Request) -> None:
        """Tell the page's script whether there is a session that it may ask about.

        It cannot see the session's cookie. This one is no secret and decides nothing.
        """
        if self._session_cookie in request.cookies:
            response.set_cookie(HINT, "1", secure=self._https, samesite="lax")
        elif HINT in request.cookies:
            response.delete_cookie(HINT, secure=self._https, samesite="lax")

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file as the browser likes it best: compressed when the build was."""
        accepted = {
            part.partition(";")[0].strip()
            for part in Headers(scope=scope).get("accept-encoding", "").split(",")
        }
        for encoding, suffix in COMPRESSED.items():
            smaller = Path(f"{full_path}{suffix}")
            if encoding in accepted and smaller.is_file():
                response = super().file_response(smaller, smaller.stat(), scope, status_code)
                whole = FileResponse(full_path, stat_result=stat_result)
                response.headers["Content-Encoding"] = encoding
                response.headers["Content-Type"] = whole.headers["Content-Type"]
                response.headers["Vary"] = "Accept-Encoding"
                return response
        return super().file_response(full_path, stat_result, scope, status_code)


def install(app: FastAPI, settings: ApiSettings, session_cookie: str) -> None:
    """Have the app answer with the client's files where it has no route."""
    nowhere = app.router.default
    client = WebClient(settings.ui_dir or CHECKOUT_BUILD, session_cookie, https=settings.is_https)

    async def client_or_nowhere(scope: Scope, receive: Receive, send: Send) -> None:
        is_read = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        is_ours = f"{scope['path']}/".startswith(OURS)
        await (client if is_read and not is_ours else nowhere)(scope, receive, send)

    app.router.default = client_or_nowhere
