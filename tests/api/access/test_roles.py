"""Every operation for every kind of caller; an operation without a row fails."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from services.auth.documents import Scope
from tests.api.access.matrix import MATRIX, Actor, Needs, Row
from tests.api.market import Json, Market, Person
from tests.api.streams import beginning
from tests.api.test_openapi import DOCUMENT


@dataclass
class Scene:
    """One ticket and one order, and the people around them: those that are needed."""

    market: Market
    names: dict[str, str] = field(default_factory=dict)
    people: dict[Actor, Person] = field(default_factory=dict)

    async def person(self, role: Actor) -> Person:
        """The one who plays this part."""
        if role not in self.people:
            self.people[role] = await self.market.person()
        return self.people[role]

    async def prepare(self, row: Row) -> None:
        """What the row needs is there, and what its path names."""
        if row.needs is not Needs.NOTHING:
            ticket = await (await self.person(Actor.SELLER)).lists()
            self.names["ticket"] = ticket["id"]
            if row.needs is not Needs.TICKET:
                await self._order(ticket, paid=row.needs is Needs.COMPLETE)
        if "{session}" in row.path:
            buyer = await self.person(Actor.BUYER)
            sessions = (await buyer.http.get("/api/users/me/sessions")).json()
            self.names["session"] = sessions["items"][0]["id"]
        if "{token}" in row.path:
            self.names["token"] = (await self._token("listed"))["id"]

    async def caller(self, actor: Actor) -> httpx.AsyncClient:
        """A browser, or a program, of this kind."""
        if actor is Actor.ANONYMOUS:
            return self.market.browser()
        if actor is Actor.PROGRAM:
            program = self.market.browser()
            token = (await self._token("program"))["token"]
            program.headers["Authorization"] = f"Bearer {token}"
            return program
        person = await self.person(actor)
        if actor is Actor.OPERATOR:
            await self.market.put_on_duty(person)
        if actor is Actor.OTHER and "order" in self.names:
            await person.buys(await (await self.market.person()).lists())
        return person.http

    def fill(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """The same with names for what is there."""
        if isinstance(value, str):
            for name, known in self.names.items():
                value = value.replace(f"{{{name}}}", known)
            return value
        if isinstance(value, dict):
            return {key: self.fill(each) for key, each in value.items()}
        return value

    async def _order(self, ticket: Json, *, paid: bool) -> None:
        buyer = await self.person(Actor.BUYER)
        order = await buyer.buys(ticket)
        self.names["order"] = order["id"]
        if paid:
            await self.market.pay(await buyer.bills(order))
            await buyer.when_it_is(order, "complete")

    async def _token(self, name: str) -> Json:
        """An API token of the buyer's that may do everything a token can."""
        buyer = await self.person(Actor.BUYER)
        draft = {"name": name, "scopes": list(Scope)}
        made: Json = (await buyer.http.post("/api/users/me/tokens", json=draft)).json()
        return made


@pytest.fixture
def scene(market: Market) -> Scene:
    return Scene(market)


def cells() -> Iterator[Any]:
    for operation, row in MATRIX.items():
        for actor in Actor:
            yield pytest.param(row, actor, id=f"{operation}-{actor}")


def operations() -> dict[str, tuple[str, str]]:
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }


def test_security_02_every_operation_has_a_row() -> None:
    assert set(MATRIX) == set(operations())


def test_security_02_every_row_calls_its_operation() -> None:
    for operation, (method, path) in operations().items():
        row = MATRIX[operation]
        parts, known = row.path.partition("?")[0].split("/"), path.split("/")
        assert row.method == method
        assert len(parts) == len(known), operation
        for part, template in zip(parts, known, strict=True):
            assert part == template or template.startswith("{"), operation


@pytest.mark.parametrize(("row", "actor"), list(cells()))
async def test_security_02_each_caller_gets_what_the_matrix_says(
    scene: Scene, row: Row, actor: Actor
) -> None:
    await scene.prepare(row)
    caller = await scene.caller(actor)
    request = caller.build_request(row.method, scene.fill(row.path), json=scene.fill(row.body))
    if row.endless:
        status, _ = await beginning(scene.market.app, request)
        assert status == row.expected(actor)
        return
    answer = await caller.send(request)
    assert answer.status_code == row.expected(actor), answer.text


@pytest.mark.parametrize("operation", ["getOrder", "cancelOrder", "refundOrder", "setBilling"])
async def test_security_01_anothers_order_looks_like_none(scene: Scene, operation: str) -> None:
    row = MATRIX[operation]
    await scene.prepare(row)
    caller = await scene.caller(Actor.OTHER)
    theirs = await caller.request(row.method, scene.fill(row.path), json=row.body)
    scene.names["order"] = "no-such-order"
    nothing = await caller.request(row.method, scene.fill(row.path), json=row.body)
    assert (theirs.status_code, theirs.json()) == (nothing.status_code, nothing.json())
