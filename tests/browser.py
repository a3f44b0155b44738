"""Debian's Chromium, driven by Playwright: for what only a browser can show.

Playwright's own browsers cannot be downloaded everywhere, so the one of the system is used. Where
there is none it is installed through apt, once, before the first test runs; where that is not
possible the tests that ask for a browser are skipped and say why.
"""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from functools import cache
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

PACKAGES: Final = ("chromium", "fonts-liberation")
FLAGS: Final = (
    "--no-sandbox",  # it cannot run as root otherwise
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # in containers /dev/shm is too small for a page
)
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
PATIENCE_MS: Final = 30_000
"""How long a look or a click waits for its element: a busy machine is slow, not wrong."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Install Chromium before the tests that need it: apt may take longer than a test may."""
    wanted = any("chromium" in getattr(item, "fixturenames", ()) for item in session.items)
    if wanted and not session.config.option.collectonly:
        _why_there_is_none()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One headless Chromium for the whole run; give each person a context of their own."""
    if reason := _why_there_is_none():
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=_path(), headless=True, args=list(FLAGS)
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """An empty page at desktop size, of somebody whom nobody knows yet."""
    context = await chromium.new_context(viewport=DESKTOP)
    context.set_default_timeout(PATIENCE_MS)
    yield await context.new_page()
    await context.close()


def _path() -> str | None:
    return shutil.which("chromium")


@cache
def _why_there_is_none() -> str | None:
    """Look for Chromium and try to install it; None when there is one, a sentence otherwise."""
    if _path():
        return None
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return "no Chromium here, and it can only be installed as root with apt-get"
    for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(  # noqa: S603  # fixed words
            ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *command],  # noqa: S607  # on PATH
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            check=False,
            capture_output=True,
            text=True,
        )
    return None if _path() else f"apt-get could not install Chromium: {done.stderr[-300:]}"
