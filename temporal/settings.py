"""Where Temporal is."""

import os
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, FilePath, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict
from temporalio.service import TLSConfig

from services.settings import Form, Settings


def _readable(file: Path) -> Path:
    if not os.access(file, os.R_OK):
        raise ValueError("must be a file that this process may read")
    return file


HostAndPort = Annotated[
    str,
    AfterValidator(
        Form("host:port", r"(\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):[0-9]{1,5}"),
    ),
]
DeploymentName = Annotated[
    str, AfterValidator(Form("letters, digits, _ and -, at most 128", r"[A-Za-z0-9_-]{1,128}"))
]
BUILD_ID: Final = Form("letters, digits, _ . and -, at most 128", r"[A-Za-z0-9_.-]{0,128}")
UI_URL: Final = Form("an absolute http or https address", r"(https?://[^\s/?#@:]\S*)?")
ReadableFile = Annotated[FilePath, AfterValidator(_readable)]


class TemporalSettings(Settings):
    """How to reach Temporal; variables are prefixed ``TEMPORAL_``."""

    model_config = SettingsConfigDict(env_prefix="TEMPORAL_")

    address: HostAndPort = "127.0.0.1:7233"
    """Host and port of the frontend, without https://."""
    namespace: str = Field(default="default", min_length=1)
    """On Temporal Cloud with the account behind it: shop.a1b2c"""
    api_key: SecretStr | None = None
    """Of a service account on Temporal Cloud."""
    tls: bool | None = None
    """Whether to speak TLS; without a word, if there is an API key or one of the files."""
    tls_client_cert: ReadableFile | None = None
    """PEM file of the certificate that we show (mTLS)."""
    tls_client_key: ReadableFile | None = None
    """PEM file of its private key."""
    tls_server_ca: ReadableFile | None = None
    """PEM file of who vouches for the server; the public authorities if there is none."""
    tls_server_name: str | None = None
    """The name in the server's certificate, if it is not that in the address."""
    ui_url: Annotated[str, AfterValidator(UI_URL)] = ""
    """Where people find Temporal's web UI, for links into it; without it there are none."""

    @model_validator(mode="after")
    def _files_of_some_use(self) -> Self:
        if (self.tls_client_cert is None) is not (self.tls_client_key is None):
            missing = "CERT" if self.tls_client_cert is None else "KEY"
            raise ValueError(
                f"TEMPORAL_TLS_CLIENT_{missing}: must be set with the other of the two"
            )
        if self.tls is False and (self._files() or self.tls_server_name):
            raise ValueError("TEMPORAL_TLS: must not be false with any TEMPORAL_TLS_ variable")
        return self

    def tls_config(self) -> TLSConfig | bool:
        """What the client asks for; False is no TLS. Reads the files, so rotated ones count."""
        if not (self._files() or self.tls_server_name):
            return self.api_key is not None if self.tls is None else self.tls
        return TLSConfig(
            server_root_ca_cert=_read(self.tls_server_ca),
            domain=self.tls_server_name,
            client_cert=_read(self.tls_client_cert),
            client_private_key=_read(self.tls_client_key),
        )

    def _files(self) -> list[Path]:
        files = (self.tls_client_cert, self.tls_client_key, self.tls_server_ca)
        return [file for file in files if file is not None]


def _read(file: Path | None) -> bytes | None:
    return None if file is None else file.read_bytes()


class DeploymentSettings(Settings):
    """Which workers belong together; variables are prefixed ``WORKER_``."""

    model_config = SettingsConfigDict(env_prefix="WORKER_")

    deployment: DeploymentName = "ticket-exchange"
    """Name that all versions of the workers share; another installation in the same namespace
    needs another."""


class BootstrapSettings(Settings):
    """What a namespace is set up with."""

    temporal_retention_days: int = Field(default=30, ge=1, le=365)
    """Days that histories of closed workflows are kept, where the server lets us say so."""
    reconciliation_seconds: int = Field(default=300, ge=1)
    """Seconds between two checks of everything."""
