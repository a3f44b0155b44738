"""Every query about sign-ins that are on their way to a provider and back."""

from datetime import datetime, timedelta
from typing import Final

from services.auth.documents import SignInAttempt
from services.auth.tokens import digest, new_token

ATTEMPT_LIFE: Final = timedelta(minutes=10)
"""How long somebody may take to sign in at the provider."""


class AttemptStore:
    """Sign-ins that have begun."""

    async def begin(
        self,
        *,
        provider: str,
        state: str,
        next_path: str,
        user_id: str | None,
        code_verifier: str,
        nonce: str | None,
        at: datetime,
    ) -> str:
        """Note that somebody leaves for a provider; the answer is the token for their browser."""
        token = new_token()
        attempt = SignInAttempt(
            id=digest(token),
            provider=provider,
            state=digest(state),
            next=next_path,
            user_id=user_id,
            code_verifier=code_verifier,
            nonce=nonce,
            expires_at=at + ATTEMPT_LIFE,
        )
        await attempt.insert()
        return token

    async def take(self, token: str, at: datetime) -> SignInAttempt | None:
        """The attempt that this browser has begun, once: it is gone with the same write.

        None when it is over or never was one.
        """
        found = await SignInAttempt.get_pymongo_collection().find_one_and_delete(
            {"_id": digest(token)}
        )
        attempt = None if found is None else SignInAttempt.model_validate(found)
        return attempt if attempt is not None and attempt.expires_at > at else None
