"""Where Temporal is."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class TemporalSettings(BaseSettings):
    """How to reach Temporal; variables are prefixed ``TEMPORAL_``."""

    model_config = SettingsConfigDict(env_prefix="TEMPORAL_", frozen=True)

    address: str = "127.0.0.1:7233"
    namespace: str = "default"
    api_key: SecretStr | None = None
    """With an API key the connection uses TLS, as Temporal Cloud asks."""
    ui_url: str = ""
    """Where people find Temporal's web UI, for links into it; without it there are none."""


class BootstrapSettings(BaseSettings):
    """What a namespace is set up with."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    temporal_retention_days: int = Field(default=30, ge=1, le=365)
    """How long the histories of closed workflows are kept, where the server lets us say so."""
    reconciliation_seconds: int = Field(default=300, ge=1)
    """How often everything is checked."""
