"""Commands of .ci/ and of the tools that look at workflows, run as a workflow runs them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
CI = ROOT / ".ci"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def run(
    *command: str | Path,
    told: str = "",
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, with this on standard input, and these variables besides PATH and HOME."""
    usual = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(  # noqa: S603
        command,
        input=told,
        cwd=folder,
        env={**usual, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
