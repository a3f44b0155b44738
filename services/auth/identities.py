"""Every query about identities at sign-in providers."""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from services.auth.documents import Identity, User


class IdentityTakenError(ValueError):
    """The identity is another account's, or the account has one of this provider already."""


class IdentityStore:
    """Who is who at Google and GitHub."""

    async def find(self, issuer: str, subject: str) -> Identity | None:
        """The identity, or None if it was never linked."""
        return await Identity.get(_key(issuer, subject))

    async def link(
        self,
        user: User,
        *,
        provider: str,
        issuer: str,
        subject: str,
        email: str,
        at: datetime,
    ) -> None:
        """Let this identity sign in to the account; raises ``IdentityTakenError``.

        An identity that the account had before its last reset makes room. Repeating is safe.
        """
        await Identity.get_pymongo_collection().delete_many(
            {"user_id": user.id, "provider": provider, "epoch": {"$lt": user.trust_epoch}}
        )
        identity = Identity(
            id=_key(issuer, subject),
            user_id=user.id,
            epoch=user.trust_epoch,
            provider=provider,
            issuer=issuer,
            subject=subject,
            email=email,
            linked_at=at,
        )
        try:
            await identity.insert()
        except DuplicateKeyError:
            there = await self.find(issuer, subject)
            mine = (user.id, user.trust_epoch)
            if there is None or (there.user_id, there.epoch) != mine:
                raise IdentityTakenError from None

    async def drop(self, identity: Identity) -> None:
        """Forget an identity that opens nothing any more, unless it was linked anew meanwhile."""
        await Identity.get_pymongo_collection().delete_one(
            {"_id": identity.id, "user_id": identity.user_id, "epoch": identity.epoch}
        )

    async def of_user(self, user: User) -> list[Identity]:
        """The user's identities, in the order in which they were linked."""
        mine = Identity.find({"user_id": user.id, "epoch": user.trust_epoch})
        return await mine.sort("linked_at", "_id").to_list()

    async def unlink(self, user_id: str, provider: str) -> bool:
        """This provider no longer signs in to the account; False when it did not before."""
        answer = await Identity.get_pymongo_collection().delete_one(
            {"user_id": user_id, "provider": provider}
        )
        return answer.deleted_count == 1

    async def unlink_all(self, user_id: str) -> None:
        """No provider signs in to the account any more. Repeating is safe."""
        await Identity.get_pymongo_collection().delete_many({"user_id": user_id})


def _key(issuer: str, subject: str) -> str:
    return f"{issuer} {subject}"
