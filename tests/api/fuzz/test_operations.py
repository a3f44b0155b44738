"""Every operation of the document by itself, asked by everybody."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import pytest

from services.auth.documents import Scope
from tests.api.fuzz.document import EXAMPLES, Case, Trust, name_of, read_document
from tests.api.fuzz.judges import OURS
from tests.api.fuzz.props import Props
from tests.api.fuzz.stand import Credentials, Somebody, Stand
from tests.api.test_openapi import DOCUMENT

FEW: Final = max(2, EXAMPLES // 3)
ENTITLED: Final = read_document("examples", "coverage", "fuzzing", trust=Trust.ENTITLED)
LIMITED: Final = read_document("fuzzing", trust=Trust.LIMITED, examples=FEW)
NONE: Final = read_document("fuzzing", trust=Trust.NONE, examples=FEW)

NEVER_WITH_SUCCESS: Final = {"receiveStripeEvent", "returnFromProvider"}
"""They need what only others can make: see test_signed_events.py and ``security/providers``."""


class Caller(StrEnum):
    """Somebody who may do a part."""

    STRANGER = "stranger"
    PROGRAM = "program"
    READING_PROGRAM = "reading program"


@dataclass(frozen=True)
class People:
    """An owner of what is asked for, who is on duty as well; somebody to buy from; and somebody
    else."""

    owner: Somebody
    seller: Somebody
    stranger: Somebody


@pytest.fixture(scope="module")
def people(stand: Stand) -> People:
    """The same for all requests that end no session."""
    return People(stand.operator(), stand.somebody(), stand.somebody())


def people_for(case: Case, stand: Stand, usual: People) -> People:
    """Others, where sessions or whole accounts may end."""
    is_of_accounts = "accounts" in (case.operation.tags or [])
    if not is_of_accounts or case.operation.method == "get":
        return usual
    return People(stand.somebody(), usual.seller, stand.somebody())


def ask(stand: Stand, case: Case, credentials: Credentials) -> None:
    """Send the request and hold the answer against the document."""
    sent: dict[str, Any] = {
        "base_url": stand.url,
        "cookies": credentials.cookies,
        "headers": credentials.headers,
    }
    answer = case.call(session=stand.session, **sent)
    stand.answers[name_of(case), answer.status_code] += 1
    case.validate_response(answer, additional_checks=OURS, transport_kwargs=sent)


@ENTITLED.parametrize()
def test_an_operation_keeps_its_word(case: Case, stand: Stand, people: People) -> None:
    people = people_for(case, stand, people)
    Props(stand, people.owner, people.seller).put_into(case)
    ask(stand, case, people.owner.credentials)


@pytest.mark.parametrize("caller", list(Caller))
@LIMITED.parametrize()
def test_an_operation_keeps_its_word_to_others(
    case: Case, caller: Caller, stand: Stand, people: People
) -> None:
    people = people_for(case, stand, people)
    Props(stand, people.owner, people.seller).put_into(case)
    match caller:
        case Caller.STRANGER:
            credentials = people.stranger.credentials
        case Caller.PROGRAM:
            _, credentials = stand.token_of(people.owner, *Scope)
        case Caller.READING_PROGRAM:
            _, credentials = stand.token_of(people.owner, Scope.ORDERS_READ)
    ask(stand, case, credentials)


@NONE.parametrize()
def test_an_operation_keeps_its_word_to_nobody(case: Case, stand: Stand, people: People) -> None:
    people = people_for(case, stand, people)
    Props(stand, people.owner, people.seller).put_into(case)
    ask(stand, case, Credentials())


def test_each_operation_was_also_answered_with_success(stand: Stand) -> None:
    """Otherwise the tests above would have seen refusals only."""
    asked = {name for name, _ in stand.answers}
    for operations in DOCUMENT["paths"].values():
        for operation in operations.values():
            name = operation["operationId"]
            if name not in asked:
                pytest.skip(f"{name} was not asked: only a part of the tests ran")
            for status in operation["responses"]:
                if status < "400" and name not in NEVER_WITH_SUCCESS:
                    assert stand.answers[name, int(status)], f"{name} never gave {status}"
