"""Start and end a child process that never outlives us."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launch.py")


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own, its output appended to ``log``.

    Call it from the main thread: the child is killed when the calling thread ends.
    """
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603  (commands come from the stack, not from outside)
            [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the child and to whatever it has started in its group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def end(process: subprocess.Popen[bytes], *, grace: float) -> None:
    """Ask the child to end, insist after ``grace`` seconds; its group is gone afterwards."""
    if process.poll() is None:
        signal_group(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    signal_group(process, signal.SIGKILL)
    process.wait()
