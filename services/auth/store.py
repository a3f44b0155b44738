"""Every query of the auth database."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from pymongo.errors import DuplicateKeyError

from services.auth.documents import Session, User
from services.text import fold

ABSOLUTE_LIFE: Final = timedelta(days=30)
IDLE_LIFE: Final = timedelta(days=7)
TOUCH_EVERY: Final = timedelta(hours=1)
"""How exactly "last seen" is kept: a write per hour and session instead of one per request."""


class EmailTakenError(ValueError):
    """Somebody has registered this address, in whatever spelling."""


class AuthStore:
    """Users and their sessions."""

    async def register(self, email: str, password_hash: str) -> User:
        """A new user; raises ``EmailTakenError``. The unique index decides, so races are safe."""
        user = User(email=email, email_key=fold(email), password_hash=password_hash)
        try:
            return await user.insert()
        except DuplicateKeyError:
            raise EmailTakenError("This e-mail address is already registered.") from None

    async def find_by_email(self, email: str) -> User | None:
        """The user with this address in whatever spelling, or None."""
        return await User.find_one({"email_key": fold(email)})

    async def get_user(self, user_id: str) -> User | None:
        """One user, or None."""
        return await User.get(user_id)

    async def open_session(self, user_id: str, at: datetime) -> str:
        """Sign the user in; the answer is the session's token, which is kept nowhere here."""
        token = secrets.token_urlsafe(32)
        session = Session(
            id=_digest(token),
            user_id=user_id,
            created_at=at,
            last_seen_at=at,
            expires_at=_expiry(at, at),
        )
        await session.insert()
        return token

    async def session_user(self, token: str, at: datetime) -> User | None:
        """Whose session this is, or None if it is over or never was."""
        session = await Session.find_one({"_id": _digest(token), "expires_at": {"$gt": at}})
        if session is None:
            return None
        if at - session.last_seen_at > TOUCH_EVERY:
            await self._touch(session, at)
        return await self.get_user(session.user_id)

    async def close_session(self, token: str) -> None:
        """End the session. Repeating is safe."""
        await Session.get_pymongo_collection().delete_one({"_id": _digest(token)})

    async def _touch(self, session: Session, at: datetime) -> None:
        """Only an update: a session that was closed in the meantime stays closed."""
        await Session.get_pymongo_collection().update_one(
            {"_id": session.id},
            {"$set": {"last_seen_at": at, "expires_at": _expiry(session.created_at, at)}},
        )


def _expiry(created_at: datetime, last_seen_at: datetime) -> datetime:
    return min(created_at + ABSOLUTE_LIFE, last_seen_at + IDLE_LIFE)


def _digest(token: str) -> str:
    """A token has 256 random bits, so a fast hash is enough to make a stolen database useless."""
    return hashlib.sha256(token.encode()).hexdigest()
