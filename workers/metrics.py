"""What a worker measures, and the address where that can be read."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, start_http_server
from temporalio.runtime import Runtime

from services.metrics import Funnel, new_registry
from temporal.metrics import SdkMetrics, make_runtime


class MetricsAddressError(RuntimeError):
    """Nobody can listen there; the text is one line that names the setting."""


@dataclass(frozen=True)
class Measured:
    """What takes the measures."""

    runtime: Runtime
    """For the worker's client."""
    funnel: Funnel
    """For its steps."""


@asynccontextmanager
async def measuring(address: str) -> AsyncIterator[Measured]:
    """Inside the block ``http://{address}/metrics`` answers; without an address nothing does.

    Raises ``MetricsAddressError``.
    """
    registry = new_registry()
    funnel = Funnel(registry)
    if not address:
        yield Measured(make_runtime(), funnel)
        return
    sdk = SdkMetrics()
    registry.register(sdk)
    with _metrics_at(address, registry):
        async with sdk.running():
            yield Measured(sdk.runtime, funnel)


@contextmanager
def _metrics_at(address: str, registry: CollectorRegistry) -> Iterator[None]:
    """From a thread of its own: it also tells how a worker is whose event loop is busy."""
    host, _, port = address.rpartition(":")
    try:
        server, thread = start_http_server(int(port), addr=host.strip("[]"), registry=registry)
    except (OSError, OverflowError) as error:  # the latter of a port beyond all ports
        why = getattr(error, "strerror", None) or error
        raise MetricsAddressError(
            f"WORKER_METRICS_ADDRESS: cannot listen on {address}: {why}"
        ) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
