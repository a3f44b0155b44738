"""Temporal on this machine: the real development server, on disk or in memory."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PRAGMAS = ("journal_mode=wal", "synchronous=normal")
DYNAMIC = ("history.transferProcessorMaxPollRPS=1000",)
"""All workflows of this server are in one shard, whose tasks it looks up 20 times a second by
default: from about four purchases a second on, each task would wait some 40 ms for its turn."""
DESCRIBE_TIMEOUT_SECONDS = 5


class TemporalMissingError(RuntimeError):
    """There is no ``temporal`` binary on this machine."""


def find_temporal() -> Path:
    """The command line tool: the one beside this interpreter, else yours on PATH."""
    beside = str(Path(sys.executable).with_name("temporal"))
    found = shutil.which(beside) or shutil.which("temporal")
    if found is None:
        raise TemporalMissingError(
            "There is no temporal binary: install the development packages (make install),"
            " or point TEMPORAL_ADDRESS at a server of yours."
        )
    return Path(found)


def temporal_command(
    binary: Path,
    *,
    port: int,
    ui_port: int | None = None,
    database: Path | None = None,
    namespace: str = "default",
) -> list[str]:
    """The command line of a development server that listens on this machine only.

    Without ``database`` it forgets everything when it ends; without ``ui_port`` it has no UI.
    Its metrics cannot be turned off: they are on a free loopback port that nobody is told.
    """
    ui = ["--headless"] if ui_port is None else ["--ui-ip", "127.0.0.1", "--ui-port", str(ui_port)]
    disk = (
        []
        if database is None
        else ["--db-filename", str(database), *_repeated("--sqlite-pragma", PRAGMAS)]
    )
    return [
        *(str(binary), "server", "start-dev"),
        *("--ip", "127.0.0.1", "--port", str(port)),
        *("--namespace", namespace),
        *("--log-level", "warn"),
        "--ui-disable-news-fetch",
        *_repeated("--dynamic-config-value", DYNAMIC),
        *_isolated(),
        *ui,
        *disk,
    ]


def temporal_answers(binary: Path, address: str, namespace: str = "default") -> bool:
    """Whether the server at ``address`` knows the namespace; one bounded attempt."""
    command = [
        *(str(binary), "operator", "namespace", "describe"),
        *("--address", address, "--namespace", namespace),
        *("--command-timeout", "2s"),
        *_isolated(),
    ]
    try:
        answer = subprocess.run(  # noqa: S603  (our own command line)
            command, capture_output=True, timeout=DESCRIBE_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return answer.returncode == 0


def _isolated() -> tuple[str, str]:
    """Options that keep the person's own Temporal profile out of it."""
    return ("--disable-config-file", "--disable-config-env")


def _repeated(option: str, values: Sequence[str]) -> list[str]:
    return [word for value in values for word in (option, value)]
