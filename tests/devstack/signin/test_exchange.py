"""A code is good once, for whoever asked for it, and only with the verifier."""

from pathlib import Path

import httpx
import pytest

from devstack.simulators.signin.app import running_signin
from devstack.simulators.signin.settings import OUR_CLIENTS, Provider, Registration, SigninSettings
from tests.devstack.signin.helpers import VERIFIER, Application, bearer

BAD_CODE = {Provider.GOOGLE: "invalid_grant", Provider.GITHUB: "bad_verification_code"}
BAD_CLIENT = {Provider.GOOGLE: "invalid_client", Provider.GITHUB: "incorrect_client_credentials"}
USER = {Provider.GOOGLE: "/google/userinfo", Provider.GITHUB: "/github/api/user"}


async def test_a_code_with_its_verifier_gives_a_token(application: Application) -> None:
    answer = await application.exchange(await application.code())
    assert answer.status_code == 200
    assert answer.json()["access_token"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("verifier", [None, "", VERIFIER[:-1] + "x", VERIFIER * 3])
async def test_a_missing_or_wrong_verifier_is_refused(
    application: Application, verifier: str | None
) -> None:
    answer = await application.exchange(await application.code(), code_verifier=verifier)
    assert await application.refused(answer) == BAD_CODE[application.provider]


async def test_a_guess_uses_the_code_up(application: Application) -> None:
    code = await application.code()
    await application.exchange(code, code_verifier=VERIFIER[::-1])
    answer = await application.exchange(code)
    assert await application.refused(answer) == BAD_CODE[application.provider]


async def test_a_code_used_again_is_refused_and_its_token_ends(application: Application) -> None:
    code = await application.code()
    tokens = (await application.exchange(code)).json()
    user = USER[application.provider]
    assert (await application.http.get(user, headers=bearer(tokens))).status_code == 200

    answer = await application.exchange(code)

    assert await application.refused(answer) == BAD_CODE[application.provider]
    assert (await application.http.get(user, headers=bearer(tokens))).status_code == 401


async def test_a_made_up_code_is_refused(application: Application) -> None:
    for code in (None, "made-up"):
        answer = await application.exchange(code)
        assert await application.refused(answer) == BAD_CODE[application.provider]


@pytest.mark.parametrize("redirect_uri", [None, "http://127.0.0.1:8000/elsewhere"])
async def test_a_code_is_bound_to_the_way_back(
    application: Application, redirect_uri: str | None
) -> None:
    answer = await application.exchange(await application.code(), redirect_uri=redirect_uri)
    assert await application.refused(answer) == "redirect_uri_mismatch"


async def test_a_code_of_one_provider_is_refused_by_the_other(
    google: Application, github: Application
) -> None:
    code = await google.code()
    assert await github.refused(await github.exchange(code)) == "bad_verification_code"
    assert (await google.exchange(code)).json()["access_token"]


@pytest.mark.parametrize("provider", list(Provider))
async def test_a_code_is_bound_to_its_application(tmp_path: Path, provider: Provider) -> None:
    registration = Registration(
        clients=dict([OUR_CLIENTS[provider], ("another", "its-secret")]),
        redirect_uris=frozenset({f"http://127.0.0.1:8000/api/auth/{provider}/callback"}),
    )
    settings = SigninSettings.model_validate(
        {"data": tmp_path / "signin.sqlite", provider.value: registration}
    )
    async with (
        running_signin(settings) as url,
        httpx.AsyncClient(base_url=url) as http,
    ):
        application = Application(http, provider)
        code = await application.code()
        stolen = await application.exchange(code, client_id="another", client_secret="its-secret")
        assert await application.refused(stolen) == BAD_CODE[provider]
        assert (await application.exchange(code)).json()["access_token"]


@pytest.mark.parametrize("provider", list(Provider))
async def test_a_code_grows_old(tmp_path: Path, provider: Provider) -> None:
    settings = SigninSettings(data=tmp_path / "signin.sqlite", code_seconds=0)
    async with running_signin(settings) as url, httpx.AsyncClient(base_url=url) as http:
        application = Application(http, provider)
        answer = await application.exchange(await application.code())
        assert await application.refused(answer) == BAD_CODE[provider]
    assert SigninSettings(data=tmp_path).code_seconds == 600


async def test_the_client_may_use_basic_authentication(application: Application) -> None:
    answer = await application.exchange_basic(
        await application.code(), application.client_id, application.secret
    )
    assert answer.json()["access_token"]


@pytest.mark.parametrize(
    "changes",
    [
        {"client_secret": "wrong"},
        {"client_secret": None},
        {"client_secret": ""},
        {"client_id": "somebody-else"},
        {"client_id": None},
    ],
)
async def test_wrong_credentials_are_refused_and_leave_the_code_alone(
    application: Application, changes: dict[str, str | None]
) -> None:
    code = await application.code()
    answer = await application.exchange(code, **changes)
    assert await application.refused(answer) == BAD_CLIENT[application.provider]
    assert (await application.exchange(code)).json()["access_token"]


@pytest.mark.parametrize("secret", ["wrong", ""])
async def test_wrong_basic_credentials_are_refused(application: Application, secret: str) -> None:
    answer = await application.exchange_basic(
        await application.code(), application.client_id, secret
    )
    assert await application.refused(answer) == BAD_CLIENT[application.provider]


async def test_credentials_come_in_one_way_only(application: Application) -> None:
    answer = await application.exchange_basic(
        await application.code(),
        application.client_id,
        application.secret,
        client_secret=application.secret,
    )
    assert await application.refused(answer) == "invalid_request"


@pytest.mark.parametrize("header", ["Bearer x", "Basic not-base64!", "Basic /w=="])
async def test_other_authentication_is_refused(application: Application, header: str) -> None:
    form = {"grant_type": "authorization_code", "code": await application.code()}
    answer = await application.http.post(
        application.token_path,
        data=form,
        headers={"Accept": "application/json", "Authorization": header},
    )
    assert await application.refused(answer) == BAD_CLIENT[application.provider]


async def test_another_grant_is_refused(application: Application) -> None:
    answer = await application.exchange(await application.code(), grant_type="password")
    assert await application.refused(answer) == "unsupported_grant_type"


async def test_a_field_sent_twice_is_refused(application: Application) -> None:
    answer = await application.http.post(
        application.token_path,
        content=f"code={await application.code()}&code=another",
        headers={"Accept": "application/json"},
    )
    assert await application.refused(answer) == "invalid_request"
