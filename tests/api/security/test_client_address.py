"""Who is believed about where a request comes from: trusted proxies, and nobody else."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, Request

from api.addresses import counted, neighbourhood
from api.settings import ApiSettings
from services.database import MongoSettings
from services.settings import SettingError, read_settings
from tests.api.conftest import PASSWORD, Browser, an_app, running
from tests.api.test_process import running_api
from tests.limits import generous

ANN = {"email": "ann@example.com", "password": PASSWORD}
PROXY, SECOND_PROXY, STRANGER = "10.0.0.1", "192.0.2.1", "203.0.113.9"

Peer = Callable[..., AbstractAsyncContextManager[Browser]]


@pytest.fixture
def peer(mongo_settings: MongoSettings) -> Peer:
    """A connection from an address to an API that trusts 10.0.0.0/8 and one more, or nobody."""

    @asynccontextmanager
    async def connect(
        address: str, *, trusted: tuple[str, ...] = ("10.0.0.0/8", SECOND_PROXY)
    ) -> AsyncIterator[Browser]:
        settings = ApiSettings(public_url="http://testserver", trusted_proxies=trusted)
        app = an_app(mongo_settings, settings, limits=generous(login="2/minute"))
        routes = APIRouter()

        @routes.get("/api/seen")
        async def seen(request: Request) -> list[str]:
            return [request.client.host if request.client else "", request.url.scheme]

        app.include_router(routes)
        transport = httpx.ASGITransport(app, client=(address, 5))
        async with (
            running(app),
            Browser(transport=transport, base_url="http://testserver") as there,
        ):
            await app.state.databases.auth["limits"].delete_many({})
            yield there

    return connect


async def seen(there: Browser, *forwarded: str, **headers: str) -> list[str]:
    sent = [("X-Forwarded-For", each) for each in forwarded]
    sent += [(name.replace("_", "-"), value) for name, value in headers.items()]
    found: list[str] = (await there.get("/api/seen", headers=sent)).json()
    return found


async def logins(there: Browser, *forwarded: str) -> list[int]:
    """Three tries to sign in as nobody, each with another forwarded address."""
    return [
        (
            await there.post(
                "/api/users/login",
                json={**ANN, "email": f"{number}@example.com"},
                headers={"X-Forwarded-For": each},
            )
        ).status_code
        for number, each in enumerate(forwarded)
    ]


async def test_security_09_a_spoofed_forwarded_address_changes_nothing(peer: Peer) -> None:
    async with peer(STRANGER) as stranger:
        assert await logins(stranger, "1.1.1.1", "2.2.2.2", "3.3.3.3") == [401, 401, 429]
        assert await seen(stranger, "1.1.1.1") == [STRANGER, "http"]


async def test_security_09_by_default_nobody_is_believed_not_even_this_machine(peer: Peer) -> None:
    async with peer("127.0.0.1", trusted=()) as here:
        assert await logins(here, "1.1.1.1", "2.2.2.2", "3.3.3.3") == [401, 401, 429]
        assert await seen(here, "1.1.1.1", X_Forwarded_Proto="https") == ["127.0.0.1", "http"]


async def test_security_09_a_trusted_proxy_is_believed(peer: Peer) -> None:
    """The negative control: behind the proxy each client has tries of their own."""
    async with peer(PROXY) as proxy:
        assert await logins(proxy, "1.1.1.1", "2.2.2.2", "3.3.3.3") == [401, 401, 401]
        assert await logins(proxy, "1.1.1.1", "1.1.1.1", "1.1.1.1") == [401, 429, 429]


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["1.1.1.1"], "1.1.1.1"),
        (["9.9.9.9, 1.1.1.1"], "1.1.1.1"),
        (["9.9.9.9, 1.1.1.1, 10.1.2.3"], "1.1.1.1"),
        (["9.9.9.9, 1.1.1.1, 192.0.2.1, 10.1.2.3"], "1.1.1.1"),
        (["9.9.9.9", "1.1.1.1"], "1.1.1.1"),
        (["10.0.0.7, 1.1.1.1"], "1.1.1.1"),
        (["1.1.1.1:4711"], "1.1.1.1"),
        (["9.9.9.9, 2001:db8::1"], "2001:db8::1"),
        ([], PROXY),
        ([""], PROXY),
    ],
)
async def test_security_09_of_several_hops_the_last_that_is_not_ours_counts(
    peer: Peer, forwarded: list[str], client: str
) -> None:
    async with peer(PROXY) as proxy:
        assert (await seen(proxy, *forwarded))[0] == client


@pytest.mark.parametrize(
    "garbage", ["unknown", "a" * 5000, "1.1.1.1.1", "' or 1=1", "::::", "999.1.1.1", "{n}"]
)
async def test_security_09_garbage_buys_nobody_new_tries(peer: Peer, garbage: str) -> None:
    async with peer(PROXY) as proxy:
        tries = [f"{garbage}{number}" for number in range(3)]
        assert await logins(proxy, *tries) == [401, 401, 429]


async def test_security_09_only_a_trusted_proxy_tells_the_scheme(peer: Peer) -> None:
    async with peer(STRANGER) as stranger:
        assert (await seen(stranger, X_Forwarded_Proto="https"))[1] == "http"
    async with peer(PROXY) as proxy:
        assert (await seen(proxy, X_Forwarded_Proto="https"))[1] == "https"
        assert (await seen(proxy, X_Forwarded_Proto="javascript"))[1] == "http"


def test_security_09_the_process_itself_believes_nobody(mongo_settings: MongoSettings) -> None:
    """The server in front of the app would believe this machine, if it were not told otherwise."""
    with running_api(mongo_settings, LIMIT_LOGIN="2/hour") as (process, port):
        tries = [
            httpx.post(
                f"http://127.0.0.1:{port}/api/users/login",
                json={**ANN, "email": f"{number}@example.com"},
                headers={"X-Forwarded-For": f"1.1.1.{number}", "X-Forwarded-Proto": "https"},
            ).status_code
            for number in range(3)
        ]
    process.communicate(timeout=20)
    assert tries == [401, 401, 429]


@pytest.mark.parametrize(
    "value", ["*", "proxy.internal", "10.0.0.0/33", "0.0.0.0/0", "::/0", "10.0.0.1/8"]
)
def test_security_09_a_proxy_setting_that_trusts_too_much_is_named(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", value)
    with pytest.raises(SettingError, match=r"^TRUSTED_PROXIES: "):
        read_settings(ApiSettings)


def test_security_09_proxies_are_told_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::/32 ,192.0.2.1")
    assert read_settings(ApiSettings).trusted_proxies == (
        "10.0.0.0/8",
        "2001:db8::/32",
        "192.0.2.1",
    )


@pytest.mark.parametrize(
    ("host", "who", "where"),
    [
        ("192.0.2.77", "192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("nonsense", "unknown", "unknown"),
        ("", "unknown", "unknown"),
        (None, "unknown", "unknown"),
    ],
)
def test_security_09_an_address_is_counted_whole_and_logged_in_part(
    host: str | None, who: str, where: str
) -> None:
    assert (counted(host), neighbourhood(host)) == (who, where)
