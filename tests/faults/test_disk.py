"""The disk under MongoDB or Temporal is slow, or fails, while people buy."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.system import System
from tests.faults.books import closed_books
from tests.faults.crowd import cancels, pays, pays_and_returns, people_buy
from tests.faults.disk import troubled, why_not
from tests.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

STORIES: Final = (pays, pays_and_returns, cancels)
SHOPPERS: Final = 4
UNDER_WAY_SECONDS: Final = 2
TROUBLED_SECONDS: Final = 8

SLOW: Final[Mapping[str, tuple[str, ...]]] = {
    "mongod": ("fdatasync:delay_exit=100000",),
    "temporal": ("pwrite64:delay_exit=1000", "fsync:delay_exit=300000"),
}
"""In microseconds. MongoDB syncs its journal for each write, SQLite its log once in a while."""
FAILING: Final[Mapping[str, tuple[str, ...]]] = {
    "a bad disk under mongod": ("fdatasync:error=EIO",),
    "a bad disk under temporal": ("pwrite64:error=EIO", "fsync:error=EIO"),
    "a full disk under temporal": ("pwrite64:error=ENOSPC",),
}

GIVES_UP: Final = ("mongod",)
"""It ends at once when its journal may be lost, and is started again. Temporal answers errors."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    if reason := why_not():
        pytest.skip(reason)
    written = System(
        tmp_path_factory.mktemp("stack") / "dev", RESERVATION_WINDOW="45", HOLD_EXTENSION="50"
    )
    with written.running():
        yield written


def pid_of(system: System, part: str) -> int:
    """Which process it is now."""
    return eventually(lambda: system.pid(part), f"{part} runs")


def agree(system: System, ends: list[str]) -> None:
    """All orders are over, each as it was meant or as it may end, and the books agree."""
    eventually(system.ready, "the stack is well again")
    assert set(ends) == {"complete", "refunded", "cancelled"}
    eventually(lambda: not closed_books(system), "the books agree")
    assert closed_books(system) == []


@pytest.mark.parametrize("part", SLOW)
def test_on_a_slow_disk_people_buy(system: System, tmp_path: Path, part: str) -> None:
    with people_buy(system, STORIES, count=SHOPPERS) as ends:
        with troubled(pid_of(system, part), tmp_path / "report", *SLOW[part]) as disk:
            time.sleep(TROUBLED_SECONDS)
        assert disk.blows > 0
    agree(system, ends)


@pytest.mark.parametrize("trouble", FAILING)
def test_what_a_disk_refuses_is_lost_to_nobody(
    system: System, tmp_path: Path, trouble: str
) -> None:
    part = trouble.rpartition(" ")[2]
    with people_buy(system, STORIES, count=SHOPPERS) as ends:
        time.sleep(UNDER_WAY_SECONDS)
        before = pid_of(system, part)
        with troubled(before, tmp_path / "report", *FAILING[trouble]) as disk:
            time.sleep(TROUBLED_SECONDS)
        assert disk.blows > 0
        assert (pid_of(system, part) != before) == (part in GIVES_UP)
        eventually(system.ready, "the stack is well again")
        time.sleep(UNDER_WAY_SECONDS)
    agree(system, ends)
