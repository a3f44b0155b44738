"""Ids: plain strings everywhere, never ObjectIds."""

from uuid import uuid4


def new_id() -> str:
    """A fresh id that nobody can guess."""
    return str(uuid4())
