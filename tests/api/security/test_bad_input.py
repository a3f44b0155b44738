"""Input that no page sends: in every field, parameter and address of the document.

What is refused leaves no trace: every database is afterwards what it was, to the byte. Random bad
input is in ``tests/api/fuzz``.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from services.limits.storage import COUNTERS
from tests.api.conftest import Browser
from tests.api.market import problem
from tests.api.security.test_injection import Json, bodies, example, fields, put, resolved
from tests.api.test_openapi import DOCUMENT, FOR_BROWSERS

HERE: Final = "what is replaced"
DEEP: Final = "[" * 20 + "]" * 20
VALUES: Final = {
    "a comparison": '{"$gt": ""}',
    "an inequality": '{"$ne": null}',
    "a program": '{"$where": "1"}',
    "no list": "[]",
    "a list": '["a", "b"]',
    "a list of nothing": "[null]",
    "an object": "{}",
    "a deep list": DEEP,
    "a number beyond all": "1e400",
    "a long number": "9" * 400,
    "a fraction": "0.1",
    "not a number": "NaN",
    "infinity": "Infinity",
    "minus infinity": "-Infinity",
    "yes": "true",
    "half a surrogate pair": r'"\ud800"',
    "surrogates the wrong way round": r'"\udc00\ud800"',
    "a NUL": r'"a\u0000b"',
    "a long text": f'"{"x" * 9000}"',
}
NO_BODIES: Final = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"1",
    "not a number": b"NaN",
    "text": b'"text"',
    "half of it": b'{"title": ',
    "two": b"{}{}",
    "no JSON": b"title=x",
    "no UTF-8": b'{"title": "\xff\xfe"}',
    "UTF-16": '{"title": "x"}'.encode("utf-16"),
    "a number too long to read": b'{"title": ' + b"9" * 5000 + b"}",
    "too deep": b"[" * 2000,
    "too deep, and closed": b'{"title": ' + b"[" * 2000 + b"]" * 2000 + b"}",
}
TEXTS: Final = {
    "a comparison": quote('{"$gt": ""}'),
    "an inequality": quote('{"$ne": null}'),
    "a list": quote('["a"]'),
    "a NUL": "a%00b",
    "half a surrogate pair": "%ED%A0%80",
    "no UTF-8": "%FF%FE",
    "a long number": "9" * 400,
    "not a number": "NaN",
    "infinity": "Infinity",
    "a fraction": "0.1",
    "reversed writing": quote("\u202e"),
    "up and away": quote("../../etc/passwd", safe=""),
}
BOOKKEEPING: Final = {"sessions", COUNTERS}
"""When a session was last seen, and how often somebody tried."""


@asynccontextmanager
async def nothing_changes(app: FastAPI) -> AsyncIterator[None]:
    """Every collection has the same content after the block as before it."""
    before = await contents(app)
    yield
    assert await contents(app) == before


async def contents(app: FastAPI) -> dict[str, str]:
    """What lies in the collections, as MongoDB sums it up."""
    databases = app.state.databases
    return {
        f"{database.name}.{collection}": content
        for database in (databases.auth, databases.tickets, databases.orders, databases.payments)
        for collection, content in (await database.command("dbHash"))["collections"].items()
        if collection not in BOOKKEEPING
    }


async def send(browser: Browser, method: str, path: str, body: bytes) -> httpx.Response:
    """As JSON, to something that is not there."""
    address = path.replace("{", "").replace("}", "")
    headers = {"Content-Type": "application/json"}
    return await browser.request(method, address, content=body, headers=headers)


def parameters(place: str) -> Iterator[tuple[str, str, Json, list[Json]]]:
    """Method, address, operation and what is asked for in this place."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            found = [each for each in operation.get("parameters", []) if each["in"] == place]
            if found:
                yield method, path, operation, found


@pytest.mark.parametrize(
    ("method", "path", "schema"),
    [pytest.param(*each, id=f"{each[0]} {each[1]}") for each in bodies()],
)
async def test_bad_values_in_a_field_are_a_422_that_names_it(
    app: FastAPI, entitled: Browser, method: str, path: str, schema: Json
) -> None:
    async with nothing_changes(app):
        for field in fields(schema):
            text, name = json.dumps(put(example(schema), field, HERE)), ".".join(field)
            for what, value in VALUES.items():
                body = text.replace(json.dumps(HERE), value).encode()
                answer = await send(entitled, method, path, body)
                blamed = [error["field"] for error in problem(answer, 422)["errors"]]
                assert any(f"{each}.".startswith(f"{name}.") for each in blamed), (name, what)


async def test_a_body_that_is_none_is_refused(app: FastAPI, entitled: Browser) -> None:
    async with nothing_changes(app):
        for method, path, _ in bodies():
            for body in NO_BODIES.values():
                refused(await send(entitled, method, path, body), path, 400, 422)


def refused(answer: httpx.Response, path: str, *statuses: int) -> Json:
    """The problem, or nothing where people are told with a page (which needs a route, too)."""
    assert answer.status_code in statuses, (path, answer.url, answer.text)
    if path in FOR_BROWSERS and answer.headers["content-type"] == "text/html; charset=utf-8":
        return {}
    return problem(answer, answer.status_code)


def is_empty(answer: httpx.Response) -> bool:
    """A page without items, or a table without rows."""
    if answer.headers["content-type"].startswith("text/csv"):
        return answer.text.count("\n") == 1
    return bool(answer.json()["items"] == [])


async def test_bad_values_in_a_query_are_refused_or_find_nothing(
    app: FastAPI, entitled: Browser
) -> None:
    async with nothing_changes(app):
        for method, path, _, found in parameters("query"):
            for name, schema in [(each["name"], resolved(each["schema"])) for each in found]:
                for what, value in TEXTS.items():
                    answer = await send(entitled, method, f"{path}?{name}={value}", b"")
                    if answer.status_code == 200:
                        assert "enum" not in schema
                        assert schema["type"] == "string", (path, name, what)
                        assert is_empty(answer)
                    elif "{" in path:
                        refused(answer, path, 400, 404)
                    else:
                        blamed = [error["field"] for error in problem(answer, 422)["errors"]]
                        assert blamed == [name], (path, what)


async def test_bad_values_in_an_address_are_not_found(app: FastAPI, entitled: Browser) -> None:
    async with nothing_changes(app):
        for method, path, operation, found in parameters("path"):
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            body = json.dumps(example(content["schema"])).encode() if content else b""
            for value in TEXTS.values():
                address = path
                for each in found:
                    address = address.replace(f"{{{each['name']}}}", value)
                refused(await send(entitled, method, address, body), path, 404)


async def test_what_is_right_does_leave_a_trace(app: FastAPI, entitled: Browser) -> None:
    """Otherwise the tests above would not see one."""
    draft = {"title": "Front row", "price": {"amount": 5000, "currency": "CAD"}}
    before = await contents(app)
    assert (await entitled.post("/api/tickets", json=draft)).status_code == 201
    assert await contents(app) != before
