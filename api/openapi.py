"""The OpenAPI document, made complete."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import ProblemBody

TAGS = [
    {"name": "accounts", "description": "Registering, signing in and out, one's own account."},
    {"name": "tickets", "description": "The market: searching, listing, editing."},
    {"name": "orders", "description": "Buying: reserve, bill, pay, cancel, refund."},
    {"name": "operations", "description": "For operators: see every purchase, and steer it."},
    {"name": "webhooks", "description": "What outside parties tell us."},
    {"name": "operation", "description": "Settings and health."},
]
DESCRIPTION = """
Tickets are reserved for a buyer, paid through Stripe, and given back when they are not paid in
time. Money is integer minor units, times are UTC, failures are `application/problem+json`
(RFC 9457). Unsafe requests that carry the session cookie need an `Origin` of ours, if any.
"""


def install(app: FastAPI) -> None:
    """Have the app describe itself with the schema that every failure shares."""

    def describe() -> dict[str, Any]:
        if not app.openapi_schema:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            app.openapi_schema = _with_problem_schema(document)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # FastAPI's documented way


def _with_problem_schema(document: dict[str, Any]) -> dict[str, Any]:
    problem = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    _drop_the_frameworks_own(document)
    return document


def _drop_the_frameworks_own(document: dict[str, Any]) -> None:
    """FastAPI assumes that any parameter can fail with its 422; where ours can, it is declared."""
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)
    for operations in document["paths"].values():
        for operation in operations.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
