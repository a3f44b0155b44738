"""Failures as people and programs see them: RFC 9457, a class per failure, one renderer."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
HEADERS: Final[Mapping[str, dict[str, Any]]] = {
    "Retry-After": {
        "description": "Seconds to wait before the next try.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {
        "description": "What would be accepted.",
        "schema": {"type": "string"},
    },
}
"""What failures may come with."""


class FieldError(BaseModel):
    """What is wrong with one field of a request."""

    field: str = Field(description="Name with dots, `price.amount`; empty for the whole request.")
    message: str


class ProblemBody(BaseModel):
    """A failure, as RFC 9457 describes it."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="Which failure it is: a stable URI reference.")
    title: str
    status: int
    detail: str | None = None
    errors: list[FieldError] | None = Field(default=None, description="With status 422 only.")
    request_id: str | None = Field(default=None, description="With status 500 only.")


class Problem(Exception):  # noqa: N818  # the word of RFC 9457, and of every message about one
    """A failure that is an answer. Subclasses name it, their docstring explains it."""

    status: ClassVar[int]
    title: ClassVar[str]
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = errors
        self.request_id = request_id

    @classmethod
    def type(cls) -> str:
        """Which failure it is, as a URI reference."""
        return "/problems/" + re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def example(cls) -> dict[str, Any]:
        """What the failure looks like."""
        return {"type": cls.type(), "title": cls.title, "status": cls.status}

    def body(self) -> dict[str, Any]:
        """What the failure looks like this time."""
        body = ProblemBody(
            type=self.type(),
            title=self.title,
            status=self.status,
            detail=self.detail,
            errors=list(self.errors) if self.errors is not None else None,
            request_id=self.request_id,
        )
        return body.model_dump(exclude_none=True)


class BadRequest(Problem):
    """The request could not be read at all."""

    status = 400
    title = "The request could not be read."


class NotSignedIn(Problem):
    """Nobody is signed in, or the session is over."""

    status = 401
    title = "Please sign in."
    headers: ClassVar = {"WWW-Authenticate": 'Session realm="ticket-exchange"'}


class WrongCredentials(Problem):
    """Unknown address or wrong password."""

    status = 401
    title = "The e-mail address or the password is wrong."
    headers: ClassVar = NotSignedIn.headers


class InsufficientScope(Problem):
    """An API token may do only what its scopes say, and nothing with the account itself."""

    status = 403
    title = "This API token does not allow that."
    headers: ClassVar = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}


class SignInAgain(Problem):
    """What cannot be undone asks for somebody who has just shown who they are."""

    status = 403
    title = "Please sign in again first: it was a while ago."


class ForeignOrigin(Problem):
    """A page of another site tried to act for a signed-in user."""

    status = 403
    title = "This request comes from another site."


class NotTheSeller(Problem):
    """A ticket is its seller's to change."""

    status = 403
    title = "Only its seller can change a ticket."


class OperatorsOnly(Problem):
    """Everybody's purchases are for the people on duty."""

    status = 403
    title = "Only operators can see and do that."


class NotFound(Problem):
    """There is nothing here, or nothing that is yours to see."""

    status = 404
    title = "There is nothing here."


class MethodNotAllowed(Problem):
    """The address exists, but not with this method."""

    status = 405
    title = "This address does not know the method."


class ProofNeeded(Problem):
    """A link alone shows who reads the mail, not who chose the password of the account."""

    status = 409
    title = "Sign in to this account first, or choose a new password for it."


class NoPassword(Problem):
    """The account is signed in to with a provider."""

    status = 409
    title = "This account has no password yet. Ask for a link to set one."


class LastWayIn(Problem):
    """Without a password, the last provider of an account stays."""

    status = 409
    title = "This is the only way into the account. Set a password first."


class TooManyTokens(Problem):
    """Whoever has that many API tokens has lost track of them."""

    status = 409
    title = "There are too many API tokens. Revoke one first."


class OpenOrders(Problem):
    """Somebody who still has to pay or to cancel cannot leave."""

    status = 409
    title = "There is an unpaid order. Pay or cancel it first."


class TicketTaken(Problem):
    """A reserved or sold ticket can be neither edited nor deleted."""

    status = 409
    title = "The ticket is reserved or sold and can no longer be changed."


