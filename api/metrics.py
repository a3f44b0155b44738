"""What this process measures, and how the whole was when somebody asked.

What is read elsewhere is read when Prometheus asks, and not again within ``FRESH_SECONDS``: anybody
may ask. What cannot be read is left out, and ``te_part_up`` or ``te_findings_readable`` says so.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final, TypeVar

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from prometheus_fastapi_instrumentator import Instrumentator
from starlette.concurrency import run_in_threadpool
from temporalio.client import Client
from typing_extensions import override

from api.health import FAILURES, LIMIT_SECONDS, Checks, Probes, State
from services.clock import now
from services.metrics import WebhookMetrics, new_registry
from services.operations.documents import Invariant, Trouble
from services.operations.store import OperationsStore
from temporal.client import open_purchases
from temporal.metrics import SdkMetrics

router = APIRouter(include_in_schema=False)
log = structlog.get_logger("api")

FRESH_SECONDS: Final = 5.0
HEALED_WITHIN: Final = timedelta(hours=24)
KINDS: Final = (*Invariant, *Trouble)

Found = TypeVar("Found")


@dataclass(frozen=True)
class Findings:
    """What the operations database says."""

    open: dict[str, int]
    healed: dict[str, int]
    reconciled_at: datetime | None


@dataclass(frozen=True)
class Seen:
    """How the whole was at one look; None is what could not be read."""

    checks: Checks
    open_purchases: int | None
    findings: Findings | None


@dataclass(eq=False)  # a registry tells collectors apart by themselves
class Lookout(Collector):
    """Looks at the whole for a registry. ``look`` comes before ``collect``, which cannot wait."""

    probes: Probes
    store: OperationsStore
    temporal: Client
    fresh_seconds: float = FRESH_SECONDS
    _seen: Seen | None = None
    _seen_at: float = 0.0
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self) -> None:
        """See how everything is; in a few seconds at most, and without failing."""
        async with self._one_at_a_time:
            if self._seen is not None and time.monotonic() - self._seen_at < self.fresh_seconds:
                return
            checks, purchases, findings = await asyncio.gather(
                self.probes.check(),
                _read("open purchases", lambda: open_purchases(self.temporal)),
                _read("findings", self._findings),
            )
            self._seen, self._seen_at = Seen(checks, purchases, findings), time.monotonic()

    @override
    def collect(self) -> Iterator[Metric]:
        """What the last look has shown."""
        if self._seen is None:
            return
        yield _parts(self._seen.checks)
        if self._seen.open_purchases is not None:
            about = "Purchases that are neither paid nor over, as Temporal's search knows them."
            yield GaugeMetricFamily("te_purchases_open", about, self._seen.open_purchases)
        yield from _board(self._seen.findings)

    async def _findings(self) -> Findings:
        run = await self.store.last_complete_run()
        return Findings(
            await self.store.open_counts(),
            await self.store.healed_counts(since=now() - HEALED_WITHIN),
            run.ended_at if run else None,
        )


async def _read(what: str, ask: Callable[[], Awaitable[Found]]) -> Found | None:
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            return await ask()
    except FAILURES as error:
        log.warning("not_measured", what=what, error=type(error).__name__)
        return None


def _parts(checks: Checks) -> Metric:
    metric = GaugeMetricFamily("te_part_up", "Whether a part answers (1) or not.", labels=["part"])
    for part, state in checks:
        metric.add_metric([part], float(state is State.UP))
    return metric


def _board(findings: Findings | None) -> Iterator[Metric]:
    about = "Whether te_findings_open and te_reconciliation_age_seconds could be read (1) or not."
    yield GaugeMetricFamily("te_findings_readable", about, float(findings is not None))
    if findings is None:
        return
    yield _by_kind("te_findings_open", "Findings that wait for a person.", findings.open)
    about = "Findings that were put right by themselves within the last 24 hours."
    yield _by_kind("te_findings_healed", about, findings.healed)
    if findings.reconciled_at is not None:
        about = "Since the end of the last reconciliation that came to its end."
        age = (now() - findings.reconciled_at).total_seconds()
        yield GaugeMetricFamily("te_reconciliation_age_seconds", about, age)


def _by_kind(name: str, about: str, counts: dict[str, int]) -> Metric:
    metric = GaugeMetricFamily(name, about, labels=["kind"])
    for kind in KINDS:
        metric.add_metric([kind], counts.get(kind, 0))
    return metric


@dataclass(frozen=True)
class Measured:
    """What an app measures."""

    registry: CollectorRegistry
    webhooks: WebhookMetrics

    @asynccontextmanager
    async def running(self, lookout: Lookout, sdk: SdkMetrics | None) -> AsyncIterator[None]:
        """Inside the block these are measured too."""
        async with AsyncExitStack() as stack:
            for collector in filter(None, (lookout, sdk)):
                self.registry.register(collector)
                stack.callback(self.registry.unregister, collector)
            if sdk is not None:
                await stack.enter_async_context(sdk.running())
            yield


def install(app: FastAPI) -> Measured:
    """Measure this app's requests, by route template, and offer ``/metrics``."""
    registry = new_registry()
    Instrumentator(
        registry=registry,
        excluded_handlers=["/metrics"],
        should_exclude_streaming_duration=True,  # an event stream lasts as long as its page
    ).instrument(app)
    app.include_router(router)
    return Measured(registry, WebhookMetrics(registry))


async def _lookout(request: Request) -> Lookout:
    lookout: Lookout = request.app.state.lookout
    return lookout


async def _measured(request: Request) -> Measured:
    measured: Measured = request.app.state.measured
    return measured


@router.get("/metrics")
async def metrics(
    request: Request,
    lookout: Annotated[Lookout, Depends(_lookout)],
    measured: Annotated[Measured, Depends(_measured)],
) -> Response:
    """Everything, in the text format that Prometheus asks for."""
    await lookout.look()
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    text = await run_in_threadpool(encode, measured.registry)
    return Response(text, headers={"Content-Type": content_type})
