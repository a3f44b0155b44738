"""The OpenAPI document is complete enough to generate clients from."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from services.database import MongoSettings
from tests.api.conftest import Browser, an_app

UNSAFE = {"post", "put", "patch", "delete"}
FOR_BROWSERS = {"/api/auth/{provider}/login", "/api/auth/{provider}/callback"}
"""Addresses that people are sent to. Failures are pages, unless no route was met or it broke."""


def the_document() -> dict[str, Any]:
    return an_app(MongoSettings()).openapi()


DOCUMENT = the_document()
VIEWS = ("OrderView", "TicketView", "UserView")


def operations() -> Iterator[Any]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield pytest.param(path, method, operation, id=f"{method} {path}")


@pytest.mark.parametrize(("path", "method", "operation"), list(operations()))
class TestOperation:
    """Of every operation."""

    def test_has_a_name_a_summary_and_a_tag(
        self, path: str, method: str, operation: dict[str, Any]
    ) -> None:
        assert re.fullmatch(r"[a-z][A-Za-z]+", operation["operationId"])
        assert operation["summary"]
        assert operation["description"]
        declared = {tag["name"] for tag in DOCUMENT["tags"]}
        assert set(operation["tags"]) <= declared

    def test_says_how_it_can_fail(self, path: str, method: str, operation: dict[str, Any]) -> None:
        answers = operation["responses"]
        assert "500" in answers
        if path.startswith("/api/"):
            assert "503" in answers
        if "requestBody" in operation:
            assert {"400", "413"} <= set(answers)
        signed = path.startswith("/api/webhooks/")  # what is signed is read as it is
        if "application/json" in operation.get("requestBody", {}).get("content", {}) and not signed:
            assert "422" in answers
        if {} not in operation.get("security", [{}]):  # signing in is needed there
            assert "401" in answers
        if method in UNSAFE and not signed:
            assert "403" in answers
        if "{" in path:
            assert "404" in answers

    def test_fails_with_problems_only(
        self, path: str, method: str, operation: dict[str, Any]
    ) -> None:
        for status, answer in operation["responses"].items():
            if status < "400" or path == "/readyz":
                continue
            if path in FOR_BROWSERS and status not in {"413", "414", "415", "431", "500"}:
                assert set(answer["content"]) == {"text/html"}
                continue
            (media_type,) = answer["content"]
            assert media_type == "application/problem+json"
            assert answer["content"][media_type]["schema"]["$ref"].endswith("/Problem")
            for example in answer["content"][media_type]["examples"].values():
                assert example["value"]["status"] == int(status)

    def test_says_what_failures_come_with(
        self, path: str, method: str, operation: dict[str, Any]
    ) -> None:
        for status, header in {"401": "WWW-Authenticate", "429": "Retry-After"}.items():
            if status in operation["responses"] and path not in FOR_BROWSERS:
                assert operation["responses"][status]["headers"][header]["required"]


def test_it_says_what_answers_come_with_and_where_they_lead() -> None:
    made = DOCUMENT["paths"]["/api/tickets"]["post"]["responses"]["201"]
    assert made["headers"]["Location"]["required"]
    assert made["links"]["buy"]["operationId"] == "createOrder"
    begun = DOCUMENT["paths"]["/api/users/register"]["post"]["responses"]["201"]
    assert begun["headers"]["Set-Cookie"]["required"]


def test_a_scope_is_in_the_way_of_some_failures_only() -> None:
    refused = DOCUMENT["paths"]["/api/tickets"]["post"]["responses"]["403"]
    assert not refused["headers"]["WWW-Authenticate"]["required"]


def test_where_signing_in_is_possible_and_not_needed() -> None:
    for path, method in (("/api/tickets", "get"), ("/api/users/verification/confirm", "post")):
        assert {} in DOCUMENT["paths"][path][method]["security"]


def test_bounds_of_numbers_are_told() -> None:
    parameters = DOCUMENT["paths"]["/api/tickets"]["get"]["parameters"]
    (limit,) = [each["schema"] for each in parameters if each["name"] == "limit"]
    assert (limit["minimum"], limit["maximum"]) == (1, 100)
    assert "'ge'" not in str(DOCUMENT)


def test_everything_goes_by_one_name_for_its_id() -> None:
    shown = [each.get("properties", {}) for each in DOCUMENT["components"]["schemas"].values()]
    assert [each for each in shown if "_id" in each] == []
    assert all("id" in DOCUMENT["components"]["schemas"][view]["properties"] for view in VIEWS)


def test_operation_names_are_unique() -> None:
    names = [parameter.values[2]["operationId"] for parameter in operations()]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    references = set(re.findall(r"#/components/schemas/(\w+)", str(DOCUMENT)))
    assert references <= set(schemas)
    assert "HTTPValidationError" not in schemas


def test_people_come_with_a_cookie_and_programs_with_a_token() -> None:
    schemes = DOCUMENT["components"]["securitySchemes"]
    cookie, token = schemes["session"], schemes["token"]
    assert (cookie["type"], cookie["in"], cookie["name"]) == ("apiKey", "cookie", "session")
    assert (token["type"], token["scheme"]) == ("http", "bearer")
    either = DOCUMENT["paths"]["/api/users/me"]["get"]["security"]
    assert [list(each) for each in either] == [["token"], ["session"]]


def test_requests_show_an_example() -> None:
    for name in ("Register", "Login", "TicketDraft", "TicketView", "UserView"):
        assert DOCUMENT["components"]["schemas"][name]["examples"]


async def test_it_is_served(browser: Browser) -> None:
    assert (await browser.get("/api/openapi.json")).json()["openapi"].startswith("3.")
    assert (await browser.get("/api/docs")).status_code == 200
