"""Fake stacks, seen from outside."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.devstack.fake_stack import PartSpec
from tests.waiting import eventually

STOP_SECONDS = 60


class Stack:
    """A supervisor process and the folder it keeps."""

    def __init__(self, folder: Path, parts: list[PartSpec]) -> None:
        self.folder = folder
        self._output = folder.with_suffix(".out")
        with self._output.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603  (our own program)
                [sys.executable, "-m", "tests.devstack.fake_stack", str(folder), json.dumps(parts)],
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """Everything it has said."""
        return self._output.read_text()

    def wait_until_ready(self) -> None:
        """Return when all parts are ready."""
        self.wait_for("everything is ready")

    def wait_for(self, text: str) -> None:
        """Return when it has said this."""
        eventually(lambda: text in self.output)

    def pid(self, name: str) -> int:
        """The process id in the part's pid file, as soon as there is one."""
        file = self.folder / "run" / f"{name}.pid"

        def look() -> str | None:
            try:
                return file.read_text()
            except FileNotFoundError:
                return None

        return int(eventually(look))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


def is_gone(pid: int) -> bool:
    """Whether no such process runs (a zombie does not run)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


StartStack = Callable[..., Stack]
"""Starts a stack of the parts given, in ``folder`` of the test's own directory."""
