"""Which checks a change needs: changed paths on standard input, JSON on standard output.

``{"tests": ["api", …], "ui": true}``: folders under tests/, and whether the web client's own checks
are to run. What is not known here needs everything: a new folder is tested before anybody thinks of
it. Needs nothing but Python, so that a workflow can ask before it installs anything.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parent.parent

ONLY = {
    ".ci": {"ci"},
    ".dockerignore": {"images"},
    ".github": {"ci"},
    "CONTRIBUTING.md": {"architecture"},
    "Dockerfile": {"images"},
    "README.md": {"architecture", "images"},
    "bench": {"architecture", "bench"},
    "compose.yaml": {"images"},
    "helm": {"helm"},
    "ui": {"api", "architecture", "e2e", "images", "ui"},
}
"""Nobody else reads these."""

NEVER = {
    "activities": {"helm", "replay"},
    "api": {"helm", "replay", "services", "workflows"},
    "devstack": {"helm"},
    "services": {"helm"},
    "temporal": {"helm", "services"},
    "workers": {"helm", "services"},
}
"""Tests that neither import these folders, themselves or through others, nor start processes."""


def needed(changed: Iterable[str]) -> dict[str, object]:
    """What to run for these paths."""
    paths = list(changed)
    tests = {folder for path in paths for folder in _noticing(path)}
    return {"tests": sorted(tests), "ui": any(_of_the_client(path) for path in paths)}


def folders() -> set[str]:
    """All folders with tests."""
    return {path.parent.name for path in (ROOT / "tests").glob("*/__init__.py")}


def _noticing(path: str) -> set[str]:
    top, *rest = PurePosixPath(path).parts
    if top == "tests" and len(rest) > 1 and rest[-1].startswith("test_"):
        return {rest[0]} & folders()
    if top in ONLY:
        return ONLY[top] & folders()
    return folders() - NEVER.get(top, set())


def _of_the_client(path: str) -> bool:
    """Its types come from the API's document, which comes from whatever the API imports."""
    return PurePosixPath(path).parts[0] not in {"tests", *(ONLY.keys() - {"ui"})}


if __name__ == "__main__":
    print(json.dumps(needed(line.strip() for line in sys.stdin if line.strip())))
