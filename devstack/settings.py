"""What a person can set about the stack: environment, then ``.env``, then these defaults."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from dotenv import dotenv_values
from pydantic import (
    AliasGenerator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

HIGHEST_PORT = 65_535
ABOVE_PORT = 1_464
"""From 8000, the API's port, to 9464, where OpenTelemetry has metrics by custom."""

Port = Annotated[int, Field(ge=1, le=HIGHEST_PORT)]
Environ = Mapping[str, str]

OUR_STRIPE_KEY = "sk_test_devstack"
OUR_RESEND_KEY = "re_devstack"


class SettingsError(Exception):
    """A setting that cannot be; the message names it, one line per problem."""


class StackSettings(BaseModel):
    """The variables that decide what runs, and where."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=AliasGenerator(validation_alias=str.upper),
        use_attribute_docstrings=True,
    )

    port: Port = 8000
    """Port of the API."""
    mongodb_port: Port = 27017
    """Port of MongoDB."""
    temporal_port: Port = 7233
    """Port of Temporal."""
    temporal_ui_port: Port = 8233
    """Port of Temporal's pages."""
    stripe_port: Port = 12111
    """Port of the Stripe simulator."""
    mail_port: Port = 8025
    """Port of the mail inbox."""
    signin_port: Port = 8090
    """Port of the stand-ins for Google and GitHub."""
    worker_metrics_port: Port | None = None
    """Port at which the worker tells its metrics; by default `PORT` + 1464."""
    dev_dir: Path | None = None
    """Folder of data, logs and process ids; by default `.dev` in the checkout."""
    temporal_ui_url: str | None = None
    """Address of Temporal's pages that people are shown; by default ours."""

    worker_metrics_address: str | None = None
    mongodb_uri: str | None = None
    temporal_address: str | None = None
    temporal_namespace: str = "default"
    stripe_secret_key: str = OUR_STRIPE_KEY
    stripe_publishable_key: str | None = None
    stripe_webhook_secret: str | None = None
    stripe_api_base: str | None = None
    resend_api_key: str = OUR_RESEND_KEY
    resend_api_url: str | None = None
    google_client_id: str | None = None
    google_client_secret: str | None = None
    google_issuer: str | None = None
    github_client_id: str | None = None
    github_client_secret: str | None = None
    github_url: str | None = None

    reservation_window: Annotated[int, Field(ge=1, le=86_400)] | None = None
    """Seconds; the application's own default when it is not set. Only checked here."""
    hold_extension: Annotated[int, Field(ge=0, le=3_600)] | None = None
    """Seconds, likewise."""

    @property
    def simulates_stripe(self) -> bool:
        """Whether payments go to the simulator: nobody has named a real account or address."""
        if self.stripe_api_base:
            return self.stripe_api_base.rstrip("/") == self.our_stripe
        return self.stripe_secret_key == OUR_STRIPE_KEY

    @property
    def simulates_mail(self) -> bool:
        """Whether mail goes to the inbox."""
        if self.resend_api_url:
            return self.resend_api_url.rstrip("/") == self.our_mail
        return self.resend_api_key == OUR_RESEND_KEY

    @property
    def simulates_google(self) -> bool:
        """Whether Google is the stand-in: nobody has named a real application or issuer."""
        if self.google_issuer:
            return self.google_issuer.rstrip("/") == self.our_google
        return self.google_client_id is None

    @property
    def simulates_github(self) -> bool:
        """Whether GitHub is the stand-in."""
        if self.github_url:
            return self.github_url.rstrip("/") == self.our_github
        return self.github_client_id is None

    @property
    def our_stripe(self) -> str:
        """The simulator's address."""
        return f"http://127.0.0.1:{self.stripe_port}"

    @property
    def our_mail(self) -> str:
        """The inbox's address."""
        return f"http://127.0.0.1:{self.mail_port}"

    @property
    def our_signin(self) -> str:
        """The address of both sign-in stand-ins."""
        return f"http://127.0.0.1:{self.signin_port}"

    @property
    def our_google(self) -> str:
        """The issuer that stands in for Google."""
        return f"{self.our_signin}/google"

    @property
    def our_github(self) -> str:
        """The address that stands in for GitHub's."""
        return f"{self.our_signin}/github"

    @property
    def our_api(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def our_worker_metrics_port(self) -> int:
        """Moves with the API's: who starts a second stack has moved that one already."""
        if self.worker_metrics_port is not None:
            return self.worker_metrics_port
        above = self.port + ABOVE_PORT
        return above if above <= HIGHEST_PORT else self.port - ABOVE_PORT

    @property
    def our_worker_metrics(self) -> str:
        """Where the worker tells its metrics."""
        return f"127.0.0.1:{self.our_worker_metrics_port}"

    @property
    def our_temporal_ui(self) -> str:
        """The address of the Temporal UI."""
        return f"http://127.0.0.1:{self.temporal_ui_port}"

    @model_validator(mode="after")
    def _a_real_account_is_complete(self) -> "StackSettings":
        if not self.simulates_stripe:
            for name in ("stripe_publishable_key", "stripe_webhook_secret"):
                if not getattr(self, name):
                    raise ValueError(
                        f"{name.upper()} is needed with a STRIPE_SECRET_KEY of your own"
                        " (`stripe listen` prints a webhook secret)"
                    )
        if not self.simulates_google:
            self._need("google_client_id", "google_client_secret", of="Google")
        if not self.simulates_github:
            self._need("github_client_id", "github_client_secret", of="GitHub")
        return self

    def _need(self, *names: str, of: str) -> None:
        for name in names:
            if not getattr(self, name):
                raise ValueError(f"{name.upper()} is needed to sign in with the real {of}")


def with_dotenv(environ: Environ, dotenv: Path) -> dict[str, str]:
    """The environment over the file; an empty variable counts as not set."""
    values = dotenv_values(dotenv, interpolate=False) if dotenv.is_file() else {}
    merged = {**values, **{name: value for name, value in environ.items() if value}}
    return {name: value for name, value in merged.items() if value}


def read_settings(environ: Environ) -> StackSettings:
    """The settings in an environment; raises ``SettingsError`` with a line for each bad one."""
    try:
        return StackSettings.model_validate(
            {name: value for name, value in environ.items() if value}
        )
    except ValidationError as error:
        raise SettingsError("\n".join(_line(each) for each in error.errors())) from None


def _line(problem: Mapping[str, object]) -> str:
    """``NAME=value: what is wrong``; only names of ports and durations come with their value."""
    location, message = problem["loc"], str(problem["msg"]).removeprefix("Value error, ")
    if isinstance(location, tuple) and location:
        return f"{location[0]}={problem['input']}: {message}"
    return message
