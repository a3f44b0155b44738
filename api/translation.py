"""Turns every exception that reaches the edge into a problem."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import stripe
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    PyMongoError,
    WTimeoutError,
)
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.auth.account import TooManyTokensError
from api.auth.desk import OpenOrdersError, StaleSessionError
from api.methods import methods_at
from api.operations.desk import FindingNotOpenError, PurchaseNotFoundError
from api.orders.desk import (
    BrokenOrderCursorError,
    KeyReusedError,
    NotCompleteError,
    OrderNotFoundError,
    OwnTicketError,
    TooManyHoldsError,
)
from api.orders.entrance import CrowdedError
from api.problems import (
    ActionRefused,
    BadRequest,
    BodyTooLarge,
    Disputed,
    FieldError,
    InternalError,
    InvalidRequest,
    LastWayIn,
    MethodNotAllowed,
    NoPassword,
    NotComplete,
    NotFound,
    NotSignedIn,
    NotTheSeller,
    OpenOrders,
    OwnTicket,
    PaymentRefused,
    Problem,
    ProofNeeded,
    SignInAgain,
    TicketTaken,
    TicketUnavailable,
    TooLate,
    TooManyHolds,
    TooManyRequests,
    TooManyTokens,
    Unavailable,
    WrongCredentials,
    render,
)
from api.providers.errors import AnswerError, NotOfferedError, ProviderAwayError
from services import security_log
from services.auth.accounts import (
    BrokenLinkError,
    NoPasswordError,
    ProofNeededError,
    WrongCredentialsError,
    WrongPasswordError,
)
from services.auth.federation import IdentityUnknownError, LastWayInError
from services.limits.limiter import TooManyTriesError
from services.orders.search import BrokenPlaceError
from services.security_log import Event
from services.tickets.search import BrokenCursorError
from services.tickets.store import NotTheSellerError, TicketNotFoundError, TicketTakenError
from temporal.calls import NobodyAnsweredError, TooLateError
from temporal.operations.actions import NotScheduledError, RefusedError
from temporal.purchases import (
    DisputedError,
    PaymentProviderAwayError,
    PaymentRefusedError,
    PurchaseAbandonedError,
    TakenBackError,
    TicketUnavailableError,
)

log = structlog.get_logger("api")

FROM_SERVICES: Final[Mapping[type[Exception], Callable[[], Problem]]] = {
    WrongCredentialsError: WrongCredentials,
    WrongPasswordError: lambda: InvalidRequest.on("password", "Is not your password."),
    NoPasswordError: NoPassword,
    BrokenLinkError: lambda: InvalidRequest.on(
        "token", "This link was used already, or is too old. Ask for a new one."
    ),
    ProofNeededError: ProofNeeded,
    OpenOrdersError: OpenOrders,
    TooManyTokensError: TooManyTokens,
    StaleSessionError: SignInAgain,
    NotOfferedError: NotFound,
    ProviderAwayError: Unavailable,
    AnswerError: Unavailable,
    IdentityUnknownError: NotFound,
    LastWayInError: LastWayIn,
    TicketNotFoundError: NotFound,
    NotTheSellerError: NotTheSeller,
    TicketTakenError: TicketTaken,
    BrokenCursorError: lambda: InvalidRequest.on("cursor", "Does not belong to this listing."),
    OrderNotFoundError: NotFound,
    OwnTicketError: OwnTicket,
    TooManyHoldsError: TooManyHolds,
    KeyReusedError: lambda: InvalidRequest.on(
        "Idempotency-Key", "Was used before, with another request."
    ),
    NotCompleteError: NotComplete,
    DisputedError: Disputed,
    BrokenOrderCursorError: lambda: InvalidRequest.on("cursor", "Is not a cursor of orders."),
    TicketUnavailableError: TicketUnavailable,
    TooLateError: TooLate,
    PaymentRefusedError: PaymentRefused,
    PaymentProviderAwayError: lambda: Unavailable(
        "The payment service does not answer. Your ticket stays reserved; we go on trying."
    ),
    CrowdedError: Unavailable,
    PurchaseAbandonedError: Unavailable,
    NobodyAnsweredError: Unavailable,
    TakenBackError: Unavailable,
    NotScheduledError: lambda: Unavailable(
        "Nothing is checked here yet: Temporal has no schedule."
    ),
    PurchaseNotFoundError: NotFound,
    FindingNotOpenError: NotFound,
    BrokenPlaceError: lambda: InvalidRequest.on("cursor", "Does not belong to this listing."),
}

FROM_STATUS: Final[Mapping[int, type[Problem]]] = {
    problem.status: problem for problem in (BadRequest, NotFound, MethodNotAllowed, BodyTooLarge)
}

OUTAGES: Final = (ConnectionFailure, NetworkTimeout, ExecutionTimeout, WTimeoutError)
"""MongoDB is away or too slow; ``ConnectionFailure`` covers server selection and a lost primary."""

SENTENCES: Final[Mapping[str, str]] = {
    "missing": "Is required.",
    "extra_forbidden": "Is not a known field.",
    "json_invalid": "Is not valid JSON.",
    "model_attributes_type": "Must be a JSON object.",
    "model_type": "Must be a JSON object.",
    "dict_type": "Must be a JSON object.",
    "string_type": "Must be text.",
    "string_too_short": "Must have at least {min_length} characters.",
    "string_too_long": "Must have at most {max_length} characters.",
    "string_pattern_mismatch": "Has the wrong form.",
    "string_unicode": "Must be valid Unicode text.",
    "int_type": "Must be a whole number.",
    "int_parsing": "Must be a whole number.",
    "int_parsing_size": "Is too large a number.",
    "int_from_float": "Must be a whole number.",
    "greater_than": "Must be more than {gt}.",
    "greater_than_equal": "Must be at least {ge}.",
    "less_than": "Must be less than {lt}.",
    "less_than_equal": "Must be at most {le}.",
    "literal_error": "Must be {expected}.",
    "enum": "Must be {expected}.",
    "bool_type": "Must be true or false.",
    "bool_parsing": "Must be true or false.",
    "list_type": "Must be a list.",
    "datetime_type": "Must be a date and time, such as 2027-05-01T19:30:00Z.",
    "datetime_parsing": "Must be a date and time, such as 2027-05-01T19:30:00Z.",
    "datetime_from_date_parsing": "Must be a date and time, such as 2027-05-01T19:30:00Z.",
    "timezone_aware": "Must name its time zone, such as 2027-05-01T19:30:00Z.",
    "value_error": "{error}",
}


def install(app: FastAPI) -> None:
    """Register the translations."""

    @app.exception_handler(Problem)
    async def as_it_is(request: Request, problem: Problem) -> Response:
        _note_refusal(request, problem)
        return render(problem)

    @app.exception_handler(RequestValidationError)
    async def validation(_: Request, error: RequestValidationError) -> Response:
        return render(from_validation(error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        problem = FROM_STATUS.get(error.status_code, BadRequest)
        headers = dict(error.headers or {})
        if problem is MethodNotAllowed and (methods := methods_at(request)):
            headers["Allow"] = ", ".join(methods)
        return render(problem(), headers=headers)

    async def of_a_service(request: Request, error: Exception) -> Response:
        problem = FROM_SERVICES[type(error)]()
        _note_refusal(request, problem)
        return render(problem)

    for kind in FROM_SERVICES:
        app.add_exception_handler(kind, of_a_service)

    _install_refusals(app)
    _install_outages(app)


def _install_refusals(app: FastAPI) -> None:
    """What is refused in words of its own."""

    @app.exception_handler(TooManyTriesError)
    async def enough(_: Request, error: TooManyTriesError) -> Response:
        security_log.record(Event.LIMIT_HIT, rule=error.rule, seconds=error.seconds)
        return render(TooManyRequests(), headers={"Retry-After": str(error.seconds)})

    @app.exception_handler(RefusedError)
    async def refused(_: Request, error: RefusedError) -> Response:
        return render(ActionRefused(str(error)))


def _install_outages(app: FastAPI) -> None:
    """What we depend on is away: try again in a moment."""

    @app.exception_handler(PyMongoError)
    async def database(_: Request, error: PyMongoError) -> Response:
        if not isinstance(error, OUTAGES):
            raise error
        log.error("mongodb_unavailable", error=type(error).__name__)
        return render(Unavailable())

    @app.exception_handler(stripe.StripeError)
    async def payment_service(_: Request, error: stripe.StripeError) -> Response:
        log.error("stripe_unavailable", error=type(error).__name__, status=error.http_status)
        return render(Unavailable())


def _note_refusal(request: Request, problem: Problem) -> None:
    """Who was kept from what: not signed in, not allowed, or not theirs, which looks like nothing.

    A failed sign-in is told by whoever checks passwords.
    """
    if isinstance(problem, NotSignedIn | NotFound) or problem.status == NotTheSeller.status:
        security_log.record(
            Event.REFUSED,
            problem=problem.type(),
            method=request.method,
            route=getattr(request.scope.get("route"), "path", None),
            user_id=getattr(request.state, "user_id", None),
        )


def unexpected(request_id: str) -> Response:
    """What is answered when nobody foresaw the failure: nothing but the id that finds it."""
    return render(InternalError(request_id=request_id))


def from_validation(error: RequestValidationError) -> Problem:
    """One sentence per wrong field; an address whose id cannot exist is simply not found."""
    found: list[dict[str, Any]] = list(error.errors())
    if any(each["loc"][0] == "path" for each in found):
        return NotFound()
    return InvalidRequest(
        errors=[FieldError(field=_field(each), message=_sentence(each)) for each in found]
    )


def _field(error: Mapping[str, Any]) -> str:
    """``("body", "price", "amount")`` is called ``price.amount``."""
    if error["type"] == "json_invalid":
        return ""
    return ".".join(str(part) for part in error["loc"][1:])


def _sentence(error: Mapping[str, Any]) -> str:
    """A sentence for people; it never repeats what they sent."""
    sentence = SENTENCES.get(error["type"])
    if sentence is None:
        return f"{error['msg']}."
    return sentence.format_map(error.get("ctx", {}))
