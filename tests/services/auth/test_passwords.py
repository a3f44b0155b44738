"""What a password hash costs, and which passwords are refused."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from argon2 import extract_parameters

from services.auth.accounts import Accounts, WrongCredentialsError
from services.auth.documents import User
from services.auth.passwords import Passwords, PasswordSettings, is_common
from services.database import Databases

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
CHEAP = PasswordSettings(memory_kib=64, rounds=1, at_once=2)


async def test_a_password_is_right_or_wrong() -> None:
    passwords = Passwords(CHEAP)
    kept, others = await passwords.hash("correct horse"), await passwords.hash("correct horse")
    assert kept != others
    for hashes, index in (
        ([kept], 0),
        ([None, kept], 1),
        ([kept, others], 0),
        ([None, None], None),
    ):
        match = await passwords.match("correct horse", hashes)
        assert (match.index if match else None) == index
        assert await passwords.match("battery staple", hashes) is None
    assert await passwords.match("nobody has this password", [None]) is None


async def test_security_16_hashes_cost_at_least_what_asvs_asks_for() -> None:
    cost = extract_parameters(await Passwords(PasswordSettings()).hash("correct horse"))
    assert cost.type.name == "ID"
    assert cost.parallelism == 1
    assert (cost.time_cost, cost.memory_cost) >= (1, 47_104)


async def test_security_16_a_bounded_number_of_hashes_is_computed_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passwords = Passwords(CHEAP)
    running, most = 0, 0
    hash_it = passwords._hasher.hash

    def counted(password: str) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.01)
        running -= 1
        return hash_it(password)

    monkeypatch.setattr(passwords._hasher, "hash", counted)
    await asyncio.gather(*(passwords.hash("correct horse") for _ in range(12)))
    assert most == CHEAP.at_once


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


async def test_security_16_signing_in_brings_a_hash_to_todays_cost(databases: Databases) -> None:
    then = Accounts(Passwords(CHEAP))
    ann = (await then.register("ann@example.com", "correct horse", NOON)).user
    today = Accounts(Passwords(PasswordSettings(memory_kib=128, rounds=2)))
    with pytest.raises(WrongCredentialsError):
        await today.sign_in("ann@example.com", "battery staple", NOON)
    unchanged = await User.get(ann.id)
    assert unchanged is not None
    assert unchanged.password_hash == ann.password_hash
    await today.sign_in("ann@example.com", "correct horse", NOON)
    renewed = await User.get(ann.id)
    assert renewed is not None
    assert renewed.password_hash is not None
    cost = extract_parameters(renewed.password_hash)
    assert (cost.time_cost, cost.memory_cost) == (2, 128)
    await today.sign_in("ann@example.com", "correct horse", NOON)


@pytest.mark.parametrize("password", ["password123", "PASSWORD123", "12345678", "iloveyou1"])
def test_security_17_common_passwords_are_known(password: str) -> None:
    assert is_common(password)


def test_security_17_other_passwords_are_not(databases: Databases) -> None:
    assert not is_common("correct horse battery staple")
    assert not is_common("pässwörd123")


async def test_security_19_every_account_and_none_takes_as_many_hashes(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = Passwords(CHEAP)
    accounts = Accounts(passwords)
    await accounts.register("ann@example.com", "correct horse", NOON)
    await accounts.register("twice@example.com", "correct horse", NOON)
    await accounts.register("twice@example.com", "battery staple", NOON)
    looked = 0
    verify = passwords._hasher.verify_and_update

    def counted(password: str, kept: str) -> tuple[bool, str | None]:
        nonlocal looked
        looked += 1
        return verify(password, kept)

    monkeypatch.setattr(passwords._hasher, "verify_and_update", counted)
    counts = []
    for email in ("ann@example.com", "twice@example.com", "nobody@example.com"):
        looked = 0
        with pytest.raises(WrongCredentialsError):
            await accounts.sign_in(email, "wrong password", NOON)
        counts.append(looked)
    assert counts == [2, 2, 2]


async def test_security_19_an_unknown_address_takes_as_long_as_a_wrong_password(
    databases: Databases,
) -> None:
    accounts = Accounts(Passwords(PasswordSettings()))
    await accounts.register("ann@example.com", "correct horse", NOON)

    async def seconds(email: str) -> float:
        started = time.perf_counter()
        with pytest.raises(WrongCredentialsError):
            await accounts.sign_in(email, "battery staple", NOON)
        return time.perf_counter() - started

    known = min([await seconds("ann@example.com") for _ in range(3)])
    unknown = min([await seconds("bob@example.com") for _ in range(3)])
    assert unknown > known / 2
