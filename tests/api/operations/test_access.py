"""Nobody but an operator in front of a browser gets anywhere, and each try is in the log."""

import pytest

from services.auth.documents import Role, Scope
from services.security_log import Event
from tests.api.market import Market, Person, problem
from tests.api.operations.conftest import Duty, Told

BOARD = "/api/operations/board"


async def test_a_stranger_is_asked_to_sign_in(market: Market, told: Told) -> None:
    problem(await market.browser().get(BOARD), 401)
    (line,) = told.of(Event.REFUSED)
    assert (line["route"], line["user_id"]) == (BOARD, None)


async def test_everybody_else_is_told_who_may(market: Market, buyer: Person, told: Told) -> None:
    refused = problem(await buyer.http.get(BOARD), 403)
    assert refused["type"] == "/problems/operators-only"
    assert refused["title"] == "Only operators can see and do that."
    (line,) = told.of(Event.REFUSED)
    assert (line["problem"], line["user_id"]) == ("/problems/operators-only", buyer.id)


async def test_a_program_of_an_operators_is_refused_whatever_it_may_do(
    market: Market, operator: Duty
) -> None:
    draft = {"name": "program", "scopes": list(Scope)}
    token = (await operator.http.post("/api/users/me/tokens", json=draft)).json()["token"]
    program = market.browser()
    answer = await program.get(BOARD, headers={"Authorization": f"Bearer {token}"})
    assert problem(answer, 403)["type"] == "/problems/insufficient-scope"


async def test_whoever_is_off_duty_is_refused_at_once(market: Market, operator: Duty) -> None:
    await operator.looks("board")
    users = market.databases.auth["users"]
    await users.update_one({"_id": operator.id}, {"$set": {"role": Role.USER}})
    problem(await operator.http.get(BOARD), 403)


async def test_refusal_looks_the_same_whether_there_is_such_an_order_or_not(
    seller: Person, buyer: Person
) -> None:
    order = await buyer.buys(await seller.lists())
    real, made_up = [
        await buyer.http.get(f"/api/operations/purchases/{order_id}")
        for order_id in (order["id"], "no-such-order")
    ]
    assert problem(real, 403) == problem(made_up, 403)


@pytest.mark.parametrize(
    "body", [{}, {"reason": "x"}, {"reason": " " * 9}, {"reason": "x" * 201}, {"reason": 5}]
)
async def test_no_action_without_a_reason(
    operator: Duty, seller: Person, buyer: Person, body: dict[str, object]
) -> None:
    order = await buyer.buys(await seller.lists())
    answer = await operator.http.post(f"/api/operations/purchases/{order['id']}/cancel", json=body)
    assert [error["field"] for error in problem(answer, 422)["errors"]] == ["reason"]
    assert (await buyer.order(order))["status"] == "created"
