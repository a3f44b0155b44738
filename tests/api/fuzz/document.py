"""The document as Schemathesis reads it, and what cannot be held against an operation."""

import os
from enum import StrEnum
from typing import Any, Final

import schemathesis
from schemathesis import BaseSchema
from schemathesis import Case as AnyCase

from tests.api.test_openapi import the_document

EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "10"))
"""How many random requests an operation gets."""
SAME_EACH_TIME: Final = "FUZZ_EXAMPLES" not in os.environ

Json = dict[str, Any]
Case = AnyCase[Any]

EXCEPTIONS: Final[list[Json]] = [
    {
        # The schema cannot tell which passwords are whose.
        "include-operation-id": "login",
        "checks": {"positive_data_acceptance": {"expected-statuses": ["200", "401", "422"]}},
    },
    {
        # Only signed bodies are taken, whatever is in them: see test_signed_events.py.
        "include-operation-id": "receiveStripeEvent",
        "checks": {"positive_data_acceptance": {"expected-statuses": ["400"]}},
    },
    {
        # Only who was sent away by us can come back, with what only we and the provider know.
        "include-operation-id": "returnFromProvider",
        "checks": {"positive_data_acceptance": {"expected-statuses": ["400", "404"]}},
    },
    {
        # Browsers send what they like; what is no report is read as none, and is no failure.
        "include-operation-id": "reportBlockedContent",
        "checks": {"negative_data_rejection": {"enabled": False}},
    },
    # An event is enough, and streams that nothing happens on end with our patience.
    {"include-operation-id": "watchOrder", "max-stream-events": 1, "request-timeout": 5},
    {"include-operation-id": "watchTickets", "max-stream-events": 1, "request-timeout": 5},
]


class Trust(StrEnum):
    """Who asks."""

    ENTITLED = "entitled"
    """Somebody who may do what they ask for: it is done, or not there, or no more in that state."""
    LIMITED = "limited"
    """Somebody who may be refused."""
    NONE = "none"
    """Somebody who brings nothing, or credentials that Schemathesis has thought up."""


REFUSALS: Final = [400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 431]
"""What is answered to data that breaks its schema, or before it is looked at."""


def read_document(*phases: str, trust: Trust, examples: int = EXAMPLES) -> BaseSchema:
    """The document, to be tested in these phases."""
    config = configuration(*phases, trust=trust, examples=examples)
    return schemathesis.openapi.from_dict(the_document(), config=config)


def configuration(*phases: str, trust: Trust, examples: int = EXAMPLES) -> schemathesis.Config:
    """How it is tested.

    ``judges.refuses_only_what_no_schema_tells`` looks at each 422 that valid data gets.
    """
    refused = [] if trust is Trust.ENTITLED else ["401", "403"]
    accepted = ["2xx", "3xx", "404", "409", "422", *refused]
    return schemathesis.Config.from_dict(
        {
            "generation": {
                "deterministic": SAME_EACH_TIME,
                "database": "none",
                "max-examples": examples,
                "no-shrink": True,
                "with-security-parameters": trust is Trust.NONE,
                **({"mode": "positive"} if phases == ("stateful",) else {}),
            },
            "phases": {
                phase: {"enabled": phase in phases}
                for phase in ("examples", "coverage", "fuzzing", "stateful")
            },
            "checks": {
                "positive_data_acceptance": {"expected-statuses": accepted},
                "negative_data_rejection": {"expected-statuses": [*map(str, REFUSALS)]},
            },
            "operations": EXCEPTIONS,
        }
    )


def name_of(case: Case) -> str:
    """The operation's id."""
    name: str = case.operation.definition.raw["operationId"]
    return name
