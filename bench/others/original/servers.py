"""The twin's processes and its Redis, each ended by its own pid."""

import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.others.parts import Parts
from tests.servers import free_port, running_server

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


def original_parts(folder: Path, settings: Mapping[str, str]) -> Parts:
    """The twin's API and worker."""
    return Parts(
        "original",
        folder,
        app="bench.others.original.app:create_app",
        worker="bench.others.original.worker",
        settings=settings,
    )


def _pongs(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as wire:
            wire.sendall(b"PING\r\n")
            return wire.recv(7).startswith(b"+PONG")
    except OSError:
        return False
