"""The names of our folders stay ours, and nothing happens at import."""

import ast
import re
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("activities", "api", "bench", "devstack", "services", "temporal", "workers", "workflows")
MODULES = [path for name in OURS for path in (ROOT / name).rglob("*.py")]


@pytest.mark.parametrize("name", OURS)
def test_no_installed_distribution_claims_the_name_of_a_folder_of_ours(name: str) -> None:
    claimed = set(packages_distributions().get(name, [])) - {"ticket-exchange"}
    assert claimed == set()


def test_lock_files_carry_hashes_and_no_addresses() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--index-url|--find-links", text), lock


def test_nothing_reads_the_environment_or_opens_a_connection_at_import() -> None:
    reading = {
        str(path.relative_to(ROOT))
        for path in MODULES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if any(
            isinstance(part, ast.Attribute) and part.attr in ("environ", "getenv")
            for part in ast.walk(node)
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        )
        and not _is_main_guard(node)
    }
    assert reading == set()


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)
