"""The JSON objects that the simulator keeps, and the part of them that Stripe would show."""

from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]


def visible(document: Document) -> Document:
    """The object as Stripe answers it: our own notes are the keys that start with ``_``."""
    return {key: value for key, value in document.items() if not key.startswith("_")}
