"""Stand-ins of the outside parties for one shape, so that its books are its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devstack.process import end, spawn
from devstack.ready import answers
from tests.servers import GRACE_SECONDS, free_port
from tests.waiting import eventually


@dataclass(frozen=True)
class Outside:
    """Where they are, and which processes."""

    stripe: str
    mail: str
    pids: dict[str, int]


@contextmanager
def running_outside(folder: Path) -> Iterator[Outside]:
    """A Stripe and an inbox with empty books on disk; Stripe tells nobody of its events."""
    folder.mkdir(parents=True, exist_ok=True)
    started: dict[str, subprocess.Popen[bytes]] = {}
    addresses = {}
    try:
        for name, module in (("stripe", "stripe"), ("mail", "resend")):
            port = free_port()
            command = [sys.executable, "-m", f"devstack.simulators.{module}", "--port", str(port)]
            command += ["--data", str(folder / f"{name}.sqlite")]
            started[name] = spawn(command, log=folder / f"{name}.log")
            addresses[name] = f"http://127.0.0.1:{port}"
        for name, address in addresses.items():
            eventually(answers(f"{address}/healthz"), f"{name} answers")
        yield Outside(**addresses, pids={name: each.pid for name, each in started.items()})
    finally:
        for process in started.values():
            end(process, grace=GRACE_SECONDS)
