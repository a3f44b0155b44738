"""Whose account it is that somebody comes to from a provider: what no browser can bring about."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.accounts import Accounts, SignedIn
from services.auth.attempts import ATTEMPT_LIFE, AttemptStore
from services.auth.documents import User
from services.auth.federation import (
    AddressNotVerifiedError,
    Claim,
    Federation,
    IdentityUnknownError,
    LastWayInError,
)
from services.auth.identities import IdentityTakenError
from services.auth.passwords import Passwords, PasswordSettings
from services.database import Databases

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def accounts(databases: Databases) -> Accounts:
    return Accounts(Passwords(PasswordSettings(memory_kib=64, rounds=1)))


@pytest.fixture
def federation(accounts: Accounts) -> Federation:
    return Federation(accounts)


def google(subject: str = "1", email: str | None = "ann@example.com") -> Claim:
    """Somebody at Google."""
    return Claim("google", "https://accounts.google.com", subject, email)


def github(subject: str = "1", email: str | None = "ann@example.com") -> Claim:
    """Somebody at GitHub."""
    return Claim("github", "https://github.com", subject, email)


async def of(federation: Federation, claim: Claim) -> User:
    """Sign in; the answer is the user."""
    signed_in: SignedIn = await federation.sign_in(claim, NOON, None)
    return signed_in.user


async def test_security_22_the_same_subject_elsewhere_is_somebody_else(
    federation: Federation,
) -> None:
    ann = await of(federation, google("1", "ann@example.com"))
    bob = await of(federation, github("1", "bob@example.com"))
    assert ann.id != bob.id


async def test_security_22_a_known_identity_needs_no_address(federation: Federation) -> None:
    ann = await of(federation, google())
    assert (await of(federation, google(email=None))).id == ann.id


async def test_security_23_an_unknown_identity_without_an_address_opens_nothing(
    federation: Federation, databases: Databases
) -> None:
    with pytest.raises(AddressNotVerifiedError):
        await federation.sign_in(google(email=None), NOON, None)
    assert await databases.auth["users"].count_documents({}) == 0


async def test_security_22_many_returns_at_once_end_with_one_account(
    federation: Federation, databases: Databases
) -> None:
    claims = [google(), github(), google(email="ANN@example.com")] * 8
    found = await asyncio.gather(*(of(federation, claim) for claim in claims))
    assert len({user.id for user in found}) == 1
    assert await databases.auth["users"].count_documents({}) == 1
    assert await databases.auth["identities"].count_documents({}) == 2


async def test_security_22_one_identity_with_two_addresses_at_once_is_one_account(
    federation: Federation,
) -> None:
    """The address changes at the provider while both sign-ins are on their way."""
    for turn in range(10):
        claims = [google(f"{turn}", f"{name}-{turn}@example.com") for name in ("old", "new")] * 3
        found = await asyncio.gather(*(of(federation, claim) for claim in claims))
        assert len({user.id for user in found}) == 1


async def test_security_24_registrations_in_the_meantime_do_not_become_the_owner(
    federation: Federation, accounts: Accounts
) -> None:
    squatters = asyncio.gather(
        *(accounts.register("ann@example.com", "a password of mine", NOON) for _ in range(8))
    )
    found = await of(federation, google())
    await squatters
    proven = await accounts.users.proven("ann@example.com")
    assert proven is not None
    assert (proven.id, proven.password_hash) == (found.id, None)


async def test_security_24_what_a_crash_left_half_done_is_completed_by_the_next_sign_in(
    federation: Federation, accounts: Accounts
) -> None:
    """The account was opened and linked, but the process ended before it absorbed the others."""
    trap = await accounts.register("ann@example.com", "a password of mine", NOON)
    user = await accounts.users.add("ann@example.com", password_hash=None, at=LATER, verified=True)
    claim = google()
    await accounts.access.identities.link(
        user, provider="google", issuer=claim.issuer, subject="1", email="a@b.example", at=LATER
    )
    assert (await of(federation, claim)).ids == (user.id, trap.user.id)
    assert await accounts.visit(trap.token, NOON) is None


async def test_security_24_an_account_without_its_identity_is_found_by_its_address(
    federation: Federation, accounts: Accounts
) -> None:
    """The process ended before the identity was linked."""
    user = await accounts.users.add("ann@example.com", password_hash=None, at=NOON, verified=True)
    assert (await of(federation, google())).id == user.id


async def test_an_identity_of_an_account_that_is_gone_is_new_again(
    federation: Federation, accounts: Accounts, databases: Databases
) -> None:
    before = await of(federation, google())
    await accounts.users.forget([before.id])
    after = await of(federation, google())
    assert after.id != before.id
    (identity,) = await databases.auth["identities"].find().to_list()
    assert identity["user_id"] == after.id


async def test_security_24_an_identity_from_before_a_reset_opens_nothing(
    federation: Federation, accounts: Accounts
) -> None:
    """Even where clearing it away was cut short."""
    ann = await of(federation, google("1", "ann@example.com"))
    await federation.link(github("trojan", "mallory@example.com"), ann, NOON)
    await accounts.users.prove(ann.id, absorbing=[], password_hash="of the owner")
    assert (await of(federation, github("trojan", "mallory@example.com"))).id != ann.id


async def test_security_24_an_identity_from_before_a_reset_makes_room_for_another(
    federation: Federation, accounts: Accounts, databases: Databases
) -> None:
    """Even where clearing it away was cut short."""
    ann = await of(federation, google("trojan"))
    await accounts.users.prove(ann.id, absorbing=[], password_hash="of the owner")
    assert (await of(federation, google("owner"))).id == ann.id
    (identity,) = await databases.auth["identities"].find().to_list()
    assert identity["subject"] == "owner"
    with pytest.raises(IdentityTakenError):
        await of(federation, google("trojan"))


async def test_security_23_an_address_proven_elsewhere_is_not_proven_by_linking(
    federation: Federation, accounts: Accounts
) -> None:
    owner = await of(federation, google())
    other = (await accounts.register("ann@example.com", "a password of mine", LATER)).user
    await federation.link(github(), other, LATER)
    proven = await accounts.users.proven("ann@example.com")
    assert proven is not None
    assert proven.id == owner.id
    assert (await of(federation, github())).email_verified is False


async def test_without_a_password_one_provider_stays(
    federation: Federation, accounts: Accounts
) -> None:
    ann = await of(federation, google())
    with pytest.raises(IdentityUnknownError):
        await federation.unlink(ann, "github")
    with pytest.raises(LastWayInError):
        await federation.unlink(ann, "google")
    await accounts.users.prove(ann.id, absorbing=[], password_hash="a hash")
    with_password = await of(federation, google())
    await federation.unlink(with_password, "google")
    assert await accounts.access.identities.of_user(with_password) == []


class TestAttempt:
    """A sign-in on its way."""

    async def begin(self) -> str:
        return await AttemptStore().begin(
            provider="google",
            state="state",
            next_path="/",
            user_id=None,
            code_verifier="verifier",
            nonce=None,
            at=NOON,
        )

    async def test_security_21_of_many_who_bring_it_back_one_gets_it(
        self, databases: Databases
    ) -> None:
        token = await self.begin()
        found = await asyncio.gather(*(AttemptStore().take(token, NOON) for _ in range(10)))
        assert sum(attempt is not None for attempt in found) == 1

    async def test_security_21_it_ends_after_ten_minutes(self, databases: Databases) -> None:
        last_moment = NOON + ATTEMPT_LIFE - timedelta(milliseconds=1)
        assert await AttemptStore().take(await self.begin(), last_moment) is not None
        token = await self.begin()
        assert await AttemptStore().take(token, NOON + ATTEMPT_LIFE) is None
        assert await AttemptStore().take(token, NOON) is None

    async def test_neither_its_token_nor_its_state_are_kept(self, databases: Databases) -> None:
        token = await self.begin()
        (kept,) = await databases.auth["sign_in_attempts"].find().to_list()
        assert token not in str(kept)
        assert kept["state"] != "state"
