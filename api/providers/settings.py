"""What the sign-in providers know us by, and where they are."""

from typing import Final

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from services.settings import HttpAddress, Settings

SECRETS: Final = ("google_client_secret", "github_client_secret")
ADDRESSES: Final = ("google_issuer", "github_url", "github_api_url")


class ProviderSettings(Settings):
    """A provider is offered when it has a client id; that never comes without its secret."""

    model_config = SettingsConfigDict(validate_default=True)

    google_client_id: str = ""
    """Of the application at Google; without one it is not offered."""
    google_client_secret: SecretStr = SecretStr("")
    """Comes with the id."""
    google_issuer: HttpAddress = "https://accounts.google.com"
    """Letter by letter what discovery and id tokens must say."""
    github_client_id: str = ""
    """Of the application at GitHub; without one it is not offered."""
    github_client_secret: SecretStr = SecretStr("")
    """Comes with the id."""
    github_url: HttpAddress = "https://github.com"
    """Where people sign in."""
    github_api_url: HttpAddress = "https://api.github.com"
    """Where their addresses are asked for."""
    provider_seconds: float = Field(default=10, gt=0, le=10)
    """Seconds that everything together may take that is asked of a provider for one sign-in."""

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
    def _without_a_slash(cls, value: str) -> str:
        return value.rstrip("/")
