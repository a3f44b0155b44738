"""The page where a person reads the mail."""

import secrets
from functools import lru_cache
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from devstack.simulators.resend.inbox import Inbox

LISTED_MAX = 200
# A sandboxed frame must not navigate itself, so that links in a mail need a tab of their own.
LINKS_IN_NEW_TAB = '<base target="_blank">'

router = APIRouter()


@lru_cache
def templates() -> Environment:
    """The page templates; everything put into them is escaped."""
    return Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)


@router.get("/", response_class=HTMLResponse)
async def read_mail(
    request: Request, mail: str | None = None, view: Literal["html", "text"] = "html"
) -> HTMLResponse:
    """The list of mails and the chosen one, or else the newest."""
    inbox: Inbox = request.app.state.inbox
    mails = inbox.newest(LISTED_MAX)
    chosen = inbox.find(mail) if mail else None
    chosen = chosen or (mails[0] if mails else None)
    nonce = secrets.token_urlsafe()
    html = (
        templates()
        .get_template("page.html")
        .render(
            mails=mails,
            chosen=chosen,
            view="text" if chosen and not chosen["html"] else view,
            frame=LINKS_IN_NEW_TAB + ((chosen and chosen["html"]) or ""),
            nonce=nonce,
        )
    )
    return HTMLResponse(html, headers={"Content-Security-Policy": _policy(nonce)})


def _policy(nonce: str) -> str:
    """What the page and the mail in its frame may load: pictures, styles, no foreign script."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline';"
        " img-src http: https: data:; connect-src 'self'; form-action 'none';"
        " base-uri 'none'; frame-ancestors 'none'"
    )
