"""Pages for people whose sign-in did not work out: they are in a browser, not in a program."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader
from pymongo.errors import PyMongoError
from typing_extensions import override

from api.problems import Problem
from api.providers.errors import (
    AnswerError,
    AttemptOverError,
    ConsentDeniedError,
    NotOfferedError,
    ProviderAwayError,
    SignedOutMeanwhileError,
    SignInRefusedError,
)
from api.translation import OUTAGES
from services.auth.accounts import BrokenLinkError
from services.auth.federation import AddressNotVerifiedError
from services.auth.identities import IdentityTakenError
from services.auth.store import AddressProvenError
from services.limits.limiter import TooManyTriesError
from services.security_log import Event, record

STYLE: Final = Path(__file__).with_name("page.css")
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    # The address of this page may hold a code.
    "Referrer-Policy": "no-referrer",
}
LABELS: Final = {"google": "Google", "github": "GitHub"}


@dataclass(frozen=True)
class Page:
    """What somebody is told. ``{provider}`` is its name, as we write it."""

    status: HTTPStatus
    title: str
    text: str
    headers: Mapping[str, str] | None = None


LATER: Final = Page(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Please try again in a moment",
    "We cannot sign anybody in right now.",
    {"Retry-After": "2"},
)
UNREADABLE: Final = Page(
    HTTPStatus.BAD_REQUEST,
    "This address is not right",
    "It does not lead to a sign-in. Please begin again.",
)
ENOUGH: Final = Page(
    HTTPStatus.TOO_MANY_REQUESTS,
    "That was too often",
    "Please wait a while before you begin again.",
)
PAGES: Final[Mapping[type[Exception], Page]] = {
    NotOfferedError: Page(
        HTTPStatus.NOT_FOUND,
        "This way to sign in is not offered",
        "Please choose another one.",
    ),
    AttemptOverError: Page(
        HTTPStatus.BAD_REQUEST,
        "This sign-in is over",
        "It was used already, was begun in another browser, or has waited for more than ten "
        "minutes. Please begin again.",
    ),
    ConsentDeniedError: Page(
        HTTPStatus.FORBIDDEN,
        "You were not signed in",
        "{provider} was not allowed to tell us who you are. You can begin again, or sign in in "
        "another way.",
    ),
    SignInRefusedError: Page(
        HTTPStatus.BAD_REQUEST,
        "{provider} did not complete the sign-in",
        "Please begin again.",
    ),
    AnswerError: Page(
        HTTPStatus.BAD_GATEWAY,
        "{provider} gave an answer that we cannot trust",
        "You were not signed in. Please begin again, or sign in in another way.",
    ),
    ProviderAwayError: Page(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "{provider} does not answer",
        "Please try again in a moment, or sign in in another way.",
        {"Retry-After": "10"},
    ),
    AddressNotVerifiedError: Page(
        HTTPStatus.FORBIDDEN,
        "Your e-mail address is not verified",
        "{provider} has not verified your main e-mail address. Verify it there first, then begin "
        "again.",
    ),
    IdentityTakenError: Page(
        HTTPStatus.CONFLICT,
        "This {provider} account cannot be used here",
        "It signs in to another account of this marketplace already, or your account is linked "
        "with another {provider} account. Sign in as you did before, and look under “Account”.",
    ),
    SignedOutMeanwhileError: Page(
        HTTPStatus.FORBIDDEN,
        "Nothing was linked",
        "You are not signed in any more. Sign in first, then link {provider} again.",
    ),
    # Somebody else was faster again and again: nothing is wrong, but nothing was decided either.
    AddressProvenError: LATER,
    BrokenLinkError: LATER,
}

_templates = Environment(loader=PackageLoader("api.providers", "."), autoescape=True)


class PageRoute(APIRoute):
    """A route whose failures are pages. They leave nothing of the sign-in in the browser."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_with_pages(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:
                page = _page_about(error)
                if page is None:
                    raise
                return _render(page, request)

        return handle_with_pages


def _page_about(error: Exception) -> Page | None:
    """None for what nobody foresaw."""
    if isinstance(error, RequestValidationError):
        return UNREADABLE
    if isinstance(error, TooManyTriesError):
        record(Event.LIMIT_HIT, rule=error.rule, seconds=error.seconds)
        return replace(ENOUGH, headers={"Retry-After": str(error.seconds)})
    if isinstance(error, PyMongoError):
        return LATER if isinstance(error, OUTAGES) else None
    if isinstance(error, Problem):
        return Page(HTTPStatus(error.status), error.title, error.detail or "", error.headers)
    return PAGES.get(type(error))


def _render(page: Page, request: Request) -> Response:
    provider = LABELS.get(request.path_params.get("provider", ""), "The provider")
    html = _templates.get_template("page.html").render(
        title=page.title.format(provider=provider), text=page.text.format(provider=provider)
    )
    response = HTMLResponse(html, page.status, {**HEADERS, **(page.headers or {})})
    request.app.state.attempt_cookie.clear(response)
    return response


def pages(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The failures of an operation that are pages, for the OpenAPI document."""
    content = {"text/html": {"schema": {"type": "string"}}}
    return {
        int(status): {"description": f"{status.phrase}: a page that says why.", "content": content}
        for status in statuses
    }
