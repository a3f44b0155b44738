"""What is left over is seen, and nothing is left standing still."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import psutil
import pytest

from tests.e2e.system import System
from tests.soak.blows import Blow, strike
from tests.soak.rest import lingering
from tests.waiting import eventually


def stack_with(folder: Path, part: str, pid: int, **settings: str) -> System:
    """A stack that has not been started, with one part that is some other process."""
    system = System(folder, **settings)
    (folder / "run").mkdir()
    (folder / "run" / f"{part}.pid").write_text(str(pid))
    return system


@contextmanager
def sleeper() -> Iterator[psutil.Process]:
    process = subprocess.Popen(["/bin/sleep", "60"])
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def test_a_connection_that_the_api_has_not_let_go_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        system = stack_with(tmp_path, "api", os.getpid(), PORT=str(port))
        assert lingering(system) == []

        with socket.create_connection(("127.0.0.1", port)) as person:
            held, _ = server.accept()
            with held:
                person.close()
                eventually(lambda: "CLOSE_WAIT" in lingering(system)[0])
        assert lingering(system) == []


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """It interrupts, also when whoever runs the tests has turned it off for what they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_leaves_no_part_standing_still(tmp_path: Path) -> None:
    with sleeper() as process:
        system = stack_with(tmp_path, "worker", process.pid)
        seen: list[str] = []

        def interrupt() -> None:
            eventually(lambda: process.status() == psutil.STATUS_STOPPED)
            seen.append(process.status())
            os.kill(os.getpid(), signal.SIGINT)

        Timer(0.5, interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            strike(system, Blow(0, "freeze", parts=("worker",), seconds=30))

        assert seen == [psutil.STATUS_STOPPED]
        assert process.status() != psutil.STATUS_STOPPED
