"""How often anybody may try: sign-in, registration, reserving, webhooks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.read_concern import ReadConcern

from services.auth.documents import Role
from services.auth.passwords import Match, Passwords, PasswordSettings
from services.database import MongoSettings
from services.limits.limiter import Limits, TooManyTriesError
from services.limits.rules import LimitSettings, Rule
from services.settings import SettingError, read_settings
from tests.api.conftest import PASSWORD, Browser, a_browser, an_app, running
from tests.api.market import problem, until
from tests.cables import a_cable
from tests.conftest import empty
from tests.limits import generous

ANN = {"email": "ann@example.com", "password": PASSWORD}
ANYBODY = {**ANN, "email": "{n}@example.com"}
WHOM = {"email": ANN["email"]}
WRONG = {**ANN, "password": "not the password"}

Limited = Callable[..., AbstractAsyncContextManager[FastAPI]]


@pytest.fixture
def limited_app(mongo_settings: MongoSettings) -> Limited:
    """An API with these limits and no others; nobody is registered."""

    @asynccontextmanager
    async def start(**limits: str) -> AsyncIterator[FastAPI]:
        async with running(an_app(mongo_settings, limits=generous(**limits))) as app:
            await empty(app.state.databases)
            yield app

    return start


def from_address(app: FastAPI, address: str) -> Browser:
    """Somebody at this address."""
    return Browser(
        transport=httpx.ASGITransport(app, client=(address, 5)), base_url="http://testserver"
    )


def counters(app: FastAPI) -> AsyncCollection[dict[str, Any]]:
    """What was counted; nobody waits until all members have a count."""
    found: AsyncCollection[dict[str, Any]] = app.state.databases.auth["limits"]
    return found.with_options(read_concern=ReadConcern("local"))


async def told_to_wait(limits: Limits) -> int:
    """So many seconds, after as many sign-ins as are allowed now."""
    while True:
        try:
            await limits.hit(Rule.LOGIN, "ann")
        except TooManyTriesError as refused:
            return refused.seconds


class CountsHashes(Passwords):
    """Password hashes, and how many were computed."""

    def __init__(self) -> None:
        super().__init__(PasswordSettings(memory_kib=64, rounds=1))
        self.computed = 0

    async def hash(self, password: str) -> str:
        self.computed += 1
        return await super().hash(password)

    async def match(self, password: str, hashes: Sequence[str | None]) -> Match | None:
        self.computed += 1
        return await super().match(password, hashes)


class TestByAddress:
    """A client address has so many tries, whatever it tries them with."""

    @pytest.mark.parametrize(
        ("rule", "path", "body"),
        [
            (
                "registration",
                "/api/users/register",
                {"email": "{n}@example.com", "password": PASSWORD},
            ),
            ("login", "/api/users/login", {"email": "{n}@example.com", "password": PASSWORD}),
            ("reserve", "/api/orders", {"ticket_id": "{n}"}),
            ("webhook", "/api/webhooks/stripe", {"id": "evt_{n}"}),
            ("report", "/api/reports/csp", {"type": "{n}"}),
        ],
    )
    async def test_security_09_too_many_requests_are_refused_and_told_when_to_come_back(
        self, limited_app: Limited, rule: str, path: str, body: dict[str, str]
    ) -> None:
        async with limited_app(**{rule: "2/minute"}) as app, a_browser(app) as browser:
            answers = []
            for number in range(4):
                told = {key: value.format(n=number) for key, value in body.items()}
                answers.append(await browser.post(path, json=told))
            refused = [answer.status_code == 429 for answer in answers]
            assert refused == [False, False, True, True]
            told = problem(answers[-1], 429)
            assert told["type"] == "/problems/too-many-requests"
            assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
            async with from_address(app, "192.0.2.77") as elsewhere:
                assert (await elsewhere.post(path, json=body)).status_code != 429

    async def test_security_09_an_ipv6_customer_is_one_network(self, limited_app: Limited) -> None:
        async with limited_app(login="1/minute") as app:
            answers = []
            for address in (
                "2001:db8::1",
                "2001:db8::2",
                "2001:db8:0:1::1",
                "::ffff:192.0.2.1",
                "192.0.2.1",
            ):
                async with from_address(app, address) as browser:
                    answers.append((await browser.post("/api/users/login", json=ANN)).status_code)
            assert answers == [401, 429, 401, 401, 429]

    async def test_security_09_processes_count_together(self, limited_app: Limited) -> None:
        """Ten tries at once over two processes' worth of counters: as many pass as may."""
        async with limited_app() as app:
            database = app.state.databases.auth
            processes = [Limits(database, generous(login="3/hour")) for _ in range(2)]
            tries = await asyncio.gather(
                *(processes[n % 2].hit(Rule.LOGIN, "here") for n in range(10)),
                return_exceptions=True,
            )
            assert sorted(type(each).__name__ for each in tries) == (
                ["NoneType"] * 3 + ["TooManyTriesError"] * 7
            )


