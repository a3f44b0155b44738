"""One's own account: password, sessions, API tokens, export."""

from datetime import UTC, datetime, timedelta

import pytest

from api.auth.account import TOKENS_AT_MOST
from tests.api.conftest import PASSWORD, Browser, OpenBrowser, SignIn

NEW_PASSWORD = "an entirely new password"
TICKET: dict[str, object] = {"title": "Front row", "price": {"amount": 16000, "currency": "CAD"}}


async def elsewhere(person: Browser, another: Browser, agent: str = "Phone") -> Browser:
    """The same person in another browser."""
    email = (await person.get("/api/users/me")).json()["email"]
    answer = await another.post(
        "/api/users/login",
        json={"email": email, "password": PASSWORD},
        headers={"User-Agent": agent},
    )
    assert answer.status_code == 200
    return another


async def a_token(person: Browser, *scopes: str, **more: object) -> str:
    answer = await person.post(
        "/api/users/me/tokens", json={"name": "program", "scopes": list(scopes), **more}
    )
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["token"]
    return token


def a_program(browser: Browser, token: str) -> Browser:
    browser.headers["Authorization"] = f"Bearer {token}"
    return browser


async def test_an_account_says_how_it_can_be_signed_in_to(seller: Browser) -> None:
    account = (await seller.get("/api/users/me/account")).json()
    me = (await seller.get("/api/users/me")).json()
    more = {"role": "user", "has_password": True, "identities": []}
    assert account == {**me, **more}


class TestPassword:
    """Changing it."""

    async def test_security_13_a_change_ends_every_other_session(
        self, seller: Browser, browser: Browser, open_browser: OpenBrowser
    ) -> None:
        phone, before = await elsewhere(seller, browser), seller.cookies["session"]
        answer = await seller.put(
            "/api/users/me/password",
            json={"current_password": PASSWORD, "password": NEW_PASSWORD},
        )
        assert (answer.status_code, answer.content) == (204, b"")
        assert seller.cookies["session"] != before
        assert (await seller.get("/api/users/me")).status_code == 200
        assert (await phone.get("/api/users/me")).status_code == 401
        thief = open_browser()
        thief.cookies.set("session", before)
        assert (await thief.get("/api/users/me")).status_code == 401

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"current_password": "not it", "password": NEW_PASSWORD}, "current_password"),
            ({"current_password": PASSWORD, "password": "short"}, "password"),
            ({"current_password": PASSWORD, "password": "password123"}, "password"),
            ({"current_password": {"$ne": ""}, "password": NEW_PASSWORD}, "current_password"),
            ({"password": NEW_PASSWORD}, "current_password"),
        ],
    )
    async def test_a_bad_change_names_the_field_and_changes_nothing(
        self, seller: Browser, browser: Browser, body: dict[str, object], field: str
    ) -> None:
        answer = await seller.put("/api/users/me/password", json=body)
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field]
        await elsewhere(seller, browser)

    @pytest.mark.parametrize(
        "password", ["password123", "PassWord123", "1234567890", "ann@example.com"]
    )
    async def test_security_17_a_password_that_is_tried_first_is_refused(
        self, browser: Browser, password: str
    ) -> None:
        answer = await browser.post(
            "/api/users/register", json={"email": "ann@example.com", "password": password}
        )
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["password"]

    @pytest.mark.parametrize(
        "password", ["a" * 128, "        x", "пароль-на-русском", "tr0ub4dor&"]
    )
    async def test_security_17_anything_else_of_8_to_128_characters_is_taken_as_it_is(
        self, browser: Browser, password: str
    ) -> None:
        ann = {"email": "ann@example.com", "password": password}
        assert (await browser.post("/api/users/register", json=ann)).status_code == 201
        assert (await browser.post("/api/users/login", json=ann)).status_code == 200
        trimmed = {**ann, "password": password[:-1]}
        assert (await browser.post("/api/users/login", json=trimmed)).status_code == 401


class TestSessions:
    """Where somebody is signed in."""

    async def test_each_browser_is_listed_and_can_be_ended(
        self, seller: Browser, browser: Browser
    ) -> None:
        phone = await elsewhere(seller, browser, "Phone\tBrowser\x7f")
        listed = (await seller.get("/api/users/me/sessions")).json()["items"]
        assert sorted(each["current"] for each in listed) == [False, True]
        (other,) = [each for each in listed if not each["current"]]
        assert other["user_agent"] == "PhoneBrowser"
        assert seller.cookies["session"] not in str(listed)
        ended = await seller.delete(f"/api/users/me/sessions/{other['id']}")
        assert ended.status_code == 204
        assert (await phone.get("/api/users/me")).status_code == 401
        assert (await seller.get("/api/users/me")).status_code == 200
        again = await seller.delete(f"/api/users/me/sessions/{other['id']}")
        assert again.status_code == 404

    async def test_all_others_can_be_ended_at_once(
        self, seller: Browser, open_browser: OpenBrowser
    ) -> None:
        others = [await elsewhere(seller, open_browser()) for _ in range(3)]
        assert (await seller.delete("/api/users/me/sessions")).status_code == 204
        assert [(await each.get("/api/users/me")).status_code for each in others] == [401] * 3
        assert len((await seller.get("/api/users/me/sessions")).json()["items"]) == 1

    async def test_nobody_ends_anothers_session(self, seller: Browser, sign_in: SignIn) -> None:
        mine = (await seller.get("/api/users/me/sessions")).json()["items"][0]["id"]
        mallory = await sign_in()
        answer = await mallory.delete(f"/api/users/me/sessions/{mine}")
        assert answer.status_code == 404
        assert (await seller.get("/api/users/me")).status_code == 200


