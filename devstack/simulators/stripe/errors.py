"""Stripe's errors: one class, and a name for each that the simulator raises in several places."""

from http import HTTPStatus
from typing import Final

from devstack.simulators.stripe.documents import Document

TYPE_BY_STATUS: Final = {402: "card_error", 409: "idempotency_error"}


class ApiError(Exception):
    """An answer other than 200.

    ``executed`` is false when the request was refused before it started to run: Stripe then keeps
    nothing under its idempotency key. Whatever was written before the error was raised stays, as
    Stripe keeps the failed charge of a declined card.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = HTTPStatus.BAD_REQUEST,
        kind: str = "",
        code: str | None = None,
        param: str | None = None,
        executed: bool = True,
        **details: object,
    ) -> None:
        super().__init__(message)
        self.status = int(status)
        self.executed = executed
        server_error = self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        usual = "api_error" if server_error else "invalid_request_error"
        self._error: Document = {
            "code": code,
            **details,
            "message": message,
            "param": param,
            "type": kind or TYPE_BY_STATUS.get(self.status, usual),
        }
        if code:
            self._error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"

    def body(self) -> Document:
        """The JSON that goes to the client; empty fields are left out, as Stripe does."""
        return {"error": {key: value for key, value in self._error.items() if value is not None}}


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """A parameter that is refused before anything runs."""
    return ApiError(message, param=param, code=code, executed=False)


def missing_parameter(name: str) -> ApiError:
    """A required parameter that was not sent."""
    return invalid(f"Missing required param: {name}.", name, "parameter_missing")


def no_such(kind: str, object_id: str, param: str = "id") -> ApiError:
    """404 for an id that does not exist."""
    return ApiError(
        f"No such {kind}: '{object_id}'",
        status=HTTPStatus.NOT_FOUND,
        code="resource_missing",
        param=param,
    )


def unexpected_state(message: str, intent: Document) -> ApiError:
    """A PaymentIntent that is not in a state for this; it comes along, as it is."""
    return ApiError(message, code="payment_intent_unexpected_state", payment_intent=intent)