class TestByAccount:
    """An account is guarded against guessing, and its owner against being locked out."""

    async def test_security_18_guessing_ends_whoever_asks_from_one_address(
        self, limited_app: Limited
    ) -> None:
        async with limited_app(login_account="3/minute") as app, a_browser(app) as browser:
            await browser.post("/api/users/register", json=ANN)
            spellings = ["ann@example.com", "ANN@example.com", " Ann@Example.com"]
            for email in spellings:
                answer = await browser.post("/api/users/login", json={**WRONG, "email": email})
                assert answer.status_code == 401
            problem(await browser.post("/api/users/login", json=WRONG), 429)
            problem(await browser.post("/api/users/login", json=ANN), 429)

    async def test_security_18_an_attacker_elsewhere_locks_nobody_out(
        self, limited_app: Limited
    ) -> None:
        async with limited_app(login_account="3/minute") as app, a_browser(app) as victim:
            await victim.post("/api/users/register", json=ANN)
            async with from_address(app, "192.0.2.66") as attacker:
                for _ in range(5):
                    last = await attacker.post("/api/users/login", json=WRONG)
                problem(last, 429)
            assert (await victim.post("/api/users/login", json=ANN)).status_code == 200

    async def test_security_18_the_right_password_makes_wrong_ones_forgotten(
        self, limited_app: Limited
    ) -> None:
        async with limited_app(login_account="3/minute;4/hour") as app, a_browser(app) as browser:
            await browser.post("/api/users/register", json=ANN)
            for _ in range(4):
                await browser.post("/api/users/login", json=WRONG)
                assert (await browser.post("/api/users/login", json=ANN)).status_code == 200

    async def test_security_18_unknown_accounts_are_limited_alike(
        self, limited_app: Limited
    ) -> None:
        async with limited_app(login_account="2/minute") as app, a_browser(app) as browser:
            await browser.post("/api/users/register", json=ANN)
            known, unknown = [
                [
                    await browser.post("/api/users/login", json={**WRONG, "email": email})
                    for _ in range(3)
                ]
                for email in ("ann@example.com", "bob@example.com")
            ]
            assert [each.status_code for each in known] == [401, 401, 429]
            assert [each.json()["type"] for each in known] == [
                each.json()["type"] for each in unknown
            ]

    async def test_security_18_whoever_goes_on_waits_longer_and_longer(
        self, limited_app: Limited
    ) -> None:
        """A full longer window says so, although the shorter one has room again."""
        async with limited_app() as app:
            limits = Limits(app.state.databases.auth, generous(login_account="2/5 second;4/hour"))
            waits: list[int] = []
            for _ in range(2):
                await limits.hit(Rule.LOGIN_ACCOUNT, "ann")
                await limits.hit(Rule.LOGIN_ACCOUNT, "ann")
                with pytest.raises(TooManyTriesError) as refused:
                    await limits.hit(Rule.LOGIN_ACCOUNT, "ann")
                waits.append(refused.value.seconds)
                await asyncio.sleep(10.1)
            assert waits[0] <= 6
            with pytest.raises(TooManyTriesError) as refused:
                await limits.hit(Rule.LOGIN_ACCOUNT, "ann")
            assert 600 < refused.value.seconds <= 3601

    async def test_security_09_after_the_wait_a_try_succeeds(self, limited_app: Limited) -> None:
        async with limited_app() as app:
            limits = Limits(app.state.databases.auth, generous(login="2/2 second"))
            for _ in range(2):
                await limits.hit(Rule.LOGIN, "ann")
            with pytest.raises(TooManyTriesError) as refused:
                await limits.hit(Rule.LOGIN, "ann")
            await asyncio.sleep(refused.value.seconds)
            await limits.hit(Rule.LOGIN, "ann")

    async def test_security_09_after_each_wait_of_many_a_try_succeeds(
        self, limited_app: Limited
    ) -> None:
        """Also while the window before weighs as much as is left of it."""
        async with limited_app() as app:
            limits = Limits(app.state.databases.auth, generous(login="4/2 second;60/minute"))
            for _ in range(3):
                await asyncio.sleep(await told_to_wait(limits))
                await limits.hit(Rule.LOGIN, "ann")

    async def test_security_09_what_one_window_refuses_is_counted_by_none(
        self, limited_app: Limited
    ) -> None:
        async with limited_app() as app:
            limits = Limits(app.state.databases.auth, generous(login="9/minute;2/hour"))
            for tries in range(6):
                if tries < 2:
                    await limits.hit(Rule.LOGIN, "ann")
                    continue
                with pytest.raises(TooManyTriesError) as refused:
                    await limits.hit(Rule.LOGIN, "ann")
                assert refused.value.seconds > 3000
            (counter,) = await counters(app).find().to_list()
            counts = {name: each["count"] for name, each in counter["windows"].items()}
            assert counts == {"60": 2, "3600": 2}

    async def test_security_09_of_two_limits_for_the_same_time_the_tighter_one_counts(
        self, limited_app: Limited
    ) -> None:
        async with limited_app() as app:
            limits = Limits(app.state.databases.auth, generous(login="3/minute;1/60 second"))
            await limits.hit(Rule.LOGIN, "ann")
            with pytest.raises(TooManyTriesError):
                await limits.hit(Rule.LOGIN, "ann")

    async def test_security_09_one_address_is_registered_only_so_often(
        self, limited_app: Limited
    ) -> None:
        async with limited_app(registration_email="2/minute") as app:
            for number, status in enumerate([False, False, True]):
                async with from_address(app, f"192.0.2.{number}") as browser:
                    answer = await browser.post("/api/users/register", json=ANN)
                    assert (answer.status_code == 429) is status

    async def test_security_08_a_buyer_reserves_only_so_often(self, limited_app: Limited) -> None:
        async with limited_app(reserve_user="2/minute") as app, a_browser(app) as buyer:
            await buyer.post("/api/users/register", json=ANN)
            answers = [await buyer.post("/api/orders", json={"ticket_id": "x"}) for _ in range(3)]
            assert [answer.status_code for answer in answers] == [404, 404, 429]

    async def test_security_40_an_operator_acts_and_looks_for_people_only_so_often(
        self, limited_app: Limited
    ) -> None:
        async with (
            limited_app(operate_user="2/minute", export_user="1/minute") as app,
            a_browser(app) as operator,
        ):
            await operator.post("/api/users/register", json=ANN)
            users = app.state.databases.auth["users"]
            await users.update_many({}, {"$set": {"role": Role.OPERATOR}})
            people = [await operator.post("/api/operations/people", json=WHOM) for _ in range(2)]
            assert [answer.status_code for answer in people] == [200, 200]
            for path in ("people", "purchases/x/check", "findings/x/dismiss", "reconciliation"):
                problem(await operator.post(f"/api/operations/{path}", json=WHOM), 429)
            tables = [await operator.get("/api/operations/purchases.csv") for _ in range(2)]
            assert [answer.status_code for answer in tables] == [200, 429]
            assert (await operator.get("/api/operations/board")).status_code == 200

    async def test_security_09_the_counters_hold_no_address(self, limited_app: Limited) -> None:
        async with limited_app() as app, from_address(app, "192.0.2.55") as browser:
            await browser.post("/api/users/login", json=ANN)
            written = await counters(app).find().to_list()
            assert len(written) == 2
            for secret in ("ann", "example.com", "192.0.2"):
                assert secret not in str(written)
            indexes = await app.state.databases.auth["limits"].index_information()
            assert indexes["forget_counters"]["expireAfterSeconds"] == 0