class TestTokens:
    """Programs that act for somebody."""

    async def test_a_token_is_shown_once(self, seller: Browser) -> None:
        token = await a_token(seller, "tickets:write", "orders:read")
        (listed,) = (await seller.get("/api/users/me/tokens")).json()["items"]
        assert listed["scopes"] == ["orders:read", "tickets:write"]
        assert listed["last_used_at"] is None
        assert token not in str(listed)

    async def test_a_token_does_what_its_scopes_say(
        self, seller: Browser, open_browser: OpenBrowser
    ) -> None:
        lists = a_program(open_browser(), await a_token(seller, "tickets:write"))
        reads = a_program(open_browser(), await a_token(seller, "orders:read"))
        buys = a_program(open_browser(), await a_token(seller, "orders:write"))
        made = await lists.post("/api/tickets", json=TICKET)
        assert made.status_code == 201
        mine = {"seller": "me"}
        assert len((await reads.get("/api/tickets", params=mine)).json()["items"]) == 1
        assert (await reads.get("/api/orders")).status_code == 200
        order = {"ticket_id": made.json()["id"]}
        assert (await buys.post("/api/orders", json=order)).json()["type"] == "/problems/own-ticket"
        for program, method, path in (
            (reads, "POST", "/api/tickets"),
            (buys, "DELETE", f"/api/tickets/{made.json()['id']}"),
            (lists, "GET", "/api/orders"),
            (buys, "GET", "/api/orders"),
            (reads, "POST", "/api/orders"),
        ):
            body: dict[str, object] | None = None
            if method == "POST":
                body = TICKET if path == "/api/tickets" else order
            answer = await program.request(method, path, json=body)
            assert (answer.status_code, answer.json()["type"]) == (
                403,
                "/problems/insufficient-scope",
            ), path
        assert {(await each.get("/api/users/me")).status_code for each in (lists, reads, buys)} == {
            200
        }

    async def test_no_token_reaches_the_account_itself(
        self, seller: Browser, browser: Browser
    ) -> None:
        program = a_program(
            browser, await a_token(seller, "tickets:write", "orders:write", "orders:read")
        )
        for method, path in (
            ("GET", "account"),
            ("PUT", "password"),
            ("GET", "sessions"),
            ("DELETE", "sessions"),
            ("GET", "tokens"),
            ("POST", "tokens"),
            ("GET", "export"),
            ("POST", "close"),
        ):
            answer = await program.request(method, f"/api/users/me/{path}", json={})
            assert (answer.status_code, answer.json()["type"]) == (
                403,
                "/problems/insufficient-scope",
            ), path

    async def test_a_revoked_token_is_nobodys_at_once(
        self, seller: Browser, browser: Browser
    ) -> None:
        program = a_program(browser, await a_token(seller, "orders:read"))
        assert (await program.get("/api/orders")).status_code == 200
        (listed,) = (await seller.get("/api/users/me/tokens")).json()["items"]
        assert listed["last_used_at"] is not None
        revoked = await seller.delete(f"/api/users/me/tokens/{listed['id']}")
        assert revoked.status_code == 204
        assert (await program.get("/api/orders")).status_code == 401
        assert (await seller.get("/api/users/me/tokens")).json() == {"items": []}

    async def test_a_wrong_token_is_not_made_good_by_a_cookie(self, seller: Browser) -> None:
        headers = {"Authorization": "Bearer tex_made_up"}
        assert (await seller.get("/api/users/me", headers=headers)).status_code == 401
        assert (await seller.get("/api/users/me")).status_code == 200

    async def test_a_token_can_be_made_to_end(self, seller: Browser) -> None:
        await a_token(seller, "orders:read", expires_in_days=30)
        (listed,) = (await seller.get("/api/users/me/tokens")).json()["items"]
        ends = datetime.fromisoformat(listed["expires_at"])
        assert timedelta(days=29) < ends - datetime.now(UTC) <= timedelta(days=30)

    async def test_there_is_an_end_to_the_number_of_tokens(self, seller: Browser) -> None:
        for _ in range(TOKENS_AT_MOST):
            await a_token(seller, "orders:read")
        one_more = await seller.post(
            "/api/users/me/tokens", json={"name": "x", "scopes": ["orders:read"]}
        )
        assert one_more.json()["type"] == "/problems/too-many-tokens"

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "a\nb"}, "name"),
            ({"name": "x" * 81}, "name"),
            ({"scopes": []}, "scopes"),
            ({"scopes": ["operator"]}, "scopes.0"),
            ({"scopes": "orders:read"}, "scopes"),
            ({"expires_in_days": 0}, "expires_in_days"),
            ({"expires_in_days": 367}, "expires_in_days"),
            ({"user_id": "me"}, "user_id"),
        ],
    )
    async def test_bad_tokens_name_the_field(
        self, seller: Browser, change: dict[str, object], field: str
    ) -> None:
        body = {"name": "x", "scopes": ["orders:read"], **change}
        answer = await seller.post("/api/users/me/tokens", json=body)
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_an_export_holds_everything_of_ones_own_and_no_secret(
    seller: Browser, sign_in: SignIn
) -> None:
    token = await a_token(seller, "orders:read")
    for number in range(3):
        await seller.post("/api/tickets", json={**TICKET, "title": f"Number {number}"})
    other = await sign_in()
    await other.post("/api/tickets", json={**TICKET, "title": "Somebody else's"})
    answer = await seller.get("/api/users/me/export")
    assert answer.headers["content-disposition"].startswith("attachment")
    exported = answer.json()
    assert set(exported) == {"account", "sessions", "tokens", "tickets", "orders"}
    assert [each["title"] for each in exported["tickets"]] == ["Number 0", "Number 1", "Number 2"]
    for secret in (token, seller.cookies["session"], "argon2"):
        assert secret not in answer.text
