"""One running stack for all end-to-end tests."""

from collections.abc import Iterator

import pytest

from tests.e2e.system import System


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The whole system, as ``make dev`` starts it."""
    running = System(tmp_path_factory.mktemp("stack") / "dev")
    with running.running():
        yield running
