"""Ids: plain strings everywhere, never ObjectIds."""

from uuid import uuid4

PersonIds = tuple[str, ...]
"""Every id of one person, more than one when accounts of theirs were joined. Not any collection of
texts: a single id would be one, too."""


def new_id() -> str:
    """A fresh id that nobody can guess."""
    return str(uuid4())
