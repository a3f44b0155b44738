"""The folder in which a stack keeps its data, logs and process ids (``DEV_DIR``).

Standard library only and nothing newer than what an old ``python3`` understands, because
``make clean-dev`` runs before anything is installed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
MARKER = ".devstack"


class FolderError(Exception):
    """The folder is in use or is not ours; the message says so to a person."""


class DevFolder:
    """``data/NAME/``, ``log/NAME.log`` and ``run/NAME.pid`` under one path."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.run = self.path / "run"
        self.log = self.path / "log"
        self.data = self.path / "data"
        self._marker = self.path / MARKER

    def is_ours(self) -> bool:
        """Whether a stack made this folder."""
        return self._marker.is_file()

    def prepare(self) -> None:
        """Make the folder; refuse one that holds somebody else's files."""
        if self.path.exists() and not self.path.is_dir():
            raise FolderError(f"DEV_DIR={self.path} is a file; name a folder.")
        if self.path.is_dir() and any(self.path.iterdir()) and not self.is_ours():
            raise FolderError(f"DEV_DIR={self.path} holds other files; name a new or empty folder.")
        for folder in (self.run, self.log, self.data):
            folder.mkdir(parents=True, exist_ok=True)
        self._marker.touch()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder; refuse when a running stack does. The kernel lets go when we end."""
        handle = os.open(self.path, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = self._marker.read_text() if self.is_ours() else ""
                raise FolderError(
                    f"A stack is running on {self.path}"
                    + (f" (process {holder})" if holder else "")
                    + ": stop it first, or set DEV_DIR (and other ports) for a second one."
                ) from None
            yield
        finally:
            os.close(handle)

    def note_holder(self) -> None:
        """Write down who holds the folder, for the sentence that refuses others."""
        self._marker.write_text(str(os.getpid()))

    def empty(self) -> None:
        """Delete everything in it."""
        for entry in self.path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def dev_dir(environ: Mapping[str, str]) -> Path:
    """Where ``DEV_DIR`` points; ``.dev`` in the checkout unless it is set."""
    return Path(environ.get("DEV_DIR") or CHECKOUT / ".dev")
