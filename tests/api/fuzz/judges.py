"""Checks of our own, beside those of Schemathesis."""

import re
from typing import Final

from schemathesis import CheckContext, CheckFunction, Response

from tests.api.fuzz.document import Case
from tests.api.test_openapi import FOR_BROWSERS

UNTELLABLE: Final = re.compile(
    "|".join(
        (
            # Unicode categories, and what is left when blanks are cut off.
            r".*: Must not contain control characters\.",
            r"(current_)?password: Must not contain a NUL character\.",
            r"token: Must not contain a NUL character\.",
            r".*: Must not be blank\.",
            r".*: Must have at least \d+ characters\.",
            # An address that mail can go to; passwords that are tried first.
            r"email: Must be an e-mail address\.",
            r"password: Is one of the passwords that are tried first\. Choose another\.",
            r"password: Is your e-mail address\. Choose another\.",
            # JSON Schema takes 160.0 for an integer, and its writer may have thought of dollars.
            r"(price\.amount|expires_in_days|seconds): Must be a whole number\.",
            # The clock.
            r"starts_at: Must be in the future\.",
            r"starts_at: Must be within the next ten years\.",
            r"(starts_at|expires_at): Must be a date and time, such as .*",
            # Countries there are, and provinces of one of them.
            r".*country: .*",
            r".*region: Must be one of AB, BC, .*",
            # Fields that depend on each other, and on requests before.
            r"max_price: Must not be less than min_price\.",
            r"Idempotency-Key: Was used before, with another request\.",
            # What only we can have made.
            r"cursor: Is not a cursor of orders\.",
            r"cursor: Does not belong to this listing\.",
            r"(current_)?password: Is not your password\.",
            r"token: This link was used already, or is too old\. Ask for a new one\.",
        )
    )
)
"""What is said about a request that keeps its schema, because no schema can tell it."""


def refuses_only_what_no_schema_tells(_: CheckContext, response: Response, case: Case) -> None:
    """Valid data is not found wrong, unless for a reason that cannot be put into the document."""
    if response.status_code != 422 or case.meta is None or case.meta.generation.mode.is_negative:
        return
    for error in response.json().get("errors", []):
        assert UNTELLABLE.fullmatch(f"{error['field']}: {error['message']}"), error


ELSEWISE: Final = FOR_BROWSERS | {"/readyz"}
"""These fail with a page, and with what is wrong with which part."""


def fails_with_a_problem(_: CheckContext, response: Response, case: Case) -> None:
    """Whatever goes wrong is told in one form, and 422 says where."""
    if response.status_code < 400 or case.path in ELSEWISE:
        return
    assert response.headers["content-type"] == ["application/problem+json"]
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["type"].startswith("/problems/")
    assert problem["title"]
    assert ("errors" in problem) == (response.status_code == 422)
    for error in problem.get("errors", []):
        assert error["message"].endswith(".")


OURS: Final[list[CheckFunction]] = [fails_with_a_problem, refuses_only_what_no_schema_tells]
