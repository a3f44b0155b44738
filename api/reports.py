"""Browsers tell here what the content security policy stopped on our pages."""

import json
import re
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request

from api.limits import limited
from api.problems import ForeignOrigin, TooManyRequests, problems
from services import security_log
from services.limits.rules import Rule
from services.security_log import Event

router = APIRouter(prefix="/api/reports", tags=["operation"])

REPORTS_READ: Final = 10
"""Of one request; a page that breaks in a hundred places breaks for one reason."""
DIRECTIVE: Final = re.compile(r"[a-z-]{1,40}")
SOURCE: Final = re.compile(r"[a-z-]{1,20}|[a-z-]{1,20}://[a-z0-9.:\[\]-]{1,100}")


@router.post(
    "/csp",
    status_code=204,
    operation_id="reportBlockedContent",
    summary="For browsers only",
    dependencies=[Depends(limited(Rule.REPORT))],
    responses=problems(ForeignOrigin, TooManyRequests),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/reports+json": {"schema": {"type": "array", "items": {}}}},
        }
    },
)
async def csp(request: Request) -> None:
    """Writes down which directive stopped what, and nothing else: anybody can send anything."""
    for report in _reports(await request.body())[:REPORTS_READ]:
        security_log.record(
            Event.CONTENT_BLOCKED,
            directive=_cleaned(DIRECTIVE, _said(report, "effectiveDirective")),
            source=_cleaned(SOURCE, _source(_said(report, "blockedURL"))),
        )


def _reports(body: bytes) -> list[dict[str, Any]]:
    """The objects in it; what is no report is no reason for an error."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return [each for each in (told if isinstance(told, list) else [told]) if isinstance(each, dict)]


def _said(report: dict[str, Any], name: str) -> str:
    about = report.get("body")
    value = about.get(name) if isinstance(about, dict) else None
    return value if isinstance(value, str) else ""


def _source(url: str) -> str:
    """Where it came from, without the path: that may be personal. Or a word, such as ``inline``."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else parts.scheme or url


def _cleaned(form: re.Pattern[str], value: str) -> str:
    return value if form.fullmatch(value) else "other"
