"""Empty the folder of a stopped stack: ``python3 -m devstack.clean`` (no packages)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from devstack.folder import CHECKOUT, DevFolder, FolderError, dev_dir


def clean(environ: Mapping[str, str], dotenv: Path) -> str:
    """Empty ``DEV_DIR`` and say what was done; raises ``FolderError`` when it must not."""
    folder = DevFolder(dev_dir({**_dev_dir_from(dotenv), **environ}))
    if not folder.path.exists() or not any(folder.path.iterdir()):
        return f"{folder.path} is empty already."
    if not folder.is_ours():
        raise FolderError(f"{folder.path} was not made by `make dev`; nothing was deleted.")
    with folder.locked():
        folder.empty()
    return f"Emptied {folder.path}."


def _dev_dir_from(dotenv: Path) -> dict[str, str]:
    """The one setting that matters here, without the library that reads the others."""
    if not dotenv.is_file():
        return {}
    pairs = (line.partition("=") for line in dotenv.read_text().splitlines())
    named = {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}
    return {"DEV_DIR": named["DEV_DIR"]} if "DEV_DIR" in named else {}


def main() -> int:
    """Clean as the environment says."""
    argparse.ArgumentParser(
        prog="python3 -m devstack.clean",
        description="Delete what a stopped `make dev` keeps in .dev/ (DEV_DIR): data, logs, "
        "process ids. A folder of a running stack, or of somebody else, is left alone.",
    ).parse_args()
    try:
        print(clean(os.environ, CHECKOUT / ".env"))  # noqa: T201  (a command's answer)
    except FolderError as error:
        print(error, file=sys.stderr)  # noqa: T201  (a command's answer)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
