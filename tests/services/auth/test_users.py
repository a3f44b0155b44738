"""Who has an address, on a real MongoDB."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.documents import Role
from services.auth.store import AddressProvenError, AuthStore
from services.database import Databases

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def users(databases: Databases) -> AuthStore:
    return AuthStore()


async def test_an_unproven_address_may_have_many_accounts(users: AuthStore) -> None:
    first = await users.add("Ann@Example.com", password_hash="1", at=NOON)
    second = await users.add("ann@example.COM", password_hash="2", at=NOON + timedelta(1))
    third = await users.add(" ann@example.com", password_hash="3", at=NOON + timedelta(2))
    holder, latest = await users.holder("ANN@example.com"), await users.latest("ann@example.com")
    assert holder is not None
    assert latest is not None
    assert (holder.id, latest.id) == (first.id, third.id)
    assert await users.proven("ann@example.com") is None
    assert {rival.id for rival in await users.rivals(first)} == {second.id, third.id}


async def test_a_proven_address_belongs_to_one_account_in_whatever_spelling(
    users: AuthStore,
) -> None:
    await users.add("ann@example.com", password_hash="1", at=NOON)
    second = await users.add("ANN@example.com", password_hash="2", at=NOON)
    assert await users.prove(second.id, absorbing=[]) is not None
    holder = await users.holder("ann@example.com")
    assert holder is not None
    assert holder.id == second.id
    with pytest.raises(AddressProvenError):
        await users.add("Ann@example.com", password_hash=None, at=NOON, verified=True)


async def test_of_twenty_who_prove_one_address_at_once_one_succeeds(users: AuthStore) -> None:
    spellings = ["ann@example.com", "ANN@example.com"] * 10
    opened = [await users.add(each, password_hash="x", at=NOON) for each in spellings]
    answers = await asyncio.gather(
        *(users.prove(user.id, absorbing=[]) for user in opened), return_exceptions=True
    )
    assert sum(isinstance(answer, AddressProvenError) for answer in answers) == 19


async def test_an_absorbed_account_is_only_a_former_name(users: AuthStore) -> None:
    old = await users.add("ann@example.com", password_hash="1", at=NOON)
    new = await users.add("ann@example.com", password_hash="2", at=NOON)
    proven = await users.prove(new.id, absorbing=[old.id])
    for _ in range(2):
        await users.absorb(old.id, by=new.id)
    assert proven is not None
    assert proven.ids == (new.id, old.id)
    assert await users.get_user(old.id) is None
    person = await users.person(old.id)
    assert person is not None
    assert person.id == new.id
    assert await users.rivals(new) == []


async def test_a_proven_account_is_never_absorbed(users: AuthStore) -> None:
    ann = await users.add("ann@example.com", password_hash="1", at=NOON, verified=True)
    await users.absorb(ann.id, by="somebody-else")
    assert await users.get_user(ann.id) == ann


async def test_a_role_goes_with_a_proven_address_only(users: AuthStore) -> None:
    ann = await users.add("ann@example.com", password_hash="1", at=NOON)
    assert await users.set_role("ann@example.com", Role.OPERATOR) is None
    await users.prove(ann.id, absorbing=[])
    assert await users.set_role("ANN@example.com", Role.OPERATOR)
    found = await users.get_user(ann.id)
    assert found is not None
    assert found.role is Role.OPERATOR


async def test_a_password_is_changed_once_by_those_who_know_the_old_one(users: AuthStore) -> None:
    ann = await users.add("ann@example.com", password_hash="old", at=NOON)
    answers = await asyncio.gather(
        *(
            users.change_password(ann.id, old_hash="old", new_hash=f"new-{number}")
            for number in range(10)
        )
    )
    (changed,) = [answer for answer in answers if answer is not None]
    assert changed.session_epoch == ann.session_epoch + 1


async def test_rehashing_never_brings_an_old_password_back(users: AuthStore) -> None:
    ann = await users.add("ann@example.com", password_hash="old", at=NOON)
    await users.change_password(ann.id, old_hash="old", new_hash="new")
    await users.rehash(ann.id, old_hash="old", new_hash="old at today's cost")
    found = await users.get_user(ann.id)
    assert found is not None
    assert found.password_hash == "new"
