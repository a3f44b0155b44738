"""What the API can be told from outside."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from services.settings import Environment, Settings

ORIGIN = r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?"
LOOPBACK = ("127.0.0.1", "localhost")


class ApiSettings(Settings):
    """Where the API listens and how it is seen from outside."""

    environment: Environment = "dev"
    """Name of this installation."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(default=8000, ge=0, le=65_535)
    """Port to listen on; 0 is any free one."""
    public_url: str = ""
    """The address in people's browsers and in mail; https changes the cookie. Without one it is
    this machine's."""
    trusted_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Other origins whose pages may act for a signed-in user, with commas between."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses and networks of proxies whose ``X-Forwarded-For`` and ``-Proto`` count."""
    open_holds: int = Field(default=4, ge=1, le=1_000)
    """Tickets that one buyer may hold without having paid."""
    reservation_window: int = Field(default=900, ge=1, le=86_400)
    """Seconds that a buyer has to pay."""
    hold_extension: int = Field(default=120, ge=0, le=3_600)
    """Seconds that a buyer who gives an address late still has; 0 for no such thing."""
    ui_dir: Path | None = None
    """Folder of the built web client; by default the one in the checkout."""

    live_pages: int = Field(default=5_000, ge=0)
    """Event streams of each kind that may be open at once, in this process."""
    live_orders_per_user: int = Field(default=20, ge=0)
    """Of these, streams of orders that one user may have."""
    live_listings_per_address: int = Field(default=100, ge=0)
    """Of these, streams of tickets that one client address may have."""
    live_recheck_seconds: float = Field(default=30, gt=0)
    """Seconds that a stream may last after its session has ended, at most."""

    @field_validator("trusted_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("trusted_origins")
    @classmethod
    def _origins_only(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Exact origins, as browsers spell them; a pattern would trust pages nobody thought of."""
        origins = tuple(each.rstrip("/").lower() for each in value)
        if not all(re.fullmatch(ORIGIN, origin) for origin in origins):
            raise ValueError("must be origins such as https://shop.example, commas between")
        return origins

    @field_validator("trusted_proxies")
    @classmethod
    def _networks_only(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """To trust everybody is to let everybody say who they are."""
        try:
            networks = [ip_network(each) for each in value]
        except ValueError:
            raise ValueError("must be addresses or networks, commas between") from None
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("must not trust everybody")
        return value

    @field_validator("public_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must be an absolute http or https address")
        return value.rstrip("/")

    @property
    def url(self) -> str:
        """The address in people's browsers, without a slash at the end."""
        return self.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def is_https(self) -> bool:
        """Whether browsers reach us over TLS."""
        return self.url.startswith("https://")

    @property
    def origins(self) -> frozenset[str]:
        """Origins whose pages are ours."""
        return self.own_origins | set(self.trusted_origins)

    @property
    def own_origins(self) -> frozenset[str]:
        """Where we are. On one machine both names of it are the same."""
        parts = urlsplit(self.url)
        hosts = LOOPBACK if parts.hostname in LOOPBACK else (parts.hostname,)
        port = f":{parts.port}" if parts.port else ""
        return frozenset(f"{parts.scheme}://{host}{port}" for host in hosts)
