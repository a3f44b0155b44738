"""The supervisor starts parts in order, keeps them running and leaves none behind."""

import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from tests.devstack.fake_stack import IDLE, STUBBORN
from tests.devstack.stacks import Stack, StartStack, is_gone
from tests.waiting import eventually

DEAF = f"{STUBBORN}print('deaf', flush=True)\n{IDLE}"


def is_deaf(stack: Stack, name: str) -> None:
    """Return when the part no longer listens to SIGTERM."""
    log = stack.folder / "log" / f"{name}.log"
    eventually(lambda: log.exists() and "deaf" in log.read_text())


def test_a_part_starts_when_those_it_needs_are_ready(start: StartStack, tmp_path: Path) -> None:
    sign = tmp_path / "ready"
    stack = start(
        {"name": "first", "code": IDLE, "ready_file": str(sign)},
        {"name": "second", "code": IDLE, "after": ["first"]},
    )
    stack.pid("first")
    assert not (stack.folder / "run" / "second.pid").exists()

    sign.touch()
    stack.wait_until_ready()

    said = stack.output
    assert said.index("first      ready") < said.index("second     ready")


def test_a_task_must_end_well_before_others_start(start: StartStack, tmp_path: Path) -> None:
    tried = tmp_path / "tried"
    stack = start(
        {
            "name": "task",
            "once": True,
            "code": f"try:\n open({str(tried)!r}).close()\nexcept "
            f"OSError:\n open({str(tried)!r}, 'w').close()\n raise",
        },
        {"name": "after", "code": IDLE, "after": ["task"]},
    )
    stack.wait_until_ready()
    assert "task ended (exit code 1); starting it again" in stack.output
    assert not (stack.folder / "run" / "task.pid").exists()


def test_a_killed_part_is_started_again(start: StartStack) -> None:
    stack = start({"name": "part", "code": IDLE}, {"name": "other", "code": IDLE})
    stack.wait_until_ready()
    first, other = stack.pid("part"), stack.pid("other")

    for _ in range(3):
        os.kill(stack.pid("part"), signal.SIGKILL)
        before = first
        first = eventually(lambda: stack.pid("part") != before and stack.pid("part"))  # noqa: B023

    stack.wait_for("part is back.")
    assert "part ended (killed by SIGKILL)" in stack.output
    assert stack.pid("other") == other


def test_output_goes_to_the_log_file(start: StartStack) -> None:
    stack = start({"name": "part", "code": f"print('hello', flush=True)\n{IDLE}"})
    log = stack.folder / "log" / "part.log"
    eventually(lambda: log.exists() and "hello" in log.read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything(start: StartStack, number: signal.Signals) -> None:
    grandchild = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {IDLE!r}])\n"
    stack = start({"name": "a", "code": grandchild + IDLE}, {"name": "b", "code": IDLE})
    stack.wait_until_ready()
    eventually(lambda: psutil.Process(stack.pid("a")).children())
    family = [child.pid for child in psutil.Process(stack.process.pid).children(recursive=True)]

    assert stack.stop(number) == 0

    assert len(family) == 3
    assert all(is_gone(pid) for pid in family)
    assert list((stack.folder / "run").iterdir()) == []


def test_a_stubborn_part_is_killed(start: StartStack) -> None:
    stack = start({"name": "part", "code": DEAF})
    is_deaf(stack, "part")
    pid = stack.pid("part")
    assert stack.stop() == 0
    assert is_gone(pid)


def test_a_second_signal_does_not_wait(start: StartStack) -> None:
    names = ["a", "b", "c"]
    stack = start(*({"name": name, "code": DEAF} for name in names))
    stack.wait_until_ready()
    for name in names:
        is_deaf(stack, name)
    pids = [stack.pid(name) for name in names]
    stack.process.send_signal(signal.SIGINT)
    stack.wait_for("Stopping")
    stack.process.send_signal(signal.SIGINT)
    assert stack.process.wait(30) == 0
    assert all(is_gone(pid) for pid in pids)


def test_it_can_be_stopped_while_it_starts(start: StartStack, tmp_path: Path) -> None:
    stack = start(
        {"name": "slow", "code": IDLE, "ready_file": str(tmp_path / "never")},
        {"name": "next", "code": IDLE, "after": ["slow"]},
    )
    pid = stack.pid("slow")
    assert stack.stop() == 0
    assert is_gone(pid)
    assert not (stack.folder / "run" / "next.pid").exists()


def test_parts_die_with_a_killed_supervisor(start: StartStack) -> None:
    stack = start({"name": "a", "code": IDLE}, {"name": "b", "code": STUBBORN + IDLE})
    stack.wait_until_ready()
    pids = [stack.pid("a"), stack.pid("b")]
    stack.stop(signal.SIGKILL)
    eventually(lambda: all(is_gone(pid) for pid in pids))


def test_a_part_that_cannot_start_is_told_with_its_log(start: StartStack) -> None:
    stack = start({"name": "good", "code": IDLE}, {"name": "bad", "once": True, "code": "1/0"})
    assert stack.process.wait(30) == 1
    assert "bad ended 5 times, last exit code 1" in stack.output
    assert stack.output.count("ZeroDivisionError") == 1  # of the last start only


def test_a_part_that_never_gets_ready_is_told(start: StartStack, tmp_path: Path) -> None:
    stack = start(
        {"name": "part", "code": IDLE, "ready_file": str(tmp_path / "never"), "ready_within": 0.1}
    )
    assert stack.process.wait(30) == 1
    assert "part is not ready after" in stack.output


def test_a_taken_port_is_told_before_anything_starts(start: StartStack) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        stack = start({"name": "part", "code": IDLE, "port": port})
        assert stack.process.wait(30) == 1
    assert f"Port {port}, for part, is taken by" in stack.output
    assert f"(process {os.getpid()})" in stack.output
    assert "set FAKE_PORT" in stack.output
