"""What the naive shape's two processes need to know, besides where Temporal is."""

from datetime import timedelta

from pydantic_settings import BaseSettings, SettingsConfigDict


class NaiveSettings(BaseSettings):
    """Where its servers are; variables are prefixed ``NAIVE_``."""

    model_config = SettingsConfigDict(env_prefix="NAIVE_", frozen=True)

    mongodb: str
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
