"""A person says on a page who they are, or that they do not want to."""

import httpx
import pytest

from devstack.simulators.signin.settings import Provider
from tests.devstack.signin.helpers import Application, answer_of

HOSTILE = '"><script>alert(1)</script>'
ADA = {"name": "Ada", "email": "ada@example.com", "email_verified": "yes", "decision": "sign_in"}


async def people(application: Application) -> list[dict[str, object]]:
    return list((await application.http.get("/_sim/people")).json())


async def test_somebody_new_signs_in_and_is_known_from_then_on(application: Application) -> None:
    answer = await application.decide(await application.page(), **ADA)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith(application.redirect_uri + "?")
    told = answer_of(answer)
    assert told["state"] == "state-of-this-sign-in"
    assert (await application.exchange(told["code"])).json()["access_token"]
    (ada,) = await people(application)
    assert (ada["name"], ada["email"], ada["email_verified"]) == ("Ada", "ada@example.com", True)
    assert "ada@example.com" in (await application.http.get("/")).text
    assert "ada@example.com" in (await application.authorize()).text


async def test_somebody_known_is_picked(application: Application) -> None:
    known = await application.plant()
    await application.authorize()
    answer = await application.decide(await application.page(), person=str(known["subject"]))
    assert "code" in answer_of(answer)
    assert len(await people(application)) == 1


async def test_the_same_address_is_the_same_person(application: Application) -> None:
    for name in ("Ada", "Ada Lovelace"):
        await application.decide(await application.page(), **{**ADA, "name": name})
    (ada,) = await people(application)
    assert ada["name"] == "Ada Lovelace"


async def test_an_unticked_box_means_not_verified(application: Application) -> None:
    form = {"name": "Ada", "email": "ada@example.com", "decision": "sign_in"}
    await application.decide(await application.page(), **form)
    (ada,) = await people(application)
    assert (ada["email_verified"], ada["hide_email"]) == (False, False)


async def test_github_logins_are_typed_or_made_up(github: Application) -> None:
    await github.decide(await github.page(), **ADA, login="countess", hide_email="yes")
    await github.decide(await github.page(), **{**ADA, "email": "ada@elsewhere.example"})
    await github.decide(await github.page(), **{**ADA, "email": "ada@third.example"})
    assert [person["login"] for person in await people(github)] == ["countess", "ada", "ada-2"]
    await github.decide(await github.page(), **{**ADA, "name": "Augusta"}, login="Countess")
    assert [person["name"] for person in await people(github)] == ["Augusta", "Ada", "Ada"]


async def test_whoever_denies_is_sent_back_with_that(application: Application) -> None:
    answer = await application.decide(await application.page(), decision="deny")
    told = answer_of(answer)
    assert (told["error"], told["state"]) == ("access_denied", "state-of-this-sign-in")
    assert "code" not in told
    assert await people(application) == []


async def test_a_page_decides_once(application: Application) -> None:
    identifier = await application.page()
    assert "code" in answer_of(await application.decide(identifier, **ADA))
    for again in (ADA, {"decision": "deny"}):
        answer = await application.decide(identifier, **again)
        assert (answer.status_code, "location" in answer.headers) == (400, False)
        assert "This sign-in is over" in answer.text


async def test_a_form_without_its_page_is_refused(application: Application) -> None:
    for identifier in ("", "made-up"):
        answer = await application.decide(identifier, **ADA)
        assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert await people(application) == []


async def test_a_page_of_one_provider_is_no_good_at_the_other(
    google: Application, github: Application
) -> None:
    identifier = await google.page()
    assert (await github.decide(identifier, **ADA)).status_code == 400
    assert "code" in answer_of(await google.decide(identifier, **ADA))


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("name", "x" * 101), ("email", "nobody"), ("email", "a b@example.com")],
)
async def test_what_was_typed_wrong_is_said_beside_it(
    application: Application, field: str, value: str
) -> None:
    identifier = await application.page()
    answer = await application.decide(identifier, **{**ADA, field: value})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert f'aria-describedby="{field}-problem"' in answer.text
    assert f'id="{field}-problem"' in answer.text
    assert await people(application) == []
    assert "code" in answer_of(await application.decide(identifier, **ADA))


async def test_an_impossible_login_is_refused(github: Application) -> None:
    answer = await github.decide(await github.page(), **ADA, login="not a login")
    assert 'aria-describedby="login-problem"' in answer.text
    assert "not a login" in answer.text


async def test_a_field_sent_twice_is_refused(application: Application) -> None:
    identifier = await application.page()
    content = f"request={identifier}&decision=deny&decision=sign_in"
    answer = await application.http.post(application.authorize_path, content=content)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_nothing_that_is_typed_becomes_part_of_a_page(application: Application) -> None:
    await application.decide(await application.page(), **{**ADA, "name": HOSTILE})
    refused = await application.decide(await application.page(), name=HOSTILE, email=HOSTILE)
    for page in (
        refused,
        await application.authorize(),
        await application.authorize(client_id=HOSTILE),
        await application.http.get("/"),
    ):
        assert "alert(1)" in page.text
        assert "<script" not in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_home_says_what_this_is(signin: httpx.AsyncClient) -> None:
    page = (await signin.get("/")).text
    assert "stand in for Google and GitHub" in page
    assert page.count("Nobody yet.") == len(Provider)
