"""Every query about letters that concern an account, and the links in them."""

from datetime import datetime, timedelta
from typing import Final

from services.auth.documents import LetterKind, LetterRequest, Link
from services.auth.tokens import digest, new_token

LINK_LIFE: Final = {
    LetterKind.VERIFY: timedelta(hours=24),
    LetterKind.RESET: timedelta(minutes=10),
}
"""How long a link opens something. A reset link signs in, so ASVS 5.0 (6.5.5) gives it 10 min."""


class LetterStore:
    """Letters that were asked for, and what their links open."""

    async def ask(self, request: LetterRequest) -> None:
        """Note a letter that is to be written."""
        await request.insert()

    async def get(self, request_id: str) -> LetterRequest | None:
        """A letter that was asked for, or None."""
        return await LetterRequest.get(request_id)

    async def settle(self, request_id: str, *, provider_id: str | None, at: datetime) -> None:
        """The letter went out, or is for nobody: its address is forgotten. Repeating is safe."""
        await LetterRequest.get_pymongo_collection().update_one(
            {"_id": request_id, "settled_at": None},
            {"$set": {"settled_at": at, "provider_id": provider_id, "email": None}},
        )

    async def make_link(self, kind: LetterKind, user_id: str, at: datetime) -> str:
        """A link's token; it opens what it is for once, until its time is over."""
        token = new_token()
        link = Link(id=digest(token), kind=kind, user_id=user_id, expires_at=at + LINK_LIFE[kind])
        await link.insert()
        return token

    async def peek(self, kind: LetterKind, token: str, at: datetime) -> Link | None:
        """The link of this token if it can still be used; it stays good."""
        return await Link.find_one(_usable(kind, token, at))

    async def use(self, kind: LetterKind, token: str, at: datetime) -> str | None:
        """Whose link this is, once: of many who try at the same time, one gets an answer."""
        found = await Link.get_pymongo_collection().find_one_and_delete(_usable(kind, token, at))
        return None if found is None else str(found["user_id"])

    async def forget(self, user_id: str) -> None:
        """Links and letters of this user open and say nothing any more. Repeating is safe."""
        await Link.get_pymongo_collection().delete_many({"user_id": user_id})
        await LetterRequest.get_pymongo_collection().delete_many({"user_id": user_id})


def _usable(kind: LetterKind, token: str, at: datetime) -> dict[str, object]:
    return {"_id": digest(token), "kind": kind, "expires_at": {"$gt": at}}
