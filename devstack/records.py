"""Who runs: the pid files of a stack, and what an earlier one has left behind."""

import json
import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from devstack.part import Part

CLOCK_TOLERANCE_SECONDS = 2
GRACE_SECONDS = 5


class Records:
    """``NAME.pid`` for people and scripts; ``NAME.json`` to tell a process from a later one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, part: Part, pid: int) -> None:
        """Note a process that has just been started."""
        record: dict[str, object] = {"pid": pid, "arguments": list(part.command[1:])}
        with suppress(psutil.NoSuchProcess):
            record["created"] = psutil.Process(pid).create_time()
        self._file(part.name, "json").write_text(json.dumps(record))
        # Moved into place whole, so that nobody reads half a number.
        draft = self._file(part.name, "pid.new")
        draft.write_text(f"{pid}\n")
        draft.replace(self._file(part.name, "pid"))

    def remove(self, name: str) -> None:
        """Forget a process that has ended."""
        self._file(name, "pid").unlink(missing_ok=True)
        self._file(name, "json").unlink(missing_ok=True)

    def end_leftovers(self) -> list[str]:
        """End what an earlier stack has left running, and only that; returns the names."""
        ended = []
        for file in sorted(self._folder.glob("*.json")):
            if process := _recognise(file):
                _end(process)
                ended.append(file.stem)
            self.remove(file.stem)
        return ended

    def _file(self, name: str, ending: str) -> Path:
        return self._folder / f"{name}.{ending}"


def _recognise(file: Path) -> psutil.Process | None:
    """The recorded process, when it still is the one that was recorded."""
    try:
        record = json.loads(file.read_text())
        process, arguments = psutil.Process(int(record["pid"])), list(record["arguments"])
        command = process.cmdline()
        same_age = abs(process.create_time() - record["created"]) < CLOCK_TOLERANCE_SECONDS
    except (ValueError, KeyError, TypeError, psutil.Error):
        return None
    # A script may have become "interpreter script argument…": compare from the end.
    same_command = command[len(command) - len(arguments) :] == arguments
    return process if same_age and same_command else None


def _end(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.terminate()
    with suppress(psutil.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # every part leads a group of its own
    with suppress(psutil.TimeoutExpired):
        process.wait(GRACE_SECONDS)
