"""Confirming an address and setting a password, by mail."""

import json
from uuid import uuid4

import pytest
from temporalio.client import Client

from activities.account_letters import CONFIRM, KNOWN, RESET
from services.clock import now
from tests.api.conftest import PASSWORD
from tests.api.market import Market, Person, token_in

NEW_PASSWORD = "an entirely new password"


async def signs_in(market: Market, email: str, password: str) -> int:
    answer = await market.browser().post(
        "/api/users/login", json={"email": email, "password": password}
    )
    return answer.status_code


async def asks_for_reset(market: Market, email: str) -> int:
    answer = await market.browser().post("/api/users/password-reset", json={"email": email})
    return answer.status_code


async def test_registering_mails_a_link_that_confirms_the_address(
    market: Market, buyer: Person
) -> None:
    letter = await market.letter(buyer.email, CONFIRM.subject)
    answer = await buyer.http.post(
        "/api/users/verification/confirm", json={"token": token_in(letter)}
    )
    assert answer.status_code == 200
    assert answer.json()["email_verified"] is True
    assert (await buyer.http.get("/api/users/me")).json() == answer.json()
    again = await buyer.http.post(
        "/api/users/verification/confirm", json={"token": token_in(letter)}
    )
    assert again.status_code == 422
    assert [error["field"] for error in again.json()["errors"]] == ["token"]


async def test_the_link_can_be_mailed_again_until_the_address_is_confirmed(
    market: Market, buyer: Person
) -> None:
    await market.letter(buyer.email, CONFIRM.subject)
    assert (await buyer.http.post("/api/users/verification")).status_code == 202
    second = await market.letter(buyer.email, CONFIRM.subject, nth=2)
    confirmed = await buyer.http.post(
        "/api/users/verification/confirm", json={"token": token_in(second)}
    )
    assert confirmed.status_code == 200
    assert (await buyer.http.post("/api/users/verification")).status_code == 202
    await asks_for_reset(market, buyer.email)
    await market.letter(buyer.email, RESET.subject)
    subjects = [mail["subject"] for mail in await market.post_to(buyer.email)]
    assert subjects.count(CONFIRM.subject) == 2


async def test_a_link_opened_elsewhere_asks_for_a_new_password(
    market: Market, buyer: Person
) -> None:
    letter, elsewhere = await market.letter(buyer.email, CONFIRM.subject), market.browser()
    link = {"token": token_in(letter)}
    refused = await elsewhere.post("/api/users/verification/confirm", json=link)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/proof-needed")
    confirmed = await elsewhere.post(
        "/api/users/verification/confirm", json={**link, "password": NEW_PASSWORD}
    )
    assert confirmed.status_code == 200
    assert (await elsewhere.get("/api/users/me")).json()["email_verified"] is True
    assert (await buyer.http.get("/api/users/me")).status_code == 401
    assert await signs_in(market, buyer.email, PASSWORD) == 401
    assert await signs_in(market, buyer.email, NEW_PASSWORD) == 200


async def test_security_20_a_forgotten_password_is_set_with_a_link_that_works_once(
    market: Market, buyer: Person
) -> None:
    assert await asks_for_reset(market, buyer.email.upper()) == 202
    letter = await market.letter(buyer.email, RESET.subject)
    link, browser = {"token": token_in(letter)}, market.browser()
    weak = await browser.post(
        "/api/users/password-reset/confirm", json={**link, "password": "password123"}
    )
    assert weak.status_code == 422
    done = await browser.post(
        "/api/users/password-reset/confirm", json={**link, "password": NEW_PASSWORD}
    )
    assert (done.status_code, done.json()["email"]) == (200, buyer.email)
    assert (await browser.get("/api/users/me")).status_code == 200
    assert (await buyer.http.get("/api/users/me")).status_code == 401
    assert await signs_in(market, buyer.email, PASSWORD) == 401
    again = await browser.post(
        "/api/users/password-reset/confirm", json={**link, "password": PASSWORD}
    )
    assert again.status_code == 422
    assert await signs_in(market, buyer.email, NEW_PASSWORD) == 200


