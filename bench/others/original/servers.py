"""The twin's processes and its Redis, each ended by its own pid."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import httpx

from devstack.process import end, spawn
from tests.servers import GRACE_SECONDS, free_port, running_server
from tests.waiting import eventually

NO_REDIS: Final = "there is no redis-server on PATH (Debian: redis-server)"


def find_redis() -> Path | None:
    """The Redis server of this machine, if it has one."""
    found = shutil.which("redis-server")
    return Path(found) if found else None


@contextmanager
def running_redis(binary: Path, folder: Path) -> Iterator[str]:
    """A fresh Redis that appends to its file and syncs it every second; its URL."""
    port = free_port()
    folder.mkdir(parents=True)
    command = [
        *(str(binary), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)),
        *("--appendonly", "yes", "--appendfsync", "everysec"),
    ]
    with running_server(command, ready=lambda: _pongs(port), log=folder / "redis.log"):
        yield f"redis://127.0.0.1:{port}"


class Original:
    """The twin while it runs."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        port = free_port()
        self.api = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._environ = {**os.environ, **settings}
        uvicorn = [sys.executable, "-m", "uvicorn", "--factory", "--no-access-log"]
        self._commands = {
            "api": [*uvicorn, "--port", str(port), "bench.others.original.app:create_app"],
            "worker": [sys.executable, "-m", "bench.others.original.worker"],
        }
        self._parts: dict[str, subprocess.Popen[bytes]] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Started, and gone afterwards."""
        with ExitStack() as stack:
            for name in self._commands:
                self._start(name)
                stack.callback(self._end, name)
            eventually(self.ready, "the original's API answers")
            yield

    def ready(self) -> bool:
        """Whether the API answers."""
        try:
            return httpx.get(f"{self.api}/healthz").is_success
        except httpx.TransportError:
            return False

    def kill(self, name: str) -> None:
        """``kill -9`` ``api`` or ``worker``, and start it again at once."""
        self._parts[name].kill()
        self._parts[name].wait()
        self._start(name)
        eventually(self.ready, "the original's API answers again")

    def pid(self, name: str) -> int:
        """Which process a part is right now."""
        return self._parts[name].pid

    def _start(self, name: str) -> None:
        log = self._folder / f"original-{name}.log"
        self._parts[name] = spawn(self._commands[name], log=log, env=self._environ)

    def _end(self, name: str) -> None:
        end(self._parts[name], grace=GRACE_SECONDS)


def _pongs(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as wire:
            wire.sendall(b"PING\r\n")
            return wire.recv(7).startswith(b"+PONG")
    except OSError:
        return False
