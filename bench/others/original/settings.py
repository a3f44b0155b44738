"""What the twin's two processes need to know."""

from datetime import timedelta
from typing import Final

from pydantic_settings import BaseSettings, SettingsConfigDict
from saq import Queue

STARTS: Final = 2
"""How often a job is begun at most: once more if the worker died over it, as Bull does it."""


class OriginalSettings(BaseSettings):
    """Where the twin's servers are; variables are prefixed ``ORIGINAL_``."""

    model_config = SettingsConfigDict(env_prefix="ORIGINAL_", frozen=True)

    mongodb: str
    redis: str
    stripe: str
    """Where the SDK finds Stripe's API."""
    mail: str
    """Where mail is posted to."""
    window_seconds: float = 900
    """How long a ticket is held for an order."""

    @property
    def window(self) -> timedelta:
        """The same as a duration."""
        return timedelta(seconds=self.window_seconds)


def open_queue(redis: str) -> Queue:
    """The queue that both processes share; whoever opens it disconnects it."""
    return Queue.from_url(redis)
