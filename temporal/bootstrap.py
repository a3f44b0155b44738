"""Makes a Temporal namespace ready for purchases: ``python -m temporal.bootstrap``.

Safe to run again and again, and by several processes at once.
"""

import argparse
import asyncio
import sys
from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType
from temporalio.service import RPCError, RPCStatusCode

from services.settings import SettingError, read_settings
from temporal.client import connect
from temporal.settings import TemporalSettings
from workflows.search_attributes import ALL

PATIENCE = timedelta(seconds=10)


async def register_search_attributes(client: Client) -> list[str]:
    """Add the search attributes that are missing and return their names."""
    there = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=PATIENCE
    )
    missing = {
        key.name: _wire_type(key.indexed_value_type)
        for key in ALL
        if key.name not in there.custom_attributes
    }
    if missing:
        try:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing),
                timeout=PATIENCE,
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.ALREADY_EXISTS:
                raise
    return sorted(missing)


def _wire_type(kind: SearchAttributeIndexedValueType) -> IndexedValueType.ValueType:
    return IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{kind.name}")


async def main() -> None:
    """Connect as the environment says and register what is missing."""
    settings = read_settings(TemporalSettings)
    added = await register_search_attributes(await connect(settings))
    print(  # noqa: T201 - a command's answer
        f"{settings.namespace} at {settings.address}: "
        + (f"added {', '.join(added)}" if added else "nothing to add")
    )
    # Ending at once after a client closed can abort the interpreter (temporalio/sdk-python#300).
    await asyncio.sleep(0.25)


if __name__ == "__main__":
    argparse.ArgumentParser(
        prog="python -m temporal.bootstrap",
        description="Register the search attributes that purchases use. Repeating it is safe. "
        "Reads TEMPORAL_ADDRESS and the other TEMPORAL_ variables.",
    ).parse_args()
    try:
        asyncio.run(main())
    except SettingError as error:
        sys.exit(str(error))
    except (RPCError, RuntimeError) as error:
        sys.exit(f"Temporal could not be made ready: {error}")
