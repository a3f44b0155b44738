"""Programs that act for users."""

from datetime import UTC, datetime, timedelta

import pytest

from services.auth.accounts import Accounts, SignedIn
from services.auth.api_tokens import PREFIX, TOUCH_EVERY
from services.auth.documents import Scope
from services.auth.passwords import Passwords, PasswordSettings
from services.database import Databases

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def accounts(databases: Databases) -> Accounts:
    return Accounts(Passwords(PasswordSettings(memory_kib=64, rounds=1)))


@pytest.fixture
async def ann(accounts: Accounts) -> SignedIn:
    return await accounts.register("ann@example.com", "correct horse", NOON)


async def test_a_token_leads_to_its_user_and_says_what_it_may(
    accounts: Accounts, ann: SignedIn, databases: Databases
) -> None:
    _, token = await accounts.access.tokens.make(
        ann.user, name="box office", scopes=[Scope.TICKETS_WRITE], at=NOON, expires_at=None
    )
    errand = await accounts.errand(token, NOON)
    assert errand is not None
    assert errand.user.id == ann.user.id
    assert errand.may(Scope.TICKETS_WRITE)
    assert not errand.may(Scope.ORDERS_WRITE)
    assert token.startswith(PREFIX)
    assert token not in str(await databases.auth["api_tokens"].find_one({}))


async def test_a_token_ends_when_it_says_and_when_it_is_revoked(
    accounts: Accounts, ann: SignedIn
) -> None:
    tokens, tomorrow = accounts.access.tokens, NOON + timedelta(days=1)
    _, brief = await tokens.make(
        ann.user, name="brief", scopes=[Scope.ORDERS_READ], at=NOON, expires_at=tomorrow
    )
    kept, long = await tokens.make(
        ann.user, name="long", scopes=[Scope.ORDERS_READ], at=NOON, expires_at=None
    )
    assert await accounts.errand(brief, NOON) is not None
    assert await accounts.errand(brief, tomorrow) is None
    assert [each.name for each in await tokens.of_user(ann.user, tomorrow)] == ["long"]
    assert not await tokens.revoke("somebody-else", kept.public_id)
    assert await tokens.revoke(ann.user.id, kept.public_id)
    assert not await tokens.revoke(ann.user.id, kept.public_id)
    assert await accounts.errand(long, NOON) is None


async def test_its_last_use_is_known_to_the_minute(accounts: Accounts, ann: SignedIn) -> None:
    tokens = accounts.access.tokens
    _, token = await tokens.make(
        ann.user, name="x", scopes=[Scope.ORDERS_READ], at=NOON, expires_at=None
    )

    async def last_used() -> datetime | None:
        return (await tokens.of_user(ann.user, NOON))[0].last_used_at

    assert await last_used() is None
    await accounts.errand(token, NOON)
    assert await last_used() == NOON
    await accounts.errand(token, NOON + TOUCH_EVERY)
    assert await last_used() == NOON
    later = NOON + TOUCH_EVERY + timedelta(seconds=1)
    await accounts.errand(token, later)
    assert await last_used() == later
