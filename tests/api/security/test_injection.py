"""Database operators where values belong, in every field of every request."""

import copy
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import Browser
from tests.api.market import problem
from tests.api.test_openapi import DOCUMENT, FOR_BROWSERS

Json = dict[str, Any]
Path = tuple[str, ...]

OPERATORS: list[object] = [{"$gt": ""}, {"$ne": None}, {"$where": "1"}, [{"$gt": ""}]]


def resolved(schema: Json) -> Json:
    """What a reference means; of alternatives the one that is not null."""
    if "$ref" in schema:
        return resolved(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for each in schema.get("anyOf", []):
        if each.get("type") != "null":
            return resolved(each)
    return schema


def fields(schema: Json, path: Path = ()) -> Iterator[Path]:
    """All fields of an object, also those of objects in it."""
    for name, inner in resolved(schema).get("properties", {}).items():
        yield (*path, name)
        yield from fields(inner, (*path, name))


def example(schema: Json) -> Json:
    """The fullest request that the document shows."""
    shown = resolved(schema).get("examples") or [{}]
    return max(copy.deepcopy(shown), key=lambda each: len(str(each)))


def put(body: Json, path: Path, value: object) -> Json:
    """The same request with something else in one place."""
    changed = copy.deepcopy(body)
    *outer, last = path
    place = changed
    for name in outer:
        place = place.setdefault(name, {})
    place[last] = value
    return changed


def bodies() -> Iterator[tuple[str, str, Json]]:
    """Method, address and schema of each request that has a JSON body with named fields."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            if resolved(schema).get("properties"):
                yield method, path, schema


def attempts() -> Iterator[Any]:
    for method, path, schema in bodies():
        for field in fields(schema):
            yield pytest.param(method, path, schema, field, id=f"{method} {path} {'.'.join(field)}")


def levels() -> Iterator[Any]:
    for method, path, schema in bodies():
        inner = [
            field for field in fields(schema) if resolved(_at(schema, field)).get("properties")
        ]
        for field in [(), *inner]:
            yield pytest.param(method, path, schema, field, id=f"{method} {path} {'.'.join(field)}")


def _at(schema: Json, path: Path) -> Json:
    for name in path:
        schema = resolved(schema)["properties"][name]
    return schema


async def send(browser: Browser, method: str, path: str, body: Json) -> httpx.Response:
    filled = path.replace("{", "").replace("}", "")
    return await browser.request(method.upper(), filled, json=body)


@pytest.mark.parametrize(("method", "path", "schema", "field"), list(attempts()))
async def test_security_operators_in_a_field_are_a_422(
    entitled: Browser, method: str, path: str, schema: Json, field: Path
) -> None:
    for operator in OPERATORS:
        answer = await send(entitled, method, path, put(example(schema), field, operator))
        blamed = {error["field"] for error in problem(answer, 422)["errors"]}
        name = ".".join(field)
        assert any(each == name or each.startswith(f"{name}.") for each in blamed), blamed


@pytest.mark.parametrize(("method", "path", "schema", "field"), list(levels()))
async def test_security_operators_beside_fields_are_a_422(
    entitled: Browser, method: str, path: str, schema: Json, field: Path
) -> None:
    for operator in ("$gt", "$where", "$set", "__proto__"):
        answer = await send(entitled, method, path, put(example(schema), (*field, operator), ""))
        blamed = [error["field"] for error in problem(answer, 422)["errors"]]
        assert ".".join((*field, operator)) in blamed


async def test_security_operators_in_a_query_are_a_422(entitled: Browser) -> None:
    for path, methods in DOCUMENT["paths"].items():
        if path in FOR_BROWSERS:
            continue  # providers add parameters of their own; nobody has to know them
        parameters = methods.get("get", {}).get("parameters", [])
        for name in [each["name"] for each in parameters if each["in"] == "query"]:
            answer = await entitled.get(path, params={f"{name}[$ne]": ""})
            assert [each["field"] for each in problem(answer, 422)["errors"]] == [f"{name}[$ne]"]


def test_security_operators_are_tried_everywhere() -> None:
    """The document has as many fields as we think, at least; so the tests above prove something."""
    tried = [f"{each.values[1]} {'.'.join(each.values[3])}" for each in attempts()]
    assert len(tried) >= 30
    assert "/api/orders billing.address.region" in tried
    assert "/api/users/login password" in tried
