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


class DeploymentSettings(BaseSettings):
    """Which workers belong together; variables are prefixed ``WORKER_``."""

    model_config = SettingsConfigDict(env_prefix="WORKER_", frozen=True, env_ignore_empty=True)

    deployment: str = Field(default="ticket-exchange", pattern=r"^[A-Za-z0-9_-]{1,128}$")
    """Name that all versions of the workers share; another installation in the same namespace
    needs another."""
