"""What the sign-in providers know us by, and where they are."""

from typing import Final
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS: Final = ("google_client_secret", "github_client_secret")
ADDRESSES: Final = ("google_issuer", "github_url", "github_api_url")


class ProviderSettings(BaseSettings):
    """A provider is offered when it has a client id; that never comes without its secret."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, validate_default=True)

    google_client_id: str = ""
    google_client_secret: SecretStr = SecretStr("")
    google_issuer: str = "https://accounts.google.com"
    """Letter by letter what discovery and id tokens must say."""
    github_client_id: str = ""
    github_client_secret: SecretStr = SecretStr("")
    github_url: str = "https://github.com"
    github_api_url: str = "https://api.github.com"
    provider_seconds: float = Field(default=10, gt=0, le=10)
    """How long everything together may take that is asked of a provider for one sign-in."""

    @field_validator(*SECRETS)
    @classmethod
    def _belongs_to_an_id(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        name = (info.field_name or "").replace("secret", "id")
        has_id = bool(info.data.get(name))
        if has_id and not value.get_secret_value():
            raise ValueError(f"must be set too when {name.upper()} is")
        if value.get_secret_value() and not has_id:
            raise ValueError(f"is of no use without {name.upper()}")
        return value

    @field_validator(*ADDRESSES)
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an absolute http or https address")
        return value.rstrip("/")
