"""How much one worker process takes on."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from workflows.queues import TaskQueue


class WorkerSettings(BaseSettings):
    """Queues and limits of this process; variables are prefixed ``WORKER_``."""

    model_config = SettingsConfigDict(env_prefix="WORKER_", frozen=True, env_ignore_empty=True)

    queues: list[TaskQueue] = Field(default=list(TaskQueue), min_length=1)
    """Which task queues to poll, as a JSON list; all of them by default."""
    cached_workflows: int = Field(default=2_000, ge=1)
    """Open purchases kept in memory; others are rebuilt from history when they go on."""
    purchases_per_second: float | None = Field(default=None, gt=0)
    """Limit on prompt tries of outside calls by this process. Reservations are not counted."""
    payments_per_second: float | None = Field(default=80, gt=0)
    """Limit on the whole payments queue, over all workers. Stripe allows 100 a second, live."""
    mail_per_second: float | None = Field(default=2, gt=0)
    """Limit on the whole mail queue, over all workers. Resend allows 2 a second at first."""
    graceful_seconds: float = Field(default=10, ge=0)
    """How long steps under way may take to finish when the process is asked to stop."""
    metrics_address: str = Field(default="", pattern=r"^(.*[^:]:\d{1,5})?$")
    """Where this process tells its metrics, as host:port; nowhere when it is empty."""


class CheckSettings(BaseSettings):
    """How a reconciliation looks; variables are prefixed ``RECONCILIATION_``."""

    model_config = SettingsConfigDict(
        env_prefix="RECONCILIATION_", frozen=True, env_ignore_empty=True
    )

    window_seconds: float = Field(default=3_600, gt=0)
    """How far back what is done with is looked at again, at least."""
    message_grace_seconds: float = Field(default=60, ge=0)
    """How long a webhook or signal may be on its way before we do without it."""
    hold_grace_seconds: float = Field(default=120, ge=0)
    """How long after its deadline a purchase may take to free its ticket."""
    page_size: int = Field(default=100, ge=1, le=1_000)
    """How many orders one look compares."""
    stripe_per_second: float = Field(default=10, gt=0)
    """Limit on the looks at Stripe, which shares its 100 a second with purchases."""


class PurchaseSettings(BaseSettings):
    """What this installation is called in idempotency keys and logs."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    environment: str = Field(default="dev", pattern=r"^[a-z0-9-]{1,20}$")
