"""A bad day at a provider, on request."""

import httpx
import pytest

from tests.devstack.signin.helpers import Application, bearer


async def plant(http: httpx.AsyncClient, kind: str, **more: object) -> None:
    (await http.post("/_sim/faults", json={"kind": kind, **more})).raise_for_status()


async def test_a_token_request_can_fail_and_be_tried_again(application: Application) -> None:
    code = await application.code()
    await plant(application.http, "token_error", status=503)
    assert (await application.exchange(code)).status_code == 503
    assert (await application.exchange(code)).json()["access_token"]


async def test_a_token_answer_can_lack_its_access_token(application: Application) -> None:
    await plant(application.http, "token_without_access_token")
    answer = await application.exchange(await application.code())
    assert answer.status_code == 200
    assert "access_token" not in answer.json()
    assert "error" not in answer.json()
    assert "access_token" in await application.tokens()


async def test_a_token_answer_can_lack_its_id_token(google: Application) -> None:
    await plant(google.http, "token_without_id_token")
    assert "id_token" not in await google.tokens()
    assert "id_token" in await google.tokens()


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("user_error", "/google/userinfo"),
        ("user_error", "/github/api/user"),
        ("emails_error", "/github/api/user/emails"),
        ("discovery_error", "/google/.well-known/openid-configuration"),
        ("jwks_error", "/google/jwks"),
    ],
)
async def test_other_answers_can_fail(
    google: Application, github: Application, kind: str, path: str
) -> None:
    application = google if path.startswith("/google") else github
    headers = bearer(await application.tokens())
    await plant(application.http, kind, times=2)
    answers = [(await application.http.get(path, headers=headers)).status_code for _ in range(3)]
    assert answers == [500, 500, 200]


async def test_a_fault_can_be_meant_for_one_provider(
    google: Application, github: Application
) -> None:
    await plant(google.http, "token_error", provider="github")
    assert "access_token" in await google.tokens()
    assert (await github.exchange(await github.code())).status_code == 500


async def test_faults_can_be_listed_and_cleared(signin: httpx.AsyncClient) -> None:
    await plant(signin, "token_error", times=3)
    (listed,) = (await signin.get("/_sim/faults")).json()
    assert (listed["kind"], listed["times"]) == ("token_error", 3)
    await signin.delete("/_sim/faults")
    assert (await signin.get("/_sim/faults")).json() == []


async def test_an_unknown_fault_is_refused(signin: httpx.AsyncClient) -> None:
    assert (await signin.post("/_sim/faults", json={"kind": "fire"})).status_code == 422


async def test_a_reset_forgets_everything_but_the_key(google: Application) -> None:
    tokens = await google.tokens()
    key = (await google.http.get("/google/jwks")).json()
    code, page = await google.code(), await google.page()
    await plant(google.http, "token_error")
    await google.plant()

    await google.http.post("/_sim/reset")

    assert (await google.http.get("/_sim/people")).json() == []
    assert (await google.http.get("/_sim/sign_ins")).json() == []
    assert (await google.http.get("/_sim/faults")).json() == []
    assert (await google.exchange(code)).json()["error"] == "invalid_grant"
    assert (await google.decide(page, decision="deny")).status_code == 400
    answer = await google.http.get("/google/userinfo", headers=bearer(tokens))
    assert answer.status_code == 401
    assert (await google.http.get("/google/jwks")).json() == key
