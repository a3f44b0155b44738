"""Every query about personal API tokens."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from services.auth.documents import ApiToken, Scope, User
from services.auth.tokens import digest, new_token

PREFIX: Final = "tex_"
"""Tells people, and programs that look for lost secrets, what the text is."""
TOUCH_EVERY: Final = timedelta(minutes=1)
"""How exactly "last used" is kept."""


class ApiTokenStore:
    """Programs that act for users."""

    async def make(
        self,
        user: User,
        *,
        name: str,
        scopes: Collection[Scope],
        at: datetime,
        expires_at: datetime | None,
    ) -> tuple[ApiToken, str]:
        """A new token: what is kept of it, and the token itself, which is kept nowhere here."""
        token = PREFIX + new_token()
        kept: ApiToken = ApiToken(
            id=digest(token),
            user_id=user.id,
            epoch=user.trust_epoch,
            name=name,
            scopes=sorted(set(scopes)),
            created_at=at,
            expires_at=expires_at,
        )
        await kept.insert()
        return kept, token

    async def find(self, token: str, at: datetime) -> ApiToken | None:
        """What is kept of this token, or None if it is over, revoked or never was."""
        kept = await ApiToken.get(digest(token))
        if kept is None or (kept.expires_at is not None and kept.expires_at <= at):
            return None
        if kept.last_used_at is None or at - kept.last_used_at > TOUCH_EVERY:
            await ApiToken.get_pymongo_collection().update_one(
                {"_id": kept.id}, {"$set": {"last_used_at": at}}
            )
        return kept

    async def of_user(self, user: User, at: datetime) -> list[ApiToken]:
        """The user's tokens, the newest first."""
        live = [{"expires_at": None}, {"expires_at": {"$gt": at}}]
        mine = ApiToken.find({"user_id": user.id, "epoch": user.trust_epoch, "$or": live})
        return await mine.sort("-created_at", "_id").to_list()

    async def revoke(self, user_id: str, public_id: str) -> bool:
        """End this token of the user's; False when there is none."""
        answer = await ApiToken.get_pymongo_collection().delete_one(
            {"user_id": user_id, "public_id": public_id}
        )
        return answer.deleted_count == 1

    async def revoke_all(self, user_id: str) -> None:
        """End every token of the user's. Repeating is safe."""
        await ApiToken.get_pymongo_collection().delete_many({"user_id": user_id})
