"""Password hashes: argon2id, off the event loop."""

from functools import partial

from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class PasswordSettings(BaseSettings):
    """What a hash costs; variables are prefixed ``PASSWORD_``.

    The defaults are one of the pairs that OWASP ASVS 5.0 (appendix C) asks for at least.
    """

    model_config = SettingsConfigDict(env_prefix="PASSWORD_", frozen=True, env_ignore_empty=True)

    memory_kib: int = Field(default=47_104, ge=8)
    rounds: int = Field(default=2, ge=1)
    at_once: int = Field(default=4, ge=1)
    """Hashes computed at the same time; each takes ``memory_kib`` and a processor."""


class Passwords:
    """Makes and checks password hashes."""

    def __init__(self, settings: PasswordSettings) -> None:
        cost = Argon2Hasher(
            time_cost=settings.rounds, memory_cost=settings.memory_kib, parallelism=1
        )
        self._hasher = PasswordHash((cost,))
        self._limiter = CapacityLimiter(settings.at_once)
        self._nobodys = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """A salted hash of the password."""
        return await to_thread.run_sync(partial(self._hasher.hash, password), limiter=self._limiter)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is right. With no hash it is wrong, after just as long a look."""
        right = await to_thread.run_sync(
            partial(self._hasher.verify, password, password_hash or self._nobodys),
            limiter=self._limiter,
        )
        return right and password_hash is not None
