"""Whose purchases are they: asked by address, answered with ids."""

from uuid import uuid4

from activities.account_letters import CONFIRM
from services.security_log import Event
from tests.api.conftest import PASSWORD
from tests.api.market import Json, Market, Person, problem, token_in
from tests.api.operations.conftest import Duty, Told


async def ids_of(operator: Duty, email: str) -> list[str]:
    answer = await operator.http.post("/api/operations/people", json={"email": email})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    assert set(found) == {"user_ids"}
    return list(found["user_ids"])


async def registers(market: Market, email: str) -> Person:
    http = market.browser()
    draft = {"email": email, "password": PASSWORD}
    return Person(http, (await http.post("/api/users/register", json=draft)).json()["id"], email)


async def test_an_address_leads_to_its_owner_in_any_spelling(operator: Duty, buyer: Person) -> None:
    assert await ids_of(operator, buyer.email.upper()) == [buyer.id]


async def test_nobody_is_an_answer_like_any_other(operator: Duty) -> None:
    assert await ids_of(operator, f"{uuid4().hex}@example.com") == []


async def test_an_unproven_address_leads_to_all_who_can_sign_in_under_it(
    market: Market, operator: Duty
) -> None:
    email = f"{uuid4().hex}@example.com"
    first, second = await registers(market, email), await registers(market, email)
    assert await ids_of(operator, email) == [first.id, second.id]


async def test_a_proven_address_leads_to_its_owner_and_to_what_they_have_absorbed(
    market: Market, operator: Duty
) -> None:
    email = f"{uuid4().hex}@example.com"
    first = await registers(market, email)
    await market.letter(email, CONFIRM.subject)
    second = await registers(market, email)
    token = token_in(await market.letter(email, CONFIRM.subject, nth=2))
    await second.http.post("/api/users/verification/confirm", json={"token": token})
    assert await ids_of(operator, email) == [second.id, first.id]


async def test_what_is_no_address_is_refused(operator: Duty) -> None:
    answer = await operator.http.post("/api/operations/people", json={"email": "nobody"})
    assert problem(answer, 422)["errors"] == [
        {"field": "email", "message": "Must be an e-mail address."}
    ]


async def test_asking_is_logged_without_the_address(
    operator: Duty, buyer: Person, told: Told
) -> None:
    await ids_of(operator, buyer.email)
    assert [each["user_id"] for each in told.of(Event.PERSON_LOOKED_UP)] == [operator.id]
    assert buyer.email not in told.everything
