"""What can be set about the stand-ins; every duration is in seconds."""

from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict


class Provider(StrEnum):
    """Whom a stand-in stands in for."""

    GOOGLE = "google"
    GITHUB = "github"

    @property
    def label(self) -> str:
        """The name that people know."""
        return {"google": "Google", "github": "GitHub"}[self.value]


class Registration(BaseModel):
    """The applications that one provider knows, and where it may send people back to."""

    model_config = ConfigDict(frozen=True)

    clients: dict[str, str]
    """Client secrets by client id."""
    redirect_uris: frozenset[str]
    """Compared as they are, letter by letter."""


OUR_CLIENTS: Final = {
    Provider.GOOGLE: ("google-devstack", "google-devstack-secret"),
    Provider.GITHUB: ("github-devstack", "github-devstack-secret"),
}
"""Client id and secret of an application that nobody has registered anywhere else."""


def _registered(provider: Provider) -> Registration:
    """What ``make dev`` registers on the usual port."""
    return Registration(
        clients=dict([OUR_CLIENTS[provider]]),
        redirect_uris=frozenset({f"http://127.0.0.1:8000/api/auth/{provider}/callback"}),
    )


class SigninSettings(BaseModel):
    """How the two stand-ins behave."""

    model_config = ConfigDict(frozen=True)

    data: Path
    """The SQLite file; made when it is not there."""
    google: Registration = _registered(Provider.GOOGLE)
    github: Registration = _registered(Provider.GITHUB)
    request_seconds: int = 3600
    """How long a page may stay open before somebody signs in on it."""
    code_seconds: int = 600
    token_seconds: int = 3599
    """How long Google's tokens last; GitHub's last until they are revoked."""

    def registration(self, provider: Provider) -> Registration:
        """What this provider knows."""
        return self.google if provider is Provider.GOOGLE else self.github
