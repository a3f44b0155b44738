"""Every query about users."""

from collections.abc import Collection
from datetime import datetime

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.auth.documents import Role, User
from services.text import fold


class AddressProvenError(ValueError):
    """Another account has proven this address, in whatever spelling."""


class AuthStore:
    """People with accounts.

    An account that was absorbed is found by nobody but ``person``: it is a former name.
    """

    async def add(
        self, email: str, *, password_hash: str | None, at: datetime, verified: bool = False
    ) -> User:
        """A new account. Only a proven address is unique: raises ``AddressProvenError``."""
        user: User = User(
            email=email,
            email_key=fold(email),
            email_verified=verified,
            password_hash=password_hash,
            created_at=at,
        )
        try:
            await user.insert()
        except DuplicateKeyError:
            raise AddressProvenError from None
        return user

    async def get_user(self, user_id: str) -> User | None:
        """One user, or None."""
        return await User.find_one({"_id": user_id, "absorbed_by": None})

    async def person(self, user_id: str) -> User | None:
        """Whoever this is today: the user, the one who absorbed them, or None."""
        user = await User.get(user_id)
        if user is None or user.absorbed_by is None:
            return user
        return await self.get_user(user.absorbed_by)

    async def holder(self, email: str) -> User | None:
        """The account that has proven the address; else the first that was opened under it."""
        mine = User.find({"email_key": fold(email)})
        return await mine.sort("-email_verified", "created_at", "_id").first_or_none()

    async def latest(self, email: str) -> User | None:
        """The account that was opened last under the address."""
        mine = User.find({"email_key": fold(email)})
        return await mine.sort("-created_at", "-_id").first_or_none()

    async def proven(self, email: str) -> User | None:
        """The account that has proven the address, or None."""
        return await User.find_one({"email_key": fold(email), "email_verified": True})

    async def rivals(self, user: User) -> list[User]:
        """The other accounts under the same address. None of them has proven it."""
        others = {"email_key": user.email_key, "_id": {"$ne": user.id}, "email_verified": False}
        return await User.find(others).to_list() if user.email_key else []

    async def prove(
        self, user_id: str, *, absorbing: Collection[str], password_hash: str | None = None
    ) -> User | None:
        """The address is this user's, and so is everything of those that are absorbed.

        With a new password, every session, API token and identity from before is void in the same
        write. None when there is no such user; raises ``AddressProvenError``. Repeating is safe.
        """
        change: dict[str, dict[str, object]] = {
            "$set": {"email_verified": True},
            "$addToSet": {"absorbed": {"$each": list(absorbing)}},
        }
        if password_hash is not None:
            change["$set"]["password_hash"] = password_hash
            change["$inc"] = {"session_epoch": 1, "trust_epoch": 1}
        try:
            found = await User.get_pymongo_collection().find_one_and_update(
                {"_id": user_id, "absorbed_by": None},
                change,
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:
            raise AddressProvenError from None
        return None if found is None else User.model_validate(found)

    async def absorb(self, user_id: str, *, by: str) -> None:
        """Nobody can sign in to this account any more; it is a former name of ``by``.

        Never one that has proven an address. Repeating is safe.
        """
        await User.get_pymongo_collection().update_one(
            {"_id": user_id, "email_verified": False},
            {"$set": {"absorbed_by": by, "email": "", "email_key": None, "password_hash": None}},
        )

    async def change_password(self, user_id: str, *, old_hash: str, new_hash: str) -> User | None:
        """Set another password and end all sessions; None if it was changed in the meantime."""
        found = await User.get_pymongo_collection().find_one_and_update(
            {"_id": user_id, "password_hash": old_hash},
            {"$set": {"password_hash": new_hash}, "$inc": {"session_epoch": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else User.model_validate(found)

    async def rehash(self, user_id: str, *, old_hash: str, new_hash: str) -> None:
        """Keep the same password at today's cost, unless it was changed in the meantime."""
        await User.get_pymongo_collection().update_one(
            {"_id": user_id, "password_hash": old_hash}, {"$set": {"password_hash": new_hash}}
        )

    async def set_role(self, email: str, role: Role) -> User | None:
        """Give the owner of a proven address this role; None when nobody has proven it."""
        found = await User.get_pymongo_collection().find_one_and_update(
            {"email_key": fold(email), "email_verified": True},
            {"$set": {"role": role}},
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else User.model_validate(found)

    async def forget(self, user_ids: Collection[str]) -> None:
        """These accounts are gone. Repeating is safe."""
        await User.get_pymongo_collection().delete_many({"_id": {"$in": list(user_ids)}})
