"""What people see, without any script."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from devstack.simulators.signin.authorization import AuthorizationRequest
from devstack.simulators.signin.people import Person
from devstack.simulators.signin.settings import Provider
from devstack.simulators.signin.simulator import Simulated

HEADERS: Final = {
    # No form-action: browsers would hold the way back to the application against it.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none';"
    " frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}

router = APIRouter()


@router.get("/", response_class=HTMLResponse)
async def home(simulator: Simulated) -> HTMLResponse:
    """What this is, and who is known."""
    return _page("home.html", people={each: simulator.people.at(each) for each in Provider})


def sign_in_page(
    asked: AuthorizationRequest,
    identifier: str,
    people: Sequence[Person],
    *,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Who are you? With ``problems``: what was typed, and what is wrong with it, by field."""
    return _page(
        "sign_in.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        asked=asked,
        identifier=identifier,
        people=people,
        typed=typed,
        problems=problems or {},
    )


def message_page(title: str, text: str, status: int) -> HTMLResponse:
    """A sentence instead of what the person wanted."""
    return _page("message.html", status=status, title=title, text=text)


def _page(template: str, *, status: int = HTTPStatus.OK, **content: object) -> HTMLResponse:
    return HTMLResponse(_templates().get_template(template).render(**content), status, HEADERS)


@lru_cache
def _templates() -> Environment:
    """The page templates; everything put into them is escaped."""
    folder = Path(__file__).with_name("templates")
    return Environment(
        loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
