"""Which requests are shown a page, which are sent back, and which go nowhere."""

import httpx
import pytest

from tests.devstack.signin.helpers import VERIFIER, Application, answer_of


async def test_a_request_in_order_is_shown_the_page(application: Application) -> None:
    answer = await application.authorize()
    assert answer.status_code == 200
    assert f"Sign in with {application.provider.label}" in answer.text
    assert application.client_id in answer.text


@pytest.mark.parametrize(
    ("changes", "status", "title"),
    [
        ({"client_id": "somebody-else"}, 401, "Unknown application"),
        ({"client_id": None}, 401, "Unknown application"),
        ({"redirect_uri": "https://evil.example/"}, 400, "Unknown way back"),
        ({"redirect_uri": None}, 400, "Unknown way back"),
    ],
)
async def test_an_unknown_application_or_way_back_gets_a_page_and_no_redirect(
    application: Application, changes: dict[str, str | None], status: int, title: str
) -> None:
    await application.plant()
    answer = await application.authorize(**changes)
    assert (answer.status_code, "location" in answer.headers) == (status, False)
    assert f"<h1>{title}</h1>" in answer.text


async def test_the_way_back_is_compared_letter_by_letter(application: Application) -> None:
    for changed in (
        application.redirect_uri + "/",
        application.redirect_uri + "?next=/",
        application.redirect_uri.replace("127.0.0.1", "localhost"),
        application.redirect_uri.replace("http:", "HTTP:"),
    ):
        assert (await application.authorize(redirect_uri=changed)).status_code == 400


async def test_an_application_of_one_provider_is_unknown_to_the_other(
    google: Application, github: Application
) -> None:
    theirs = github.client_id, github.redirect_uri
    answer = await google.authorize(client_id=theirs[0], redirect_uri=theirs[1])
    assert answer.status_code == 401
    assert (await google.authorize(redirect_uri=github.redirect_uri)).status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "S256"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
async def test_a_request_without_pkce_s256_is_sent_back(
    application: Application, changes: dict[str, str | None], error: str
) -> None:
    await application.plant()
    answer = await application.authorize(**changes)
    assert answer.headers["location"].startswith(application.redirect_uri + "?")
    told = answer_of(answer)
    assert (told["error"], told["state"]) == (error, "state-of-this-sign-in")
    assert "code" not in told
    assert "code" in answer_of(await application.authorize())  # the plant was not used up


async def test_google_needs_the_scope_openid(google: Application) -> None:
    told = answer_of(await google.authorize(scope="email profile"))
    assert (told["error"], told["state"]) == ("invalid_scope", "state-of-this-sign-in")


async def test_github_needs_no_scope_and_no_response_type(github: Application) -> None:
    await github.plant()
    assert "code" in answer_of(await github.authorize(scope=None, response_type=None))


async def test_a_parameter_given_twice_is_refused(application: Application) -> None:
    right = httpx.QueryParams(application.parameters())
    twice = right.add("code_challenge_method", "plain")
    answer = await application.http.get(application.authorize_path, params=twice)
    assert answer_of(answer)["error"] == "invalid_request"

    ways_back = right.add("redirect_uri", application.redirect_uri)
    answer = await application.http.get(application.authorize_path, params=ways_back)
    assert answer.status_code == 400


async def test_the_answer_has_the_state_or_none(application: Application) -> None:
    await application.plant()
    hostile = "a&code=stolen#=+ü"
    assert answer_of(await application.authorize(state=hostile))["state"] == hostile
    await application.plant()
    assert "state" not in answer_of(await application.authorize(state=None))


async def test_a_planted_person_signs_in_once(application: Application) -> None:
    await application.plant()
    assert "code" in answer_of(await application.authorize())
    assert (await application.authorize()).status_code == 200


async def test_a_planted_denial_tells_the_application(application: Application) -> None:
    await application.http.post("/_sim/denials", json={"provider": application.provider})
    told = answer_of(await application.authorize())
    assert (told["error"], told["state"]) == ("access_denied", "state-of-this-sign-in")


async def test_what_is_planted_at_one_provider_is_not_taken_at_the_other(
    google: Application, github: Application
) -> None:
    await google.plant()
    assert (await github.authorize()).status_code == 200
    (waiting,) = (await google.http.get("/_sim/sign_ins")).json()
    assert waiting["provider"] == "google"
    assert "code" in answer_of(await google.authorize())
