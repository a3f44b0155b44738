"""How much one worker process takes on."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from services.settings import Environment, Settings
from temporal.settings import BUILD_ID, DeploymentSettings
from workflows.queues import TaskQueue


class WorkerSettings(DeploymentSettings):
    """Queues, version and limits of this process; variables are prefixed ``WORKER_``."""

    build_id: Annotated[str, AfterValidator(BUILD_ID)] = ""
    """Version of this code. Purchases stay with the version that they began on. Empty: no
    versions, and a change of workflow code needs a patch."""
    queues: list[TaskQueue] = Field(default=list(TaskQueue), min_length=1)
    """Which task queues to poll, as a JSON list; all of them by default."""
    cached_workflows: int = Field(default=2_000, ge=1)
    """Open workflows kept in memory; others are rebuilt from history when they go on."""
    purchases_per_second: float | None = Field(default=None, gt=0)
    """Prompt tries of outside calls a second, by this process. Reservations are not counted."""
    payments_per_second: float | None = Field(default=80, gt=0)
    """Steps of the payments queue a second, over all workers. Stripe allows 100, live."""
    mail_per_second: float | None = Field(default=2, gt=0)
    """Steps of the mail queue a second, over all workers. Resend allows 2 at first."""
    graceful_seconds: float = Field(default=10, ge=0)
    """Seconds that steps under way may take to finish when the process is asked to stop."""
    metrics_address: str = Field(default="", pattern=r"^(.*[^:]:\d{1,5})?$")
    """Where this process tells its metrics, as host:port; nowhere when it is empty."""


class CheckSettings(Settings):
    """How a reconciliation looks; variables are prefixed ``RECONCILIATION_``."""

    model_config = SettingsConfigDict(env_prefix="RECONCILIATION_")

    window_seconds: float = Field(default=3_600, gt=0)
    """Seconds that what is done with is looked back at, at least."""
    message_grace_seconds: float = Field(default=60, ge=0)
    """Seconds that a webhook or signal may be on its way before we do without it."""
    hold_grace_seconds: float = Field(default=120, ge=0)
    """Seconds after its deadline that a purchase may take to free its ticket."""
    page_size: int = Field(default=100, ge=1, le=1_000)
    """Orders that one look compares."""
    stripe_per_second: float = Field(default=10, gt=0)
    """Looks at Stripe a second, which shares its 100 with purchases."""


class PurchaseSettings(Settings):
    """What this installation is called in idempotency keys and logs."""

    environment: Environment = "dev"
    """Name of this installation, in every idempotency key: accounts at Stripe and Resend may be
    shared by several."""
