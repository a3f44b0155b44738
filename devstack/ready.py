"""Ways to see that a part does its work, and that a port is free for it."""

import socket
from collections.abc import Iterable

import httpx
import psutil

from devstack.part import Check, Part

PATIENCE_SECONDS = 2


def answers(url: str) -> Check:
    """A check: ``GET url`` gives 200. No proxy is asked, whatever the environment says."""

    def check() -> bool:
        try:
            with httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
                return client.get(url).is_success
        except httpx.HTTPError:
            return False

    return check


def taken_ports(parts: Iterable[Part]) -> list[str]:
    """A sentence for every port that somebody else listens on."""
    return [
        f"Port {port}, for {part.name}, is taken{_by(port)}: stop that, or set {variable}."
        for part in parts
        for variable, port in part.ports.items()
        if not _is_free(port)
    ]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do it: connections of an earlier run that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _by(port: int) -> str:
    """Who listens there, when the system tells."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
            if listens and connection.pid is not None:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return ""
