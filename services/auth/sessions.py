"""Every query about sessions."""

from datetime import datetime, timedelta
from typing import Any, Final

from services.auth.documents import Session, User
from services.auth.tokens import digest, new_token

ABSOLUTE_LIFE: Final = timedelta(days=30)
IDLE_LIFE: Final = timedelta(days=7)
TOUCH_EVERY: Final = timedelta(hours=1)
"""How exactly "last seen" is kept: a write per hour and session instead of one per request."""


class SessionStore:
    """Who is signed in where."""

    async def open(self, user: User, at: datetime, user_agent: str | None = None) -> str:
        """Sign the user in; the answer is the session's token, which is kept nowhere here.

        The user as read before their password was checked: if it is changed meanwhile, the session
        is of an epoch that is over.
        """
        token = new_token()
        session = Session(
            id=digest(token),
            user_id=user.id,
            epoch=user.session_epoch,
            user_agent=user_agent,
            created_at=at,
            last_seen_at=at,
            expires_at=_expiry(at, at),
        )
        await session.insert()
        return token

    async def find(self, token: str, at: datetime) -> tuple[Session, User] | None:
        """The session of this token and its user, or None if it is over or never was.

        Whether it is of the user's epoch is not asked. Both are read at once, because every
        request of somebody who is signed in waits for them.
        """
        there = await Session.get_pymongo_collection().aggregate(_with_user(digest(token), at))
        found = await there.to_list()
        if not found or not found[0]["user"]:
            return None
        [user] = found[0].pop("user")
        session = Session.model_validate(found[0])
        if at - session.last_seen_at > TOUCH_EVERY:
            await self._touch(session, at)
        return session, User.model_validate(user)

    async def of_user(self, user: User, at: datetime) -> list[Session]:
        """Where the user is signed in, the latest first."""
        mine = {"user_id": user.id, "epoch": user.session_epoch, "expires_at": {"$gt": at}}
        return await Session.find(mine).sort("-last_seen_at", "_id").to_list()

    async def close(self, token: str) -> str | None:
        """End the session; whose it was, if there was one. Repeating is safe."""
        sessions = Session.get_pymongo_collection()
        closed = await sessions.find_one_and_delete({"_id": digest(token)}, ["user_id"])
        return None if closed is None else str(closed["user_id"])

    async def close_one(self, user_id: str, public_id: str) -> bool:
        """End this session of the user's; False when there is none."""
        answer = await Session.get_pymongo_collection().delete_one(
            {"user_id": user_id, "public_id": public_id}
        )
        return answer.deleted_count == 1

    async def close_all(self, user_id: str, *, but: str | None = None) -> None:
        """End every session of the user's, except the one with the id ``but``. Repeating is safe.

        The id is a session's own, the hash of its token.
        """
        await Session.get_pymongo_collection().delete_many(
            {"user_id": user_id, "_id": {"$ne": but}}
        )

    async def _touch(self, session: Session, at: datetime) -> None:
        """Only an update: a session that was closed in the meantime stays closed."""
        await Session.get_pymongo_collection().update_one(
            {"_id": session.id},
            {"$set": {"last_seen_at": at, "expires_at": _expiry(session.created_at, at)}},
        )


def _expiry(created_at: datetime, last_seen_at: datetime) -> datetime:
    return min(created_at + ABSOLUTE_LIFE, last_seen_at + IDLE_LIFE)


def _with_user(session_id: str, at: datetime) -> list[dict[str, Any]]:
    """An account that was absorbed is a former name, and nobody can be signed in to it."""
    users: dict[str, Any] = {
        "from": User.get_pymongo_collection().name,
        "localField": "user_id",
        "foreignField": "_id",
        "pipeline": [{"$match": {"absorbed_by": None}}],
        "as": "user",
    }
    return [{"$match": {"_id": session_id, "expires_at": {"$gt": at}}}, {"$lookup": users}]
