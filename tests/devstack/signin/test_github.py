"""GitHub's stand-in answers in GitHub's shapes."""

from urllib.parse import parse_qs

import pytest

from tests.devstack.signin.helpers import VERIFIER, Application, Json, answer_of, bearer, one

API = "/github/api"


async def tokens_of(application: Application, scope: str = "read:user user:email") -> Json:
    """The tokens of whoever is planted."""
    code = answer_of(await application.authorize(scope=scope))["code"]
    tokens: Json = (await application.exchange(code)).json()
    return tokens


async def emails(application: Application, tokens: Json) -> list[Json]:
    answer = await application.http.get(f"{API}/user/emails", headers=bearer(tokens))
    return list(answer.raise_for_status().json())


async def test_a_token_comes_as_json_to_those_who_ask(github: Application) -> None:
    tokens = await github.tokens()
    assert tokens["access_token"].startswith("gho_")
    assert (tokens["token_type"], tokens["scope"]) == ("bearer", "read:user,user:email")
    assert tokens.keys() == {"access_token", "token_type", "scope"}


async def test_a_token_comes_as_a_form_to_all_others(github: Application) -> None:
    form = {
        "client_id": github.client_id,
        "client_secret": github.secret,
        "code": await github.code(),
        "redirect_uri": github.redirect_uri,
        "code_verifier": VERIFIER,
    }
    answer = await github.http.post(github.token_path, data=form)
    assert answer.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert one(answer.text, "access_token").startswith("gho_")
    assert one(answer.text, "scope") == "read:user,user:email"

    refused = await github.http.post(github.token_path, data=form)
    assert refused.status_code == 200
    assert one(refused.text, "error") == "bad_verification_code"
    assert parse_qs(refused.text).keys() == {"error", "error_description", "error_uri"}


async def test_a_user_has_a_number_a_login_and_perhaps_an_address(github: Application) -> None:
    ada = await github.plant(login="ada", hide_email=False)
    tokens = await tokens_of(github)
    answer = await github.http.get(f"{API}/user", headers=bearer(tokens))
    user = answer.json()
    assert user["id"] == int(ada["subject"])
    assert (user["login"], user["name"], user["email"]) == ("ada", "Ada", "ada@example.com")
    assert answer.headers["x-oauth-scopes"] == "read:user, user:email"


async def test_a_hidden_address_is_null_and_private(github: Application) -> None:
    await github.plant(hide_email=True)
    tokens = await tokens_of(github)
    user = (await github.http.get(f"{API}/user", headers=bearer(tokens))).json()
    assert user["email"] is None
    assert await emails(github, tokens) == [
        {"email": "ada@example.com", "primary": True, "verified": True, "visibility": "private"}
    ]


async def test_all_addresses_are_listed_with_what_is_verified(github: Application) -> None:
    await github.plant(
        email_verified=False,
        hide_email=False,
        more_emails=[{"email": "ada@work.example"}, {"email": "x@y.example", "verified": False}],
    )
    listed = await emails(github, await tokens_of(github))
    assert [(each["email"], each["primary"], each["verified"]) for each in listed] == [
        ("ada@example.com", True, False),
        ("ada@work.example", False, True),
        ("x@y.example", False, False),
    ]
    assert [each["visibility"] for each in listed] == ["public", None, None]


@pytest.mark.parametrize("scope", ["", "read:user"])
async def test_without_the_scope_there_are_no_addresses(github: Application, scope: str) -> None:
    await github.plant()
    tokens = await tokens_of(github, scope)
    answer = await github.http.get(f"{API}/user/emails", headers=bearer(tokens))
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")
    assert (await github.http.get(f"{API}/user", headers=bearer(tokens))).status_code == 200


@pytest.mark.parametrize("scope", ["user:email", "user", "read:user,user:email"])
async def test_a_scope_that_holds_the_addresses_is_enough(github: Application, scope: str) -> None:
    await github.plant()
    assert await emails(github, await tokens_of(github, scope))


async def test_the_older_token_scheme_works_too(github: Application) -> None:
    tokens = await github.tokens()
    headers = {"Authorization": f"token {tokens['access_token']}"}
    assert (await github.http.get(f"{API}/user", headers=headers)).status_code == 200


@pytest.mark.parametrize("path", ["/user", "/user/emails"])
@pytest.mark.parametrize(
    ("header", "message"),
    [
        (None, "Requires authentication"),
        ("Bearer made-up", "Bad credentials"),
        ("Basic eDp5", "Bad credentials"),
    ],
)
async def test_the_api_needs_a_token(
    github: Application, path: str, header: str | None, message: str
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = await github.http.get(API + path, headers=headers)
    assert answer.status_code == 401
    assert (answer.json()["message"], answer.json()["status"]) == (message, "401")


async def test_a_token_of_google_is_no_good_at_github(
    google: Application, github: Application
) -> None:
    tokens = await google.tokens()
    answer = await github.http.get(f"{API}/user", headers=bearer(tokens))
    assert answer.json()["message"] == "Bad credentials"


async def test_the_same_login_is_the_same_number(github: Application) -> None:
    first = await github.plant(login="ada")
    second = await github.plant(login="ADA", email="ada@new.example")
    assert first["subject"] == second["subject"]
