"""Resend's error vocabulary: one class per failure, one JSON shape."""

from http import HTTPStatus

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class ResendError(Exception):
    """A refusal as Resend words it; ``name`` is what client libraries look at."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    name = "validation_error"
    message = "We found an error with one or more fields in the request."

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.message
        super().__init__(self.message)


class MissingFieldError(ResendError):
    """A required field is absent or empty."""

    name = "missing_required_field"


class UnreadableBodyError(ResendError):
    """The body is not a JSON object."""

    status = HTTPStatus.BAD_REQUEST
    message = "The request body must be a JSON object."


class MissingKeyError(ResendError):
    """No ``Authorization`` header."""

    status = HTTPStatus.UNAUTHORIZED
    name = "missing_api_key"
    message = "Missing API key in the authorization header."


class InvalidKeyError(ResendError):
    """A key that cannot be Resend's."""

    status = HTTPStatus.FORBIDDEN
    name = "invalid_api_key"
    message = "API key is invalid."


class UnknownMailError(ResendError):
    """No mail has this id."""

    status = HTTPStatus.NOT_FOUND
    name = "not_found"
    message = "Email not found"


class BadIdempotencyKeyError(ResendError):
    """An empty or overlong idempotency key."""

    status = HTTPStatus.BAD_REQUEST
    name = "invalid_idempotency_key"
    message = "The key must be between 1-256 chars."


class ReusedKeyError(ResendError):
    """The idempotency key belongs to another mail."""

    status = HTTPStatus.CONFLICT
    name = "invalid_idempotent_request"
    message = "Same idempotency key used with a different request payload."


class ConcurrentKeyError(ResendError):
    """The first request with this idempotency key has not been answered yet."""

    status = HTTPStatus.CONFLICT
    name = "concurrent_idempotent_requests"
    message = "Same idempotency key used while original request is still in progress."


NAMES_BY_STATUS = {
    404: "not_found",
    405: "method_not_allowed",
    429: "rate_limit_exceeded",
    503: "service_unavailable",
}


def error_response(status: int, message: str, name: str | None = None) -> JSONResponse:
    """An error body; without a name, the one that goes with the status."""
    name = name or NAMES_BY_STATUS.get(status, "application_error")
    return JSONResponse({"statusCode": status, "name": name, "message": message}, status)


async def render_refusal(_request: Request, error: Exception) -> JSONResponse:
    """Answer a ``ResendError``."""
    assert isinstance(error, ResendError)  # noqa: S101  (the app registers it for nothing else)
    return error_response(error.status, error.message, error.name)


async def render_http_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer an unknown path or method."""
    assert isinstance(error, HTTPException)  # noqa: S101  (the app registers it for nothing else)
    return error_response(error.status_code, str(error.detail))
