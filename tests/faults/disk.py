"""A disk that is slow or fails, for one process: strace gets between it and the kernel."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.waiting import eventually

STRACE: Final = shutil.which("strace")


class NoTraceError(RuntimeError):
    """strace could not attach to the process."""


class Trouble:
    """What happens to writes of a process, and how often it has happened so far."""

    def __init__(self, report: Path) -> None:
        self._report = report

    @property
    def blows(self) -> int:
        """Calls of the operating system that were held up, or failed without being made."""
        lines = self._report.read_text().splitlines()
        return sum(line.endswith(("(DELAYED)", "(INJECTED)")) for line in lines)


def why_not() -> str | None:
    """The reason why no disk can be troubled here, if there is one."""
    if STRACE is None:
        return "there is no strace on this machine"
    with subprocess.Popen(["sleep", "60"]) as somebody:  # noqa: S607 - any sleep will do
        try:
            with _traced(somebody.pid, Path("/dev/null"), ["fsync:delay_exit=1"]):
                return None
        except NoTraceError as refused:
            return str(refused)
        finally:
            somebody.kill()


@contextmanager
def troubled(pid: int, report: Path, *injections: str) -> Iterator[Trouble]:
    """Inside the block these calls of the process go as strace is told by ``injections``.

    Afterwards they go as ever, if the process is still there. Raises ``NoTraceError``.
    """
    with _traced(pid, report, injections):
        yield Trouble(report)


@contextmanager
def _traced(pid: int, report: Path, injections: Sequence[str]) -> Iterator[None]:
    calls = ",".join(each.partition(":")[0] for each in injections)
    command = [
        *(str(STRACE), "-f", "-qq", "-o", str(report), "-p", str(pid), "-e", f"trace={calls}"),
        *(f"--inject={each}" for each in injections),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:  # noqa: S603 - ours
        try:
            eventually(lambda: tracer.poll() is not None or _is_traced(pid), "strace is attached")
            assert tracer.stderr is not None
            if tracer.poll() is not None and (said := tracer.stderr.read()):
                raise NoTraceError(said.strip())
            yield
        finally:
            tracer.terminate()


def _is_traced(pid: int) -> bool:
    try:
        return "TracerPid:\t0\n" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False  # it has ended
