"""The role matrix: for every operation of the OpenAPI document, what each kind of caller gets.

``seller`` has listed the ticket, ``buyer`` has the order (if the row asks for one), ``other`` has
an order of their own then, ``operator`` has that role, ``user`` has nothing. ``program``
comes with an API token of the buyer's that has every scope.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from tests.api.conftest import PASSWORD
from tests.api.market import BILLING

Json = dict[str, Any]

NEW_TICKET: Final[Json] = {"title": "Back row", "price": {"amount": 5000, "currency": "CAD"}}
A_PASSWORD: Final[Json] = {"password": PASSWORD}
A_CHANGE: Final[Json] = {"current_password": PASSWORD, "password": "an entirely new password"}
A_STRANGER: Final[Json] = {"email": "stranger@example.com", "password": PASSWORD}
A_DEAD_LINK: Final[Json] = {"token": "used-long-ago", "password": "an entirely new password"}
A_REASON: Final[Json] = {"reason": "The bank was down."}
AN_EXTENSION: Final[Json] = {**A_REASON, "seconds": 60, "expires_at": "2027-05-01T12:00:00Z"}
A_TOKEN: Final[Json] = {"name": "program", "scopes": ["orders:read"]}


class Actor(StrEnum):
    """Who calls."""

    ANONYMOUS = "anonymous"
    USER = "user"
    SELLER = "seller"
    BUYER = "buyer"
    OTHER = "other"
    OPERATOR = "operator"
    PROGRAM = "program"


Answers = tuple[int, int, int, int, int, int, int]
"""One for each actor, in their order."""


class Needs(StrEnum):
    """What is there before the call."""

    NOTHING = "nothing"
    TICKET = "ticket"
    ORDER = "order"
    COMPLETE = "complete"


@dataclass(frozen=True)
class Row:
    """One operation: how it is called, and what each caller is answered.

    ``{ticket}``, ``{order}``, ``{session}`` and ``{token}`` in a path are the seller's ticket, the
    buyer's order, a session of the buyer's and an API token of the buyer's.
    """

    method: str
    path: str
    answers: Answers
    needs: Needs = Needs.NOTHING
    body: Json | None = None
    endless: bool = False
    """The answer goes on and on: only its beginning is looked at."""

    def expected(self, actor: Actor) -> int:
        """What this caller is answered."""
        return self.answers[list(Actor).index(actor)]


def _all(status: int) -> Answers:
    return (status, status, status, status, status, status, status)


def _same(method: str, path: str, status: int, body: Json | None = None) -> Row:
    """Everybody gets the same."""
    return Row(method, path, _all(status), body=body)


def _own(method: str, path: str, status: int, body: Json | None = None) -> Row:
    """Everybody may do it with their own, from a browser only."""
    answers = (401, status, status, status, status, status, 403)
    return Row(method, path, answers, body=body)


def _buyers(
    method: str,
    path: str,
    status: int,
    *,
    needs: Needs,
    body: Json | None = None,
    endless: bool = False,
) -> Row:
    """The buyer's alone; to all others there is no such order, whatever they are."""
    answers = (401, 404, 404, status, 404, 404, status)
    return Row(method, path, answers, needs=needs, body=body, endless=endless)


def _operators(
    method: str,
    path: str,
    status: int,
    *,
    needs: Needs = Needs.NOTHING,
    body: Json | None = None,
) -> Row:
    """For people on duty, in front of a browser."""
    answers = (401, 403, 403, 403, 403, status, 403)
    path = f"/api/operations/{path}"
    return Row(method, path, answers, needs=needs, body=body)


