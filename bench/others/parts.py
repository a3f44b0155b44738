"""The API and the worker of one shape, each a process that can be killed and started again."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import httpx

from devstack.process import end, spawn
from devstack.stack import COMPILED
from tests.servers import GRACE_SECONDS, free_port
from tests.waiting import eventually

NAMES: Final = ("api", "worker")


class Parts:
    """Two processes of ours, told the same settings."""

    def __init__(
        self, shape: str, folder: Path, *, app: str, worker: str, settings: Mapping[str, str]
    ) -> None:
        """``app`` is uvicorn's name of a factory, ``worker`` a module."""
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self._shape = shape
        self._folder = folder
        self._environ = {**os.environ, **COMPILED, **settings}
        uvicorn = ("-m", "uvicorn", "--factory", "--no-access-log", "--port", str(port))
        self._commands: dict[str, Sequence[str]] = {
            "api": (sys.executable, *uvicorn, app),
            "worker": (sys.executable, "-m", worker),
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Started, and gone afterwards."""
        with ExitStack() as stack:
            for name in NAMES:
                self._start(name)
                stack.callback(self._end, name)
            eventually(self.ready, f"the API of {self._shape} answers")
            yield

    def ready(self) -> bool:
        """Whether the API answers."""
        try:
            return httpx.get(f"{self.address}/healthz", trust_env=False).is_success
        except httpx.TransportError:
            return False

    def kill(self, name: str) -> None:
        """``kill -9`` ``api`` or ``worker``, and start it again at once; it is not waited for."""
        self._running[name].kill()
        self._running[name].wait()
        self._start(name)

    def restart(self, **settings: str) -> None:
        """Let both end and start again with other settings; returns when the API answers."""
        self._environ |= settings
        for name in NAMES:
            self._end(name)
            self._start(name)
        eventually(self.ready, f"the API of {self._shape} answers again")

    def pid(self, name: str) -> int:
        """Which process a part is right now."""
        return self._running[name].pid

    def _start(self, name: str) -> None:
        log = self._folder / f"{self._shape}-{name}.log"
        self._running[name] = spawn(self._commands[name], log=log, env=self._environ)

    def _end(self, name: str) -> None:
        end(self._running[name], grace=GRACE_SECONDS)
