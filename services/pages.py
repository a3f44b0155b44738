"""Places in a collection that is read in pages, by a time and an id."""

from datetime import datetime
from typing import Any


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
