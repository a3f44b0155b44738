"""What the Temporal SDK measures, for a registry of our own.

The SDK can serve its metrics itself, but only at an address of its own. Taken from its buffer they
stand beside ours: one address per process, and the API needs none more than it has.
"""

import asyncio
import logging
import threading
from bisect import bisect_left
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import Metric
from prometheus_client.registry import Collector
from temporalio.runtime import (
    BUFFERED_METRIC_KIND_COUNTER,
    BUFFERED_METRIC_KIND_GAUGE,
    BufferedMetric,
    BufferedMetricUpdate,
    LogForwardingConfig,
    LoggingConfig,
    MetricBuffer,
    MetricBufferDurationFormat,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from typing_extensions import override

BUFFER: Final = 100_000
"""Updates that may wait. A purchase makes about 175, so these are 570 purchases."""
DRAIN_SECONDS: Final = 1.0

BUCKETS: Final = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
    *(2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0),
)
"""Of every histogram, in seconds: from a database step to a purchase that used its whole window."""

Labels = tuple[tuple[str, str], ...]


@dataclass
class Series:
    """One metric with one set of labels."""

    value: float = 0.0
    """The newest value of a gauge; the sum of a counter or of a histogram's observations."""
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    """How many observations of a histogram fell between two bounds; the last is without bound."""


@dataclass
class Family:
    """All series of one metric."""

    name: str
    about: str
    kind: str
    series: dict[Labels, Series] = field(default_factory=dict)

    def take(self, update: BufferedMetricUpdate) -> None:
        """Count an update in.

        By what its labels say: the SDK makes the object that holds them anew for each call.
        """
        labels = tuple(sorted((name, str(value)) for name, value in update.attributes.items()))
        series = self.series.setdefault(labels, Series())
        if self.kind == "gauge":
            series.value = update.value
            return
        series.value += update.value
        if self.kind == "histogram":
            series.buckets[bisect_left(BUCKETS, update.value)] += 1

    def shown(self) -> Metric:
        """As Prometheus has it."""
        metric = Metric(self.name, self.about, self.kind)
        for labels, series in self.series.items():
            if self.kind == "histogram":
                _add_histogram(metric, dict(labels), series)
            else:
                suffix = "_total" if self.kind == "counter" else ""
                metric.add_sample(self.name + suffix, dict(labels), series.value)
        return metric


class SdkMetrics(Collector):
    """Sums up what clients and workers of one runtime measure. Threads may share it."""

    def __init__(self) -> None:
        self._buffer = MetricBuffer(BUFFER, MetricBufferDurationFormat.SECONDS)
        self.runtime = make_runtime(self._buffer)
        """Of the clients and workers that are measured."""
        self._families: dict[str, Family] = {}
        self._lock = threading.Lock()

    @override
    def collect(self) -> Iterator[Metric]:
        """What has been measured until now."""
        self.drain()
        with self._lock:
            return iter([family.shown() for family in self._families.values()])

    def drain(self) -> None:
        """Take what waits in the buffer."""
        with self._lock:
            for update in self._buffer.retrieve_updates():
                self._family(update.metric).take(update)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Inside the block the buffer is emptied in time, also when nobody asks for metrics."""
        draining = asyncio.create_task(self._drain_for_ever())
        try:
            yield
        finally:
            draining.cancel()
            with suppress(asyncio.CancelledError):
                await draining

    async def _drain_for_ever(self) -> None:
        while True:
            await asyncio.sleep(DRAIN_SECONDS)
            self.drain()

    def _family(self, metric: BufferedMetric) -> Family:
        known = self._families.get(metric.name)
        if known is None:
            known = self._families[metric.name] = _family_of(metric)
        return known


def make_runtime(metrics: MetricBuffer | None = None) -> Runtime:
    """What clients and workers run on; its warnings go where the process's others go."""
    logger = logging.getLogger("temporal.sdk")
    told = TelemetryFilter(core_level="WARN", other_level="ERROR")
    return Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(told, forwarding=LogForwardingConfig(logger)),
            metrics=metrics,
            attach_service_name=False,
        )
    )


def _family_of(metric: BufferedMetric) -> Family:
    """Named as the SDK's own endpoint names it when it is asked for units."""
    about = metric.description or metric.name
    if metric.kind == BUFFERED_METRIC_KIND_COUNTER:
        return Family(metric.name.removesuffix("_total"), about, "counter")
    if metric.kind == BUFFERED_METRIC_KIND_GAUGE:
        return Family(metric.name, about, "gauge")
    return Family(f"{metric.name.removesuffix('_seconds')}_seconds", about, "histogram")


def _add_histogram(metric: Metric, labels: dict[str, str], series: Series) -> None:
    below = 0
    for bound, count in zip((*BUCKETS, float("inf")), series.buckets, strict=True):
        below += count
        at_most = {**labels, "le": "+Inf" if bound == float("inf") else str(bound)}
        metric.add_sample(f"{metric.name}_bucket", at_most, below)
    metric.add_sample(f"{metric.name}_count", labels, below)
    metric.add_sample(f"{metric.name}_sum", labels, series.value)
