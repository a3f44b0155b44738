"""docs/reliability.md names tests that there are."""

import re
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
PAGE: Final = TESTS.parent / "docs" / "reliability.md"
NAMED: Final = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE.read_text())))


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_a_test_that_is_named_exists(path: str, test: str) -> None:
    assert re.search(rf"def {test}\(", (TESTS / path).read_text())


def test_every_bug_of_the_original_is_accounted_for() -> None:
    bugs = PAGE.read_text().partition("## Bugs of the original")[2]
    assert [n for n in range(1, 52) if n != 28 and f"B-{n:02}" not in bugs] == []


def test_most_of_the_page_is_such_names() -> None:
    assert len(NAMED) > 60
