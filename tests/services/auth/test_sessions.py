"""How long a session lasts, and what ends it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.accounts import Accounts, SignedIn
from services.auth.documents import Session
from services.auth.passwords import Passwords, PasswordSettings
from services.auth.sessions import ABSOLUTE_LIFE, IDLE_LIFE
from services.auth.tokens import TOKEN_LENGTH
from services.database import Databases

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def accounts(databases: Databases) -> Accounts:
    return Accounts(Passwords(PasswordSettings(memory_kib=64, rounds=1)))


@pytest.fixture
async def ann(accounts: Accounts) -> SignedIn:
    return await accounts.register("ann@example.com", "correct horse", NOON, "Firefox")


async def test_a_session_leads_to_its_user_until_it_is_closed(
    accounts: Accounts, ann: SignedIn
) -> None:
    visit = await accounts.visit(ann.token, NOON)
    assert visit is not None
    assert (visit.user.id, visit.session.user_agent) == (ann.user.id, "Firefox")
    await accounts.sign_out(ann.token)
    await accounts.sign_out(ann.token)
    assert await accounts.visit(ann.token, NOON) is None


async def test_security_12_a_session_token_is_random_and_kept_as_a_hash(
    accounts: Accounts, ann: SignedIn, databases: Databases
) -> None:
    another = await accounts.sign_in("ann@example.com", "correct horse", NOON)
    assert len(ann.token) == TOKEN_LENGTH
    assert ann.token != another.token
    stored = [str(each) async for each in databases.auth["sessions"].find({})]
    assert len(stored) == 2
    assert not [each for each in stored if ann.token in each or another.token in each]


async def test_security_13_a_session_ends_when_nobody_uses_it(
    accounts: Accounts, ann: SignedIn
) -> None:
    assert await accounts.visit(ann.token, NOON + IDLE_LIFE) is None


async def test_security_13_a_session_that_is_used_ends_after_its_absolute_life(
    accounts: Accounts, ann: SignedIn
) -> None:
    for day in range(1, 30):
        assert await accounts.visit(ann.token, NOON + timedelta(days=day))
    assert await accounts.visit(ann.token, NOON + ABSOLUTE_LIFE) is None


async def test_using_a_session_does_not_revive_a_closed_one(
    accounts: Accounts, ann: SignedIn
) -> None:
    later = NOON + timedelta(days=1)
    await asyncio.gather(
        accounts.sign_out(ann.token), *(accounts.visit(ann.token, later) for _ in range(5))
    )
    assert await Session.find_all().to_list() == []


async def test_security_13_a_session_opened_with_the_old_password_meanwhile_is_over(
    accounts: Accounts, ann: SignedIn
) -> None:
    """Somebody signs in with the old password while it is being changed: hashing takes its time."""
    before = ann.user
    visit = await accounts.visit(ann.token, NOON)
    assert visit is not None
    await accounts.change_password(visit, "correct horse", "battery staple", NOON)
    late = await accounts.begin(before, NOON + timedelta(seconds=1), None)
    assert await accounts.visit(late.token, NOON + timedelta(seconds=1)) is None


async def test_security_13_changing_the_password_ends_every_session_but_the_new_one(
    accounts: Accounts, ann: SignedIn
) -> None:
    elsewhere = await accounts.sign_in("ann@example.com", "correct horse", NOON)
    visit = await accounts.visit(ann.token, NOON)
    assert visit is not None
    changed = await accounts.change_password(visit, "correct horse", "battery staple", NOON)
    assert await accounts.visit(ann.token, NOON) is None
    assert await accounts.visit(elsewhere.token, NOON) is None
    assert await accounts.visit(changed.token, NOON) is not None


async def test_mongodb_is_told_to_clear_away_what_has_expired(databases: Databases) -> None:
    for collection, index in (
        ("sessions", "forget_sessions"),
        ("api_tokens", "forget_tokens"),
        ("links", "forget_links"),
    ):
        indexes = await databases.auth[collection].index_information()
        assert indexes[index]["expireAfterSeconds"] == 0
