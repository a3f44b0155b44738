"""One stack per folder, nothing left over in it, and only ours is ever emptied."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from devstack.clean import clean
from devstack.folder import CHECKOUT, DevFolder, FolderError
from devstack.part import Part
from devstack.process import end, spawn
from devstack.records import Records
from tests.devstack.fake_stack import IDLE
from tests.devstack.stacks import StartStack, is_gone
from tests.waiting import eventually

IDLE_PART = Part("part", [sys.executable, "-c", IDLE])


def test_a_second_stack_on_the_same_folder_is_refused(start: StartStack) -> None:
    first = start({"name": "part", "code": IDLE})
    first.wait_until_ready()
    second = start({"name": "part", "code": IDLE})
    assert second.process.wait(30) == 1
    assert f"A stack is running on {first.folder} (process {first.process.pid})" in second.output
    assert not is_gone(first.pid("part"))


def test_two_stacks_run_side_by_side(start: StartStack) -> None:
    stacks = [start({"name": "part", "code": IDLE}, folder=name) for name in ("one", "two")]
    for stack in stacks:
        stack.wait_until_ready()
    assert [stack.stop() for stack in stacks] == [0, 0]


def test_what_an_earlier_run_left_behind_is_ended(tmp_path: Path) -> None:
    process = spawn(IDLE_PART.command, log=tmp_path / "log")
    Records(tmp_path).write(IDLE_PART, process.pid)
    eventually(lambda: psutil.Process(process.pid).cmdline() == IDLE_PART.command)

    assert Records(tmp_path).end_leftovers() == ["part"]

    assert is_gone(process.pid)
    process.wait()
    assert list(tmp_path.glob("part.*")) == []


def test_a_process_that_only_has_the_same_number_is_left_alone(tmp_path: Path) -> None:
    process = spawn([sys.executable, "-c", f"'another'\n{IDLE}"], log=tmp_path / "log")
    try:
        Records(tmp_path).write(IDLE_PART, process.pid)
        assert Records(tmp_path).end_leftovers() == []
        assert process.poll() is None
    finally:
        end(process, grace=5)


def test_an_unreadable_record_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "part.json").write_text("{")
    assert Records(tmp_path).end_leftovers() == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(FolderError, match="holds other files"):
        DevFolder(tmp_path).prepare()
    with pytest.raises(FolderError, match="nothing was deleted"):
        clean({"DEV_DIR": str(tmp_path)}, tmp_path / ".env")
    assert (tmp_path / "thesis.txt").exists()


def test_cleaning_empties_the_folder_of_a_stopped_stack(start: StartStack) -> None:
    stack = start({"name": "part", "code": IDLE})
    stack.wait_until_ready()
    environ, dotenv = {"DEV_DIR": str(stack.folder)}, stack.folder / ".env"
    with pytest.raises(FolderError, match="A stack is running"):
        clean(environ, dotenv)

    stack.stop()

    assert clean(environ, dotenv) == f"Emptied {stack.folder}."
    assert list(stack.folder.iterdir()) == []
    assert clean(environ, dotenv) == f"{stack.folder} is empty already."


def test_cleaning_reads_the_folder_from_dotenv(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"# mine\nDEV_DIR='{tmp_path / 'mine'}'\nPORT=1\n")
    assert clean({}, dotenv) == f"{tmp_path / 'mine'} is empty already."


def test_asking_what_cleaning_does_deletes_nothing(tmp_path: Path) -> None:
    folder = DevFolder(tmp_path / "dev")
    folder.prepare()
    answer = subprocess.run(
        [sys.executable, "-S", "-m", "devstack.clean", "--help"],
        cwd=CHECKOUT,
        env={**os.environ, "DEV_DIR": str(folder.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "DEV_DIR" in answer.stdout
    assert folder.is_ours()


def test_cleaning_needs_no_installed_package(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-S", "-m", "devstack.clean"],
        cwd=CHECKOUT,
        env={**os.environ, "DEV_DIR": str(tmp_path / "dev")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "is empty already" in answer.stdout
