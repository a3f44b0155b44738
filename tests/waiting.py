"""Waiting for something to become true, without a fixed pause."""

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

Found = TypeVar("Found")
PATIENCE_SECONDS = 60


def eventually(
    look: Callable[[], Found | None], what: str = "it", *, within: float = PATIENCE_SECONDS
) -> Found:
    """What ``look`` finds at last; fails, naming ``what``, when it never does."""
    deadline = time.monotonic() + within
    while not (found := look()):
        if time.monotonic() > deadline:
            pytest.fail(f"never happened: {what}")
        time.sleep(0.02)
    return found
