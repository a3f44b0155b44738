"""What can be set about the simulator; every duration is in seconds."""

from dataclasses import dataclass
from typing import Final

API_VERSION: Final = "2026-10-28.endive"
DAY: Final = 86_400


@dataclass(frozen=True)
class StripeSettings:
    """How one simulator behaves; the defaults are Stripe's, shortened where a person would wait."""

    data: str = ":memory:"
    """The SQLite file that survives a restart, or ``:memory:``."""
    webhook_url: str | None = None
    """Where events go; until there is one, events are only listed. A later hook call wins."""
    webhook_secret: str = "whsec_simulator"  # noqa: S105 - signs pretend events on loopback only
    api_version: str = API_VERSION
    """The account's version: answered when a request names none, and the version of events."""
    authorization_seconds: int = 7 * DAY
    """How long an uncaptured card hold lasts."""
    idempotency_seconds: int = DAY
    refund_settle_seconds: float = 2.0
    """When the two asynchronous refund test cards change their mind."""
    webhook_timeout_seconds: float = 10.0
    webhook_first_retry_seconds: float = 0.5
    webhook_longest_retry_seconds: float = 3600.0
    webhook_give_up_seconds: float = 3 * DAY
    webhook_concurrency: int = 8
