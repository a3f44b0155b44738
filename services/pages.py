"""Collections that are read in pages, by a time and an id, by somebody who is in no hurry."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from pymongo import timeout

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

PAGE_SECONDS: Final = 30.0
"""How long reading a page may take. It is up to a thousand documents, from a disk if need be, and
nobody waits for it; a check that is heard of no more for a minute is begun again."""


def unhurried(
    read: Callable[Asked, Awaitable[Answer]],
) -> Callable[Asked, Coroutine[Any, Any, Answer]]:
    """The same, with the time that a page may take in place of what an answer to a person may."""

    @wraps(read)
    async def patiently(*asked: Asked.args, **how: Asked.kwargs) -> Answer:
        with timeout(PAGE_SECONDS):
            return await read(*asked, **how)

    return patiently


def place_of(at: datetime, record_id: str) -> str:
    """Where the next page begins when this record was the last."""
    return f"{at.isoformat()} {record_id}"


def after(field: str, place: str) -> dict[str, Any]:
    """What lies behind a place in the order of ``field`` and ``_id``; everything if it is empty."""
    if not place:
        return {}
    said, _, record_id = place.partition(" ")
    at = datetime.fromisoformat(said)
    return {"$or": [{field: {"$gt": at}}, {field: at, "_id": {"$gt": record_id}}]}
