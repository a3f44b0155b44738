"""The endpoints that exist, who may call them, and with which parameters."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from devstack.simulators.stripe import (
    charges,
    disputes,
    events,
    intent_fields,
    payment_intents,
    payment_methods,
    refunds,
    settlement,
)
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import ApiError
from devstack.simulators.stripe.lists import lister


@dataclass(frozen=True)
class Operation:
    """One endpoint: ``run`` gets the work, the parameters, and the id from the path if any."""

    method: str
    path: str
    kind: str
    allowed: Collection[str]
    run: Callable[..., Document]
    browser: bool = False
    """A publishable key may call it."""
    secret_only: Collection[str] = ()
    """Parameters that a publishable key may not send."""
    is_list: bool = False


ONLY_EXPAND: Final = frozenset({"expand"})
OPERATIONS: Final = (
    Operation(
        "POST",
        "payment_intents",
        "payment_intent",
        intent_fields.CREATE,
        payment_intents.create,
    ),
    Operation(
        "GET",
        "payment_intents",
        "payment_intent",
        intent_fields.LIST,
        lister("payment_intent"),
        is_list=True,
    ),
    Operation(
        "GET",
        "payment_intents/{id}",
        "payment_intent",
        intent_fields.RETRIEVE,
        payment_intents.retrieve,
        browser=True,
    ),
    Operation(
        "POST",
        "payment_intents/{id}",
        "payment_intent",
        intent_fields.UPDATE,
        payment_intents.update,
    ),
    Operation(
        "POST",
        "payment_intents/{id}/confirm",
        "payment_intent",
        intent_fields.CONFIRM,
        settlement.confirm,
        browser=True,
        secret_only=intent_fields.CONFIRM_SECRET_ONLY,
    ),
    Operation(
        "POST",
        "payment_intents/{id}/capture",
        "payment_intent",
        intent_fields.CAPTURE,
        settlement.capture,
    ),
    Operation(
        "POST",
        "payment_intents/{id}/cancel",
        "payment_intent",
        intent_fields.CANCEL,
        settlement.cancel,
    ),
    Operation("GET", "charges", "charge", charges.LIST, lister("charge"), is_list=True),
    Operation("GET", "charges/{id}", "charge", ONLY_EXPAND, charges.retrieve),
    Operation("POST", "refunds", "refund", refunds.CREATE, refunds.create),
    Operation("GET", "refunds", "refund", refunds.LIST, lister("refund"), is_list=True),
    Operation("GET", "refunds/{id}", "refund", ONLY_EXPAND, refunds.retrieve),
    Operation("POST", "refunds/{id}", "refund", refunds.UPDATE, refunds.update),
    Operation("GET", "disputes", "dispute", disputes.LIST, lister("dispute"), is_list=True),
    Operation("GET", "disputes/{id}", "dispute", ONLY_EXPAND, disputes.retrieve),
    Operation(
        "POST",
        "payment_methods",
        "payment_method",
        payment_methods.CREATE,
        payment_methods.create,
        browser=True,
    ),
    Operation(
        "GET", "payment_methods/{id}", "payment_method", ONLY_EXPAND, payment_methods.retrieve
    ),
    Operation("GET", "events", "event", events.LIST, lister("event"), is_list=True),
    Operation("GET", "events/{id}", "event", ONLY_EXPAND, events.retrieve),
)


PATTERNS: Final = tuple(
    (operation, re.compile("/v1/" + operation.path.replace("{id}", "([^/]+)") + "/?"))
    for operation in OPERATIONS
)


def find_operation(method: str, path: str) -> tuple[Operation, tuple[str, ...]]:
    """The endpoint and the ids in its path, or Stripe's 404."""
    for operation, pattern in PATTERNS:
        match = pattern.fullmatch(path)
        if match is not None and operation.method == method:
            return operation, match.groups()
    raise ApiError(
        f"Unrecognized request URL ({method}: {path}). The simulator knows PaymentIntents,"
        " charges, refunds, disputes, payment methods and events.",
        status=HTTPStatus.NOT_FOUND,
        executed=False,
    )
