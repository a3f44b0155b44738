"""Fake stacks for the supervisor's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devstack.fake_stack import PartSpec
from tests.devstack.stacks import Stack, StartStack


@pytest.fixture
def start(tmp_path: Path) -> Iterator[StartStack]:
    """Start fake stacks; whatever still runs is ended after the test."""
    stacks: list[Stack] = []

    def start(*parts: PartSpec, folder: str = "dev") -> Stack:
        stacks.append(Stack(tmp_path / folder, list(parts)))
        return stacks[-1]

    yield start
    for stack in stacks:
        if stack.process.poll() is None:
            stack.stop()
