"""Many documents at once, put in by parts: each has the driver's limit to itself."""

from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from pymongo.asynchronous.collection import AsyncCollection

AT_ONCE: Final = 250


async def fill(
    collection: AsyncCollection[dict[str, Any]], documents: Iterable[dict[str, Any]]
) -> None:
    """Insert all of them."""
    left = iter(documents)
    while part := list(islice(left, AT_ONCE)):
        await collection.insert_many(part)