class TestWork:
    """A refused request has cost nothing but the counting."""

    async def test_security_09_no_password_is_hashed_for_a_refused_request(
        self, limited_app: Limited
    ) -> None:
        async with limited_app(login="1/minute", registration="1/minute") as app:
            passwords = CountsHashes()
            app.state.accounts._passwords = passwords
            async with a_browser(app) as browser:
                await browser.post("/api/users/register", json=ANN)
                await browser.post("/api/users/login", json=ANN)
                assert passwords.computed == 2  # the negative control: allowed ones are hashed
                for _ in range(3):
                    problem(await browser.post("/api/users/login", json=ANN), 429)
                    bob = {**ANN, "email": "bob@example.com"}
                    problem(await browser.post("/api/users/register", json=bob), 429)
            assert passwords.computed == 2
            assert await app.state.databases.auth["users"].count_documents({}) == 1

    @pytest.mark.parametrize(
        "path", ["/api/users/login", "/api/users/register", "/api/webhooks/stripe"]
    )
    async def test_security_38_without_its_counters_nothing_is_let_through(
        self, limited_app: Limited, path: str
    ) -> None:
        async with limited_app() as app, a_browser(app) as browser:
            passwords = CountsHashes()
            app.state.accounts._passwords = passwords
            port = (await app.state.databases.auth.client.address)[1]
            async with (
                a_cable(port) as cable,
                AsyncMongoClient[dict[str, object]](
                    f"mongodb://{cable.address}/?directConnection=true",
                    serverSelectionTimeoutMS=500,
                ) as client,
            ):
                name = app.state.databases.auth.name
                app.state.limits = Limits(client[name], generous())
                async with cable.pulled():
                    answer = await browser.post(path, json=ANN)
                    assert problem(answer, 503)["type"] == "/problems/unavailable"
                    assert answer.headers["retry-after"]
                    assert passwords.computed == 0

                async def let_through() -> int | None:
                    status = (await browser.post(path, json=ANN)).status_code
                    return None if status == 503 else status

                # the negative control: with them it is let through
                assert await until(let_through) in {201, 400, 401}


class TestSettings:
    """Limits are settings, read when the process starts."""

    @pytest.mark.parametrize(
        "value", ["x", "5", "0/minute", "5/", "5/fortnight", "five/minute", "5/minute;;"]
    )
    def test_security_09_a_limit_that_makes_no_sense_is_named(
        self, monkeypatch: pytest.MonkeyPatch, value: str
    ) -> None:
        monkeypatch.setenv("LIMIT_LOGIN_ACCOUNT", value)
        with pytest.raises(SettingError, match=r"^LIMIT_LOGIN_ACCOUNT: .*5/minute;20/hour$"):
            read_settings(LimitSettings)

    def test_security_09_every_rule_has_a_setting(self) -> None:
        settings = LimitSettings()
        assert {rule.value for rule in Rule} == set(LimitSettings.model_fields)
        assert all(settings.windows(rule) for rule in Rule)
