"""The built client, on a stack of its own; people with browsers."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize

from tests.browser import DESKTOP, PHONE
from tests.e2e.system import System
from tests.ui.person import Person, a_person
from tests.ui.pictures import Camera

CHECKOUT = Path(__file__).parents[2]
HURRY_SECONDS = 40
RUNS_OUT_WITHIN_MS = 90_000


@pytest.fixture(scope="session")
def client_build() -> None:
    """The client, built from today's sources."""
    subprocess.run(["make", "ui"], cwd=CHECKOUT, check=True)  # noqa: S607  # make is on PATH


@pytest.fixture(scope="session")
def web(client_build: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The stack, with the client on it."""
    system = System(tmp_path_factory.mktemp("web") / "dev")
    with system.running():
        yield system


@pytest.fixture(scope="session")
def hurried(client_build: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A stack on which a hold lasts only seconds, and longer once there is an address."""
    system = System(tmp_path_factory.mktemp("hurried") / "dev")
    system.environ |= {"RESERVATION_WINDOW": str(HURRY_SECONDS), "HOLD_EXTENSION": "60"}
    with system.running():
        yield system


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> ViewportSize:
    """How large the screen is."""
    viewport: ViewportSize = request.param
    return viewport


@pytest.fixture
def camera(size: ViewportSize) -> Camera:
    """Takes pictures at this size, when SCREENSHOTS names a folder for them."""
    folder = os.environ.get("SCREENSHOTS")
    return Camera(size, Path(folder) if folder else None)


@pytest_asyncio.fixture(loop_scope="session")
async def people(chromium: Browser) -> AsyncIterator["People"]:
    """Whoever the test invites; each has a browser, and all leave at the end."""
    async with AsyncExitStack() as stack:
        yield People(chromium, stack)


class People:
    """Invites people to a system."""

    def __init__(self, chromium: Browser, stack: AsyncExitStack) -> None:
        self._chromium = chromium
        self._stack = stack

    async def visitor(
        self, system: System, size: ViewportSize = DESKTOP, **options: object
    ) -> Person:
        """Somebody whom nobody knows yet."""
        return await self._stack.enter_async_context(
            a_person(self._chromium, system, size, options)
        )

    async def member(
        self, system: System, size: ViewportSize = DESKTOP, **options: object
    ) -> Person:
        """Somebody who is signed in."""
        person = await self.visitor(system, size, **options)
        await person.register_by_request()
        return person
