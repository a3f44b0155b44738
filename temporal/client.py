"""One way to make a Temporal client."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from opentelemetry.trace import Tracer
from temporalio.client import Client, Interceptor
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import Runtime
from temporalio.service import KeepAliveConfig

from temporal.settings import TemporalSettings

PATIENCE: Final = timedelta(seconds=2)
SIGN_OF_LIFE: Final = KeepAliveConfig(interval_millis=15_000, timeout_millis=5_000)
"""A connection that a network has forgotten is given up after at most 20 s, not the SDK's 45: until
then every call waits for its limit. Servers refuse clients who ask more often than every 10 s."""
LAST_BREATH_SECONDS: Final = 0.25
"""Without it a process that ends right after its Temporal client, also after one that found no
server, aborts now and then (temporalio/sdk-python#300)."""
OPEN_PURCHASES: Final = "WorkflowType = 'PurchaseWorkflow' AND ExecutionStatus = 'Running'"


async def connect(
    settings: TemporalSettings,
    *,
    lazy: bool = False,
    runtime: Runtime | None = None,
    tracer: Tracer | None = None,
    interceptors: Sequence[Interceptor] = (),
) -> Client:
    """A client of the configured namespace.

    With ``lazy`` nothing is sent until the first call, so a process starts while Temporal is away.
    With a ``tracer`` its calls, and the workflows and steps of its workers, are part of traces.
    """
    return await Client.connect(
        settings.address,
        namespace=settings.namespace,
        api_key=settings.api_key.get_secret_value() if settings.api_key else None,
        tls=settings.tls_config(),
        keep_alive_config=SIGN_OF_LIFE,
        data_converter=pydantic_data_converter,
        interceptors=[*([TracingInterceptor(tracer)] if tracer else []), *interceptors],
        runtime=runtime,
        lazy=lazy,
    )


@asynccontextmanager
async def last_breath() -> AsyncIterator[None]:
    """Around all that a process does with clients that ends with them, however it ends."""
    try:
        yield
    finally:
        await asyncio.sleep(LAST_BREATH_SECONDS)


async def open_purchases(client: Client) -> int:
    """How many purchases go on, as far as Temporal's search knows: it lags by a moment.

    Raises ``temporalio.service.RPCError`` when Temporal does not answer within 2 s.
    """
    counted = await client.count_workflows(OPEN_PURCHASES, rpc_timeout=PATIENCE)
    return counted.count
