"""Users, sessions and passwords, on a real MongoDB."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import extract_parameters

from services.auth.accounts import Accounts, WrongCredentialsError
from services.auth.documents import Session, User
from services.auth.passwords import Passwords, PasswordSettings
from services.auth.store import ABSOLUTE_LIFE, IDLE_LIFE, AuthStore, EmailTakenError
from services.database import Databases

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
CHEAP = PasswordSettings(memory_kib=64, rounds=1, at_once=2)


@pytest.fixture
def auth(databases: Databases) -> AuthStore:
    return AuthStore()


async def test_an_address_belongs_to_one_user_in_whatever_spelling(auth: AuthStore) -> None:
    ann = await auth.register("Ann@Example.com", "hash")
    with pytest.raises(EmailTakenError):
        await auth.register("ann@example.COM", "hash")
    found = await auth.find_by_email(" ANN@example.com ")
    assert found is not None
    assert (found.id, found.email) == (ann.id, "Ann@Example.com")


async def test_of_twenty_registrations_at_once_one_succeeds(auth: AuthStore) -> None:
    spellings = ["ann@example.com", "ANN@example.com"] * 10
    answers = await asyncio.gather(
        *(auth.register(spelling, "hash") for spelling in spellings), return_exceptions=True
    )
    assert sum(isinstance(answer, User) for answer in answers) == 1
    assert sum(isinstance(answer, EmailTakenError) for answer in answers) == 19


async def test_a_session_leads_to_its_user_until_it_is_closed(auth: AuthStore) -> None:
    ann = await auth.register("ann@example.com", "hash")
    token = await auth.open_session(ann.id, NOON)
    seen = await auth.session_user(token, NOON)
    assert seen is not None
    assert seen.id == ann.id
    await auth.close_session(token)
    await auth.close_session(token)
    assert await auth.session_user(token, NOON) is None


async def test_the_token_itself_is_not_stored(auth: AuthStore, databases: Databases) -> None:
    ann = await auth.register("ann@example.com", "hash")
    token = await auth.open_session(ann.id, NOON)
    stored = await databases.auth["sessions"].find_one({})
    assert token not in str(stored)


async def test_a_session_ends_when_nobody_uses_it(auth: AuthStore) -> None:
    ann = await auth.register("ann@example.com", "hash")
    token = await auth.open_session(ann.id, NOON)
    assert await auth.session_user(token, NOON + IDLE_LIFE) is None


async def test_a_session_that_is_used_ends_after_its_absolute_life(auth: AuthStore) -> None:
    ann = await auth.register("ann@example.com", "hash")
    token = await auth.open_session(ann.id, NOON)
    for day in range(1, 30):
        assert await auth.session_user(token, NOON + timedelta(days=day))
    assert await auth.session_user(token, NOON + ABSOLUTE_LIFE) is None


async def test_using_a_session_does_not_revive_a_closed_one(auth: AuthStore) -> None:
    ann = await auth.register("ann@example.com", "hash")
    token = await auth.open_session(ann.id, NOON)
    later = NOON + timedelta(days=1)
    await asyncio.gather(*(auth.session_user(token, later) for _ in range(5)))
    await asyncio.gather(
        auth.close_session(token), *(auth.session_user(token, later) for _ in range(5))
    )
    assert await Session.find_all().to_list() == []


async def test_mongodb_is_told_to_clear_away_expired_sessions(databases: Databases) -> None:
    indexes = await databases.auth["sessions"].index_information()
    assert indexes["forget_sessions"]["expireAfterSeconds"] == 0


async def test_a_password_is_right_or_wrong() -> None:
    passwords = Passwords(CHEAP)
    kept = await passwords.hash("correct horse")
    assert kept != await passwords.hash("correct horse")
    assert await passwords.verify("correct horse", kept)
    assert not await passwords.verify("battery staple", kept)
    assert not await passwords.verify("nobody has this password", None)


async def test_hashes_cost_at_least_what_owasp_asks_for() -> None:
    cost = extract_parameters(await Passwords(PasswordSettings()).hash("correct horse"))
    assert cost.type.name == "ID"
    assert (cost.time_cost, cost.memory_cost) >= (1, 47_104)


async def test_hashing_leaves_the_event_loop_free() -> None:
    passwords = Passwords(PasswordSettings())
    longest_pause = 0.0

    async def heart() -> None:
        nonlocal longest_pause
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest_pause = max(longest_pause, time.perf_counter() - before)

    beating = asyncio.create_task(heart())
    started = time.perf_counter()
    await asyncio.gather(*(passwords.hash("correct horse") for _ in range(12)))
    hashing = time.perf_counter() - started
    beating.cancel()
    assert longest_pause < hashing / 2


async def test_unknown_address_and_wrong_password_look_the_same(auth: AuthStore) -> None:
    accounts = Accounts(auth, Passwords(CHEAP))
    await accounts.register("ann@example.com", "correct horse", NOON)
    with pytest.raises(WrongCredentialsError) as wrong_password:
        await accounts.sign_in("ann@example.com", "battery staple", NOON)
    with pytest.raises(WrongCredentialsError) as unknown_address:
        await accounts.sign_in("bob@example.com", "correct horse", NOON)
    assert str(wrong_password.value) == str(unknown_address.value)


async def test_an_unknown_address_takes_as_long_as_a_wrong_password(auth: AuthStore) -> None:
    accounts = Accounts(auth, Passwords(PasswordSettings()))
    await accounts.register("ann@example.com", "correct horse", NOON)

    async def seconds(email: str) -> float:
        started = time.perf_counter()
        with pytest.raises(WrongCredentialsError):
            await accounts.sign_in(email, "battery staple", NOON)
        return time.perf_counter() - started

    known = min([await seconds("ann@example.com") for _ in range(3)])
    unknown = min([await seconds("bob@example.com") for _ in range(3)])
    assert unknown > known / 2
