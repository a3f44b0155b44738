"""One way to make a Temporal client."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from temporal.settings import TemporalSettings


async def connect(settings: TemporalSettings, *, lazy: bool = False) -> Client:
    """A client of the configured namespace.

    With ``lazy`` nothing is sent until the first call, so a process starts while Temporal is away.
    """
    return await Client.connect(
        settings.address,
        namespace=settings.namespace,
        api_key=settings.api_key.get_secret_value() if settings.api_key else None,
        tls=settings.tls_config(),
        data_converter=pydantic_data_converter,
        lazy=lazy,
    )
