"""No key of anybody's is in the repository, not even one for tests of somebody else's service."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
KEYS: Final = re.compile(
    rb"""
      \b[sr]k_(?:test|live)_[A-Za-z0-9]{16,}          # Stripe
    | \bwhsec_[A-Za-z0-9+/]{20,}                      # Stripe, for its events
    | \bph[cx]_[A-Za-z0-9]{20,}                       # PostHog
    | \bre_[A-Za-z0-9]{8,}_[A-Za-z0-9]{16,}           # Resend
    | \bgh[opsu]_[A-Za-z0-9]{36}                      # GitHub
    | \bGOCSPX-[A-Za-z0-9_-]{20,}                     # Google
    | \bAKIA[0-9A-Z]{16}\b                            # AWS
    | -----BEGIN\ (?:[A-Z]+\ )?PRIVATE\ KEY-----
    """,
    re.VERBOSE,
)


def committed() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - wherever Git is
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only Git knows what is committed")
def test_no_file_holds_a_key() -> None:
    files = [path for path in committed() if path.is_file()]
    assert len(files) > 500
    assert [path for path in files if KEYS.search(path.read_bytes())] == []


@pytest.mark.parametrize(
    "parts",
    [
        ("sk_test_", "51Kx9vTQ0aZbYcXdWeVfU"),
        ("whsec_", "a1B2c3D4e5F6g7H8i9J0k1"),
        ("phc_", "Zx9Yw8Vu7Ts6Rq5Po4Nm3"),
        ("re_", "AbCdEfGh_1234567890abcdefg"),
        ("-----BEGIN ", "RSA PRIVATE KEY-----"),
    ],
)
def test_a_key_would_be_found(parts: tuple[str, str]) -> None:
    assert KEYS.search("".join(parts).encode())
