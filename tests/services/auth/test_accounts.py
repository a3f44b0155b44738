"""An address belongs to whoever proves it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.accounts import (
    Accounts,
    BrokenLinkError,
    ProofNeededError,
    SignedIn,
    WrongCredentialsError,
)
from services.auth.documents import LetterKind, Scope, User
from services.auth.letters import LINK_LIFE
from services.auth.passwords import Passwords, PasswordSettings
from services.database import Databases

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
ANN = "ann@example.com"
MALLORYS = "mallory chose this"
ANNS = "ann chose this one"


@pytest.fixture
def accounts(databases: Databases) -> Accounts:
    return Accounts(Passwords(PasswordSettings(memory_kib=64, rounds=1)))


async def mailed(accounts: Accounts, kind: LetterKind, user: User) -> str:
    """The token of a link as it is in a letter."""
    return await accounts.access.letters.make_link(kind, user.id, NOON)


async def can_sign_in(accounts: Accounts, password: str) -> str | None:
    try:
        return (await accounts.sign_in(ANN, password, NOON)).user.id
    except WrongCredentialsError:
        return None


async def test_registering_a_taken_address_leaves_the_first_account_alone(
    accounts: Accounts,
) -> None:
    first = (await accounts.register(ANN, ANNS, NOON)).user
    second = (await accounts.register("ANN@example.com", MALLORYS, NOON + timedelta(1))).user
    assert first.id != second.id
    assert await can_sign_in(accounts, ANNS) == first.id
    assert await can_sign_in(accounts, MALLORYS) == second.id
    assert await can_sign_in(accounts, "neither of them") is None


async def test_security_19_a_proven_address_looks_the_same_to_strangers(accounts: Accounts) -> None:
    ann = (await accounts.register(ANN, ANNS, NOON)).user
    await accounts.prove(ann.id)
    strangers = (await accounts.register(ANN, MALLORYS, NOON + timedelta(1))).user
    assert not strangers.email_verified
    assert await can_sign_in(accounts, MALLORYS) == strangers.id
    assert await can_sign_in(accounts, ANNS) == ann.id


class TestConfirming:
    """With a link from the mail."""

    async def test_whoever_is_signed_in_only_confirms(self, accounts: Accounts) -> None:
        ann = await accounts.register(ANN, ANNS, NOON)
        link = await mailed(accounts, LetterKind.VERIFY, ann.user)
        confirmed = await accounts.confirm_address(link, ann.user, None, NOON)
        assert isinstance(confirmed, User)
        assert confirmed.email_verified
        assert await accounts.visit(ann.token, NOON) is not None
        assert await can_sign_in(accounts, ANNS) == ann.user.id

    async def test_security_24_a_link_alone_does_not_make_a_strangers_password_good(
        self, accounts: Accounts
    ) -> None:
        mallory = await accounts.register(ANN, MALLORYS, NOON)
        link = await mailed(accounts, LetterKind.VERIFY, mallory.user)
        with pytest.raises(ProofNeededError):
            await accounts.confirm_address(link, None, None, NOON)
        other = await accounts.register("bob@example.com", "bob chose this", NOON)
        with pytest.raises(ProofNeededError):
            await accounts.confirm_address(link, other.user, None, NOON)
        unchanged = await accounts.users.get_user(mallory.user.id)
        assert unchanged is not None
        assert not unchanged.email_verified

    async def test_security_24_with_a_new_password_all_from_before_is_void(
        self, accounts: Accounts
    ) -> None:
        mallory = await accounts.register(ANN, MALLORYS, NOON)
        _, api_token = await accounts.access.tokens.make(
            mallory.user, name="mine", scopes=[Scope.ORDERS_READ], at=NOON, expires_at=None
        )
        await accounts.access.identities.link(
            mallory.user,
            provider="github",
            issuer="https://github.com",
            subject="666",
            email="mallory@example.com",
            at=NOON,
        )
        link = await mailed(accounts, LetterKind.VERIFY, mallory.user)
        ann = await accounts.confirm_address(link, None, ANNS, NOON)
        assert isinstance(ann, SignedIn)
        assert ann.user.email_verified
        assert await accounts.visit(ann.token, NOON) is not None
        assert await accounts.visit(mallory.token, NOON) is None
        assert await accounts.errand(api_token, NOON) is None
        assert await accounts.access.identities.of_user(ann.user) == []
        assert await can_sign_in(accounts, MALLORYS) is None
        assert await can_sign_in(accounts, ANNS) == ann.user.id

    async def test_security_24_the_accounts_of_others_under_the_address_are_absorbed(
        self, accounts: Accounts
    ) -> None:
        mallory = await accounts.register(ANN, MALLORYS, NOON)
        _, api_token = await accounts.access.tokens.make(
            mallory.user, name="mine", scopes=[Scope.ORDERS_READ], at=NOON, expires_at=None
        )
        ann = await accounts.register(ANN, ANNS, NOON)
        link = await mailed(accounts, LetterKind.VERIFY, ann.user)
        proven = await accounts.confirm_address(link, ann.user, None, NOON)
        assert isinstance(proven, User)
        assert proven.ids == (ann.user.id, mallory.user.id)
        assert await accounts.visit(mallory.token, NOON) is None
        assert await accounts.errand(api_token, NOON) is None
        assert await can_sign_in(accounts, MALLORYS) is None
        assert await accounts.visit(ann.token, NOON) is not None

    async def test_a_link_to_an_account_that_was_absorbed_opens_nothing(
        self, accounts: Accounts
    ) -> None:
        mallory = await accounts.register(ANN, MALLORYS, NOON)
        late = await mailed(accounts, LetterKind.VERIFY, mallory.user)
        ann = await accounts.register(ANN, ANNS, NOON)
        await accounts.prove(ann.user.id)
        with pytest.raises(BrokenLinkError):
            await accounts.confirm_address(late, None, MALLORYS, NOON)

    async def test_what_a_crash_left_half_done_is_completed_by_the_next_proof(
        self, accounts: Accounts
    ) -> None:
        mallory = await accounts.register(ANN, MALLORYS, NOON)
        ann = await accounts.register(ANN, ANNS, NOON)
        await accounts.users.prove(ann.user.id, absorbing=[mallory.user.id])  # and no further
        proven = await accounts.prove(ann.user.id)
        assert proven.ids == (ann.user.id, mallory.user.id)
        assert await accounts.visit(mallory.token, NOON) is None


class TestResetting:
    """A forgotten password."""

    async def test_security_20_a_link_sets_a_password_once(self, accounts: Accounts) -> None:
        ann = await accounts.register(ANN, "the forgotten one", NOON)
        link = await mailed(accounts, LetterKind.RESET, ann.user)
        answers = await asyncio.gather(
            *(accounts.reset_password(link, f"number {n} wins", NOON) for n in range(8)),
            return_exceptions=True,
        )
        (signed_in,) = [answer for answer in answers if isinstance(answer, SignedIn)]
        assert sum(isinstance(answer, BrokenLinkError) for answer in answers) == 7
        assert await accounts.visit(signed_in.token, NOON) is not None
        assert await accounts.visit(ann.token, NOON) is None

    @pytest.mark.parametrize("kind", list(LetterKind))
    async def test_security_20_a_link_gets_old(self, accounts: Accounts, kind: LetterKind) -> None:
        ann = await accounts.register(ANN, ANNS, NOON)
        link = await mailed(accounts, kind, ann.user)
        letters, late = accounts.access.letters, NOON + LINK_LIFE[kind]
        assert await letters.peek(kind, link, late - timedelta(milliseconds=1)) is not None
        assert await letters.peek(kind, link, late) is None
        assert await letters.use(kind, link, late) is None

    async def test_a_link_is_good_for_its_own_purpose_only(self, accounts: Accounts) -> None:
        ann = await accounts.register(ANN, ANNS, NOON)
        link = await mailed(accounts, LetterKind.VERIFY, ann.user)
        with pytest.raises(BrokenLinkError):
            await accounts.reset_password(link, "another password", NOON)
        with pytest.raises(BrokenLinkError):
            await accounts.reset_password("made up", "another password", NOON)

    async def test_security_20_of_a_link_only_the_hash_is_kept(
        self, accounts: Accounts, databases: Databases
    ) -> None:
        ann = await accounts.register(ANN, ANNS, NOON)
        link = await mailed(accounts, LetterKind.RESET, ann.user)
        assert link not in str(await databases.auth["links"].find_one({}))

    async def test_other_links_of_the_account_are_void_afterwards(self, accounts: Accounts) -> None:
        ann = await accounts.register(ANN, "the forgotten one", NOON)
        first = await mailed(accounts, LetterKind.RESET, ann.user)
        second = await mailed(accounts, LetterKind.RESET, ann.user)
        await accounts.reset_password(second, ANNS, NOON)
        with pytest.raises(BrokenLinkError):
            await accounts.reset_password(first, MALLORYS, NOON)
