"""``python -m devstack`` as a person meets it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    ("name", "value"),
    [("RESERVATION_WINDOW", "abc"), ("RESERVATION_WINDOW", "86401"), ("HOLD_EXTENSION", "3601")],
)
def test_a_bad_setting_ends_it_with_one_line(tmp_path: Path, name: str, value: str) -> None:
    answer = devstack(tmp_path, **{name: value})
    assert answer.returncode == 2
    assert answer.stderr.startswith(f"{name}={value}: ")
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / "dev").exists()


def test_it_explains_itself(tmp_path: Path) -> None:
    answer = devstack(tmp_path, "--help")
    assert answer.returncode == 0
    for word in ("--seed", "SIGNIN_PORT", "GOOGLE_CLIENT_ID", "GITHUB_CLIENT_ID"):
        assert word in answer.stdout


def test_half_a_sign_in_application_is_named(tmp_path: Path) -> None:
    answer = devstack(tmp_path, GOOGLE_CLIENT_ID="mine", GOOGLE_CLIENT_SECRET="")
    assert answer.returncode == 2
    assert answer.stderr == "GOOGLE_CLIENT_SECRET is needed to sign in with the real Google\n"


def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    answer = devstack(tmp_path, DEV_DIR=str(tmp_path))
    assert answer.returncode == 1
    assert "holds other files" in answer.stderr
