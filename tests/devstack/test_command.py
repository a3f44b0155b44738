"""``python -m devstack`` as a person meets it."""

import os
import subprocess
import sys
from pathlib import Path

from devstack.folder import CHECKOUT


def devstack(tmp_path: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-m", "devstack", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "DEV_DIR": str(tmp_path / "dev"), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_bad_setting_ends_it_with_one_line(tmp_path: Path) -> None:
    answer = devstack(tmp_path, RESERVATION_WINDOW="abc")
    assert answer.returncode == 2
    assert answer.stderr.startswith("RESERVATION_WINDOW=abc: ")
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / "dev").exists()


def test_it_explains_itself(tmp_path: Path) -> None:
    answer = devstack(tmp_path, "--help")
    assert answer.returncode == 0
    assert "--seed" in answer.stdout


def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    answer = devstack(tmp_path, DEV_DIR=str(tmp_path))
    assert answer.returncode == 1
    assert "holds other files" in answer.stderr
