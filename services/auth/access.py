"""Every way into an account."""

from services.auth.api_tokens import ApiTokenStore
from services.auth.identities import IdentityStore
from services.auth.letters import LetterStore
from services.auth.sessions import SessionStore


class Access:
    """Sessions, API tokens, identities and links: what opens an account besides its password."""

    def __init__(self) -> None:
        self.sessions = SessionStore()
        self.tokens = ApiTokenStore()
        self.identities = IdentityStore()
        self.letters = LetterStore()

    async def close(self, user_id: str) -> None:
        """Clear all of it away. Repeating is safe."""
        await self.sessions.close_all(user_id)
        await self.tokens.revoke_all(user_id)
        await self.identities.unlink_all(user_id)
        await self.letters.forget(user_id)
