"""Where a worker tells its metrics, and what the SDK's are called there."""

import httpx
import pytest
from prometheus_client import CollectorRegistry
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from services.metrics import Outcome
from temporal.client import connect, open_purchases
from temporal.metrics import BUCKETS, SdkMetrics
from temporal.settings import TemporalSettings
from tests.observability import Series, series_in
from tests.servers import free_port
from tests.workers.test_workers import NEEDED, start
from workers.metrics import MetricsAddressError, measuring


def scraped(address: str) -> Series:
    return series_in(httpx.get(f"http://{address}/metrics").raise_for_status().text)


async def test_what_is_measured_can_be_read_at_the_address_and_no_longer() -> None:
    address = f"127.0.0.1:{free_port()}"
    async with measuring(address) as measured:
        measured.funnel.count(Outcome.PAID)
        assert {"outcome": "paid"} in scraped(address)["te_purchases_total"]
        assert "process_resident_memory_bytes" in scraped(address)
    with pytest.raises(httpx.ConnectError):
        scraped(address)


async def test_without_an_address_nobody_listens_and_work_goes_on() -> None:
    async with measuring("") as measured:
        measured.funnel.count(Outcome.PAID)


async def test_an_address_that_is_taken_is_named() -> None:
    address = f"127.0.0.1:{free_port()}"
    async with measuring(address):
        with pytest.raises(MetricsAddressError, match=f"WORKER_METRICS_ADDRESS: .*{address}"):
            async with measuring(address):
                pass


@pytest.mark.parametrize(
    "address", ["9464", ":9464", "127.0.0.1:", "127.0.0.1:port", "127.0.0.1:99999"]
)
def test_what_is_no_address_ends_the_process_with_one_line(address: str) -> None:
    ended = start(**NEEDED, WORKER_METRICS_ADDRESS=address)
    assert ended.returncode == 1
    assert ended.stderr.startswith("WORKER_METRICS_ADDRESS: ")
    assert ended.stderr.count("\n") == 1


async def test_a_port_that_is_taken_ends_the_process_with_one_line() -> None:
    address = f"127.0.0.1:{free_port()}"
    async with measuring(address):
        ended = start(**NEEDED, WORKER_METRICS_ADDRESS=address)
    assert ended.returncode == 1
    assert (
        ended.stderr
        == f"WORKER_METRICS_ADDRESS: cannot listen on {address}: Address already in use\n"
    )


async def test_the_sdks_metrics_have_the_names_and_labels_that_its_own_endpoint_gives_them(
    temporal_address: str,
) -> None:
    """So that what is written about them elsewhere holds here."""
    ours, theirs = SdkMetrics(), f"127.0.0.1:{free_port()}"
    itself = PrometheusConfig(
        theirs, counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
    )
    runtimes = ours.runtime, Runtime(telemetry=TelemetryConfig(metrics=itself))
    settings = TemporalSettings(address=temporal_address)
    for runtime in runtimes:
        await open_purchases(await connect(settings, runtime=runtime))
    registry = CollectorRegistry()
    registry.register(ours)

    expected = scraped(theirs)
    calls = {"namespace": "default", "operation": "CountWorkflowExecutions"}
    assert registry.get_sample_value("temporal_request_total", calls) == 1
    assert registry.get_sample_value("temporal_request_latency_seconds_count", calls) == 1
    for name in ("temporal_request_total", "temporal_request_latency_seconds_sum"):
        labels = [set(each) - {"service_name"} for each in expected[name]]
        assert {*calls} in labels


async def test_a_histogram_counts_upwards_and_ends_with_all(temporal_address: str) -> None:
    sdk, registry = SdkMetrics(), CollectorRegistry()
    registry.register(sdk)
    client = await connect(TemporalSettings(address=temporal_address), runtime=sdk.runtime)
    for _ in range(3):
        await open_purchases(client)
    calls = {"namespace": "default", "operation": "CountWorkflowExecutions"}
    name = "temporal_request_latency_seconds"
    counts = [
        registry.get_sample_value(f"{name}_bucket", {**calls, "le": bound})
        for bound in (*map(str, BUCKETS), "+Inf")
    ]
    assert None not in counts
    assert counts == sorted(count for count in counts if count is not None)
    assert counts[-1] == registry.get_sample_value(f"{name}_count", calls) == 3
