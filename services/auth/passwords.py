"""Password hashes: argon2id, off the event loop. And passwords that everybody tries first."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import Field
from pydantic_settings import SettingsConfigDict
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from services.settings import Settings


class PasswordSettings(Settings):
    """What a hash costs; variables are prefixed ``PASSWORD_``.

    The defaults are one of the pairs that OWASP ASVS 5.0 (appendix C) asks for at least.
    """

    model_config = SettingsConfigDict(env_prefix="PASSWORD_")

    memory_kib: int = Field(default=47_104, ge=8)
    """KiB that one argon2id hash takes."""
    rounds: int = Field(default=2, ge=1)
    """Passes over that memory."""
    at_once: int = Field(default=4, ge=1)
    """Hashes computed at the same time; each takes that memory and a processor."""


@dataclass(frozen=True)
class Match:
    """Which hash the password fits, and a new hash of it if that one is not at today's cost."""

    index: int
    renewed: str | None


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

    async def match(self, password: str, hashes: Sequence[str | None]) -> Match | None:
        """The first hash that the password fits.

        Every place is looked at for as long, whether there is a hash in it and whether it fits.
        """
        return await to_thread.run_sync(
            partial(self._match, password, hashes), limiter=self._limiter
        )

    def _match(self, password: str, hashes: Sequence[str | None]) -> Match | None:
        found: Match | None = None
        for index, kept in enumerate(hashes):
            fits, renewed = self._hasher.verify_and_update(password, kept or self._nobodys)
            if fits and kept is not None and found is None:
                found = Match(index, renewed)
        return found


def is_common(password: str) -> bool:
    """Whether the password is among those that are tried first, in whatever case.

    The 30,000 most frequent of the leaks that zxcvbn was made from; 11,611 of them have the eight
    characters that a password here has at least.
    """
    return password.lower() in _common()


@cache
def _common() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])
