"""Whose account it is that somebody comes to from a sign-in provider.

Who somebody is, is the provider's issuer and subject, never an address: addresses change hands. An
address that the provider has verified leads to the account that has proven the same address here,
and to no other; an unproven account may be a stranger's, who waits for its owner to sign in.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.auth.accounts import Accounts, BrokenLinkError, SignedIn
from services.auth.documents import User
from services.auth.identities import IdentityTakenError
from services.auth.store import AddressProvenError
from services.security_log import Event, record
from services.text import fold

RACES: Final = 2
"""Of two returns at once one may lose twice: first the address, then the identity."""


class AddressNotVerifiedError(PermissionError):
    """The provider knows no address of this person, or has not verified it."""


class IdentityUnknownError(LookupError):
    """This provider does not sign in to the account."""


class LastWayInError(RuntimeError):
    """Without a password, the last provider of an account stays."""


@dataclass(frozen=True)
class Claim:
    """Who somebody is, as a provider has just said and we have checked."""

    provider: str
    issuer: str
    subject: str
    email: str | None = field(repr=False)
    """None when there is no address that the provider has verified."""


class Federation:
    """Accounts of people whom a provider vouches for."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._users = accounts.users
        self._identities = accounts.access.identities

    async def sign_in(self, claim: Claim, at: datetime, user_agent: str | None) -> SignedIn:
        """Begin a session in the account of this person; there is one afterwards.

        Raises ``AddressNotVerifiedError`` or ``IdentityTakenError``.
        """
        for _ in range(RACES):
            try:
                user = await self._owner(claim, at)
                break
            except (AddressProvenError, BrokenLinkError, IdentityTakenError):
                continue  # somebody was faster, most likely the same person's other click
        else:
            user = await self._owner(claim, at)
        return await self._accounts.begin(user, at, user_agent, provider=claim.provider)

    async def link(self, claim: Claim, user: User, at: datetime) -> None:
        """Let this person sign in to the account that they are signed in to. Repeating is safe.

        Raises ``AddressNotVerifiedError`` or ``IdentityTakenError``.
        """
        known = await self._known(claim)
        if known is None:
            await self._link(claim, user, at)
        elif known.id != user.id:
            raise IdentityTakenError
        if claim.email is not None and fold(claim.email) == user.email_key:
            with suppress(BrokenLinkError):  # another account has proven it before
                await self._accounts.prove(user.id)

    async def unlink(self, user: User, provider: str) -> None:
        """This provider no longer signs in to the account.

        Raises ``IdentityUnknownError`` or ``LastWayInError``.
        """
        providers = {identity.provider for identity in await self._identities.of_user(user)}
        if provider not in providers:
            raise IdentityUnknownError
        if user.password_hash is None and providers == {provider}:
            raise LastWayInError
        await self._identities.unlink(user.id, provider)

    async def _owner(self, claim: Claim, at: datetime) -> User:
        """The identity decides; else the proven address; else the account is new."""
        known = await self._known(claim)
        if known is not None:
            return await self._complete(known)
        if claim.email is None:
            raise AddressNotVerifiedError
        owner = await self._users.proven(claim.email)
        if owner is None:
            return await self._open(claim, claim.email, at)
        await self._link(claim, owner, at)
        return await self._accounts.prove(owner.id)

    async def _known(self, claim: Claim) -> User | None:
        """Whom the identity was linked to, unless that is void by now: then it is forgotten."""
        identity = await self._identities.find(claim.issuer, claim.subject)
        if identity is None:
            return None
        user = await self._users.get_user(identity.user_id)
        if user is not None and identity.epoch == user.trust_epoch:
            return user
        await self._identities.drop(identity)
        return None

    async def _open(self, claim: Claim, email: str, at: datetime) -> User:
        """A new account; those under the address that nobody has proven become part of it."""
        user = await self._users.add(email, password_hash=None, at=at, verified=True)
        # If the identity is another account's by now, this one is left for whoever proves the
        # address next: they may have come to it already.
        await self._link(claim, user, at)
        record(Event.REGISTERED, user_id=user.id, provider=claim.provider)
        return await self._accounts.prove(user.id)

    async def _complete(self, user: User) -> User:
        """Absorb what a crash after ``_open`` has left: accounts older than their proven one."""
        if not user.email_verified:
            return user
        rivals = await self._users.rivals(user)
        if any(rival.created_at <= user.created_at for rival in rivals):
            return await self._accounts.prove(user.id)
        return user

    async def _link(self, claim: Claim, user: User, at: datetime) -> None:
        if claim.email is None:
            raise AddressNotVerifiedError
        await self._identities.link(
            user,
            provider=claim.provider,
            issuer=claim.issuer,
            subject=claim.subject,
            email=claim.email,
            at=at,
        )
