"""A short soak, always the same."""

from pathlib import Path

import pytest

from tests.soak.soak import soak

MINUTES = 2.0


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_two_minutes_of_everything_at_once_leave_the_books_in_order(tmp_path: Path) -> None:
    report = soak(tmp_path, minutes=MINUTES, seed=11, say=print)

    assert report.broken == []
    assert "api, MB" in report.not_judged
    assert report.ends.get("complete", 0) > 0
    assert report.blows