MATRIX: Final[dict[str, Row]] = {
    "register": _same("POST", "/api/users/register", 201, A_STRANGER),
    "login": _same("POST", "/api/users/login", 401, {**A_STRANGER, "password": "x"}),
    "logout": _same("POST", "/api/users/logout", 204),
    "me": Row("GET", "/api/users/me", (401, 200, 200, 200, 200, 200, 200)),
    "sendVerification": _own("POST", "/api/users/verification", 202),
    "confirmAddress": _same("POST", "/api/users/verification/confirm", 422, A_DEAD_LINK),
    "sendPasswordReset": _same(
        "POST", "/api/users/password-reset", 202, {"email": "stranger@example.com"}
    ),
    "resetPassword": _same("POST", "/api/users/password-reset/confirm", 422, A_DEAD_LINK),
    "getAccount": _own("GET", "/api/users/me/account", 200),
    "changePassword": _own("PUT", "/api/users/me/password", 204, A_CHANGE),
    "listSessions": _own("GET", "/api/users/me/sessions", 200),
    "endOtherSessions": _own("DELETE", "/api/users/me/sessions", 204),
    "endSession": Row(
        "DELETE", "/api/users/me/sessions/{session}", (401, 404, 404, 204, 404, 404, 403)
    ),
    "listTokens": _own("GET", "/api/users/me/tokens", 200),
    "createToken": _own("POST", "/api/users/me/tokens", 201, A_TOKEN),
    "revokeToken": Row(
        "DELETE", "/api/users/me/tokens/{token}", (401, 404, 404, 204, 404, 404, 403)
    ),
    "exportAccount": _own("GET", "/api/users/me/export", 200),
    "closeAccount": _own("POST", "/api/users/me/close", 204, A_PASSWORD),
    "reportBlockedContent": _same("POST", "/api/reports/csp", 204, {"type": "csp-violation"}),
    "leaveForProvider": _same("GET", "/api/auth/github/login", 302),
    "returnFromProvider": _same("GET", "/api/auth/github/callback", 400),
    "linkProvider": _own("POST", "/api/auth/github/link", 200),
    "unlinkProvider": _own("DELETE", "/api/users/me/identities/github", 404),
    "listTickets": _same("GET", "/api/tickets", 200),
    "createTicket": Row(
        "POST", "/api/tickets", (401, 201, 201, 201, 201, 201, 201), body=NEW_TICKET
    ),
    "getTicket": Row("GET", "/api/tickets/{ticket}", _all(200), needs=Needs.TICKET),
    "replaceTicket": Row(
        "PUT",
        "/api/tickets/{ticket}",
        (401, 403, 200, 403, 403, 403, 403),
        needs=Needs.TICKET,
        body=NEW_TICKET,
    ),
    "deleteTicket": Row(
        "DELETE",
        "/api/tickets/{ticket}",
        (401, 403, 204, 403, 403, 403, 403),
        needs=Needs.TICKET,
    ),
    "createOrder": Row(
        "POST",
        "/api/orders",
        (401, 201, 409, 201, 201, 201, 201),
        needs=Needs.TICKET,
        body={"ticket_id": "{ticket}"},
    ),
    "listOrders": Row("GET", "/api/orders", (401, 200, 200, 200, 200, 200, 200)),
    "getOrder": _buyers("GET", "/api/orders/{order}", 200, needs=Needs.ORDER),
    "setBilling": _buyers(
        "PUT", "/api/orders/{order}/billing", 200, needs=Needs.ORDER, body=BILLING
    ),
    "cancelOrder": _buyers("POST", "/api/orders/{order}/cancel", 200, needs=Needs.ORDER),
    "refundOrder": _buyers("POST", "/api/orders/{order}/refund", 202, needs=Needs.COMPLETE),
    "watchOrder": _buyers(
        "GET", "/api/orders/{order}/events", 200, needs=Needs.ORDER, endless=True
    ),
    "watchTickets": Row("GET", "/api/tickets/events", _all(200), endless=True),
    "listPurchases": _operators("GET", "purchases", 200),
    "exportPurchases": _operators("GET", "purchases.csv", 200),
    "findPerson": _operators("POST", "people", 200, body={"email": "stranger@example.com"}),
    "getPurchase": _operators("GET", "purchases/{order}", 200, needs=Needs.ORDER),
    "extendPurchase": _operators(
        "POST", "purchases/{order}/extend", 200, needs=Needs.ORDER, body=AN_EXTENSION
    ),
    "cancelPurchase": _operators(
        "POST", "purchases/{order}/cancel", 200, needs=Needs.ORDER, body=A_REASON
    ),
    "retryCapture": _operators(
        "POST", "purchases/{order}/retry-capture", 409, needs=Needs.ORDER, body=A_REASON
    ),
    "refundPurchase": _operators(
        "POST", "purchases/{order}/refund", 202, needs=Needs.COMPLETE, body=A_REASON
    ),
    "settleRefund": _operators(
        "POST", "purchases/{order}/settle-refund", 409, needs=Needs.COMPLETE, body=A_REASON
    ),
    "checkPurchase": _operators("POST", "purchases/{order}/check", 200, needs=Needs.ORDER),
    "getBoard": _operators("GET", "board", 200),
    "dismissFinding": _operators("POST", "findings/I1:nothing/dismiss", 404, body=A_REASON),
    "reconcile": _operators("POST", "reconciliation", 202),
    "receiveStripeEvent": _same("POST", "/api/webhooks/stripe", 400, {}),
    "getConfig": _same("GET", "/api/config", 200),
    "alive": _same("GET", "/healthz", 200),
    "ready": _same("GET", "/readyz", 200),
}
