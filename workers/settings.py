"""How much one worker process takes on."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from temporal.settings import DeploymentSettings
from workflows.queues import TaskQueue


class WorkerSettings(DeploymentSettings):
    """Queues, version and limits of this process; variables are prefixed ``WORKER_``."""

    build_id: str = Field(default="", pattern=r"^[A-Za-z0-9_.-]{0,128}$")
    """Version of this code. Purchases stay with the version that they began on. Empty: no
    versions, and a change of workflow code needs a patch."""
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


class PurchaseSettings(BaseSettings):
    """What this installation is called in idempotency keys and logs."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    environment: str = Field(default="dev", pattern=r"^[a-z0-9-]{1,20}$")