class BadSignature(Problem):
    """The event was not signed by Stripe, or too long ago."""

    status = 400
    title = "The signature is missing, wrong or too old."


class TicketUnavailable(Problem):
    """Somebody else has the ticket, or it was changed since it was shown."""

    status = 409
    title = "This ticket is not available any more."


class OwnTicket(Problem):
    """A seller cannot buy their own ticket."""

    status = 409
    title = "This is your own ticket."


class TooManyHolds(Problem):
    """The buyer keeps as many tickets from others as one person may."""

    status = 409
    title = "You already hold as many tickets as you may. Pay for one of them or cancel it first."


class TooLate(Problem):
    """The order is paid or over."""

    status = 409
    title = "It is too late for that: the order is paid or over."


class PaymentRefused(Problem):
    """The payment service will not take this order."""

    status = 409
    title = "The payment service does not accept this order."


class NotComplete(Problem):
    """Only a complete order can be refunded, and only once."""

    status = 409
    title = "Only a complete order can be refunded, and only once."


class ActionRefused(Problem):
    """What an operator asks for does not fit how the purchase stands; ``detail`` says why."""

    status = 409
    title = "That cannot be done to this purchase now."


class Disputed(Problem):
    """The buyer's bank has been asked for the money; it must not go back twice."""

    status = 409
    title = (
        "This payment is disputed: your bank has been asked for the money. It cannot be refunded"
        " here until that is decided."
    )


class BodyTooLarge(Problem):
    """The body is larger than any request of ours."""

    status = 413
    title = "The request is too large."


class AddressTooLong(Problem):
    """The address, or its query, is longer than any of ours."""

    status = 414
    title = "The address is too long."


class UnsupportedMediaType(Problem):
    """A form, or plain text, which a page of any site could have sent."""

    status = 415
    title = "Requests are JSON: Content-Type is application/json."


class InvalidRequest(Problem):
    """Fields of the request are missing, unknown or wrong."""

    status = 422
    title = "Some fields are not right."

    @classmethod
    def example(cls) -> dict[str, Any]:
        """With one field to blame."""
        error = {"field": "price.amount", "message": "Must be at least 50."}
        return {**super().example(), "errors": [error]}

    @classmethod
    def on(cls, field: str, message: str) -> "InvalidRequest":
        """One field is to blame."""
        return cls(errors=[FieldError(field=field, message=message)])


class TooManyRequests(Problem):
    """Enough of that for now; ``Retry-After`` says when to try again."""

    status = 429
    title = "That was too often. Please try again later."
    headers: ClassVar = {"Retry-After": "10"}


class HeadersTooLarge(Problem):
    """There are more or longer headers than any client of ours sends."""

    status = 431
    title = "The headers are too large."


class InternalError(Problem):
    """Our fault. The request id finds it in the logs."""

    status = 500
    title = "Something went wrong on our side."


class Unavailable(Problem):
    """Something that we depend on does not answer right now."""

    status = 503
    title = "Please try again in a moment."
    headers: ClassVar = {"Retry-After": "2"}


def render(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The one way in which a failure becomes an answer."""
    return JSONResponse(
        problem.body(),
        status_code=problem.status,
        headers={**problem.headers, **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def problems(*classes: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The failures of an operation, for the OpenAPI document."""
    by_status: dict[int, list[type[Problem]]] = {}
    for problem in sorted(classes, key=lambda each: (each.status, each.__name__)):
        by_status.setdefault(problem.status, []).append(problem)
    return {status: _answer(status, found) for status, found in by_status.items()}


def _answer(status: int, classes: Sequence[type[Problem]]) -> dict[str, Any]:
    """The schema itself is put into the document's components by ``api.openapi``."""
    examples = {
        problem.type().rpartition("/")[2]: {"summary": problem.title, "value": problem.example()}
        for problem in classes
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    answer = {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
    }
    return answer | _headers(classes)


def _headers(classes: Sequence[type[Problem]]) -> dict[str, Any]:
    """What comes with all of these failures is required, what comes with some may be there."""
    names = {name for problem in classes for name in problem.headers}
    headers = {
        name: {**HEADERS[name], "required": all(name in problem.headers for problem in classes)}
        for name in sorted(names)
    }
    return {"headers": headers} if headers else {}
