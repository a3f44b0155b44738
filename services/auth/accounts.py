"""Registering, signing in and signing out."""

from dataclasses import dataclass
from datetime import datetime

from services.auth.documents import User
from services.auth.passwords import Passwords
from services.auth.store import AuthStore


class WrongCredentialsError(PermissionError):
    """Unknown address or wrong password: which of the two is nobody's business."""


@dataclass(frozen=True)
class SignedIn:
    """A user and the token of the session that has just begun."""

    user: User
    token: str


class Accounts:
    """What people do with their accounts."""

    def __init__(self, store: AuthStore, passwords: Passwords) -> None:
        self._store = store
        self._passwords = passwords

    async def register(self, email: str, password: str, at: datetime) -> SignedIn:
        """Open an account and sign in; raises ``EmailTakenError``."""
        user = await self._store.register(email, await self._passwords.hash(password))
        return await self._begin(user, at)

    async def sign_in(self, email: str, password: str, at: datetime) -> SignedIn:
        """Begin a session; raises ``WrongCredentialsError``, after the same time either way."""
        user = await self._store.find_by_email(email)
        right = await self._passwords.verify(password, user.password_hash if user else None)
        if user is None or not right:
            raise WrongCredentialsError("The e-mail address or the password is wrong.")
        return await self._begin(user, at)

    async def sign_out(self, token: str | None) -> None:
        """End the session, if there is one. Repeating is safe."""
        if token is not None:
            await self._store.close_session(token)

    async def _begin(self, user: User, at: datetime) -> SignedIn:
        return SignedIn(user, await self._store.open_session(user.id, at))