async def test_security_19_whether_an_address_is_known_shows_only_in_its_mail(
    market: Market, buyer: Person
) -> None:
    letter = await market.letter(buyer.email, CONFIRM.subject)
    await buyer.http.post("/api/users/verification/confirm", json={"token": token_in(letter)})
    answers = []
    for email in (buyer.email, f"nobody-{buyer.email}"):
        browser = market.browser()
        draft = {"email": email, "password": "a strangers password"}
        registered = await browser.post("/api/users/register", json=draft)
        reset = await browser.post("/api/users/password-reset", json={"email": email})
        me = await browser.get("/api/users/me")
        again = await market.browser().post("/api/users/login", json=draft)
        answers.append(
            [
                (answer.status_code, sorted(answer.headers), sorted(answer.json() or {}))
                for answer in (registered, reset, me, again)
            ]
        )
        assert me.json()["email_verified"] is False
    assert answers[0] == answers[1]
    known = await market.letter(buyer.email, KNOWN.subject)
    assert "#token=" not in known["text"]
    assert await signs_in(market, buyer.email, PASSWORD) == 200


async def test_nobody_is_written_to_who_has_no_account(market: Market) -> None:
    stranger, begun = f"{uuid4().hex}@example.com", now()
    assert await asks_for_reset(market, stranger) == 202
    someone = await market.person()
    await asks_for_reset(market, someone.email)
    await market.letter(someone.email, RESET.subject)
    await market.post_is_done(begun)
    assert await market.post_to(stranger) == []


async def test_security_33_neither_address_nor_link_enters_history(
    market: Market, buyer: Person
) -> None:
    letter = await market.letter(buyer.email, CONFIRM.subject)
    history = await _letters_history(market.temporal)
    assert "send_letter" in history
    assert buyer.email not in history
    assert token_in(letter) not in history


async def test_an_account_opened_while_temporal_is_away_can_ask_for_its_letter_later(
    market: Market,
) -> None:
    browser, email = market.browser(), "patient@example.com"
    async with market.cables.temporal.pulled():
        opened = await browser.post(
            "/api/users/register", json={"email": email, "password": PASSWORD}
        )
        assert opened.status_code == 201
        assert (await browser.post("/api/users/verification")).status_code == 503
        assert await asks_for_reset(market, email) == 503
        assert await asks_for_reset(market, f"nobody-{email}") == 503
    assert (await browser.post("/api/users/verification")).status_code == 202
    await market.letter(email, CONFIRM.subject)


async def test_what_was_bought_before_the_address_was_confirmed_is_in_the_one_account(
    market: Market, seller: Person, buyer: Person
) -> None:
    """Somebody registers twice under one address, buys with the first, and confirms the second."""
    order = await buyer.buys(await seller.lists())
    listed = await buyer.lists(title="Of the first account")
    await market.letter(buyer.email, CONFIRM.subject)
    again = market.browser()
    await again.post(
        "/api/users/register", json={"email": buyer.email, "password": "another password"}
    )
    second = await market.letter(buyer.email, CONFIRM.subject, nth=2)
    confirmed = await again.post(
        "/api/users/verification/confirm", json={"token": token_in(second)}
    )
    assert confirmed.status_code == 200, confirmed.text
    assert (await buyer.http.get("/api/users/me")).status_code == 401
    both = Person(again, confirmed.json()["id"], buyer.email)
    assert [each["id"] for each in (await again.get("/api/orders")).json()["items"]] == [
        order["id"]
    ]
    mine = (await again.get("/api/tickets", params={"seller": "me"})).json()["items"]
    assert [each["id"] for each in mine] == [listed["id"]]
    assert (await both.asks_for(listed)).json()["type"] == "/problems/own-ticket"
    payable = await both.bills(order)
    await market.pay(payable)
    await both.when(order, lambda it: it["status"] == "complete")
    assert await market.letters(both, 1) == ["Order Confirmed!"]
    assert (await again.delete(f"/api/tickets/{listed['id']}")).status_code == 204


@pytest.mark.parametrize("body", [{"token": {"$gt": ""}}, {"token": ""}, {}, {"token": "\x00"}])
async def test_bad_links_are_told_at_their_field(market: Market, body: object) -> None:
    for path in ("verification", "password-reset"):
        answer = await market.browser().post(
            f"/api/users/{path}/confirm",
            json={**(body if isinstance(body, dict) else {}), "password": PASSWORD},
        )
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["token"]


async def _letters_history(temporal: Client) -> str:
    """All that Temporal keeps of all letters, decoded."""
    found = []
    async for each in temporal.list_workflows("WorkflowType = 'LetterWorkflow'"):
        history = await temporal.get_workflow_handle(each.id).fetch_history()
        found.append(json.dumps(history.to_json_dict()) + str(history.events))
    return "\n".join(found)
