"""Real servers for the tests: started when the first test asks, ended with the test run."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from devstack.mongod import become_primary, find_mongod, mongod_command, mongod_uri
from devstack.process import end, spawn
from devstack.temporal import find_temporal, temporal_answers, temporal_command
from tests.containers import (
    MONGODB_IMAGE,
    TEMPORAL_IMAGE,
    Servers,
    chosen,
    mongod_in_container,
    running_container,
    temporal_in_container,
)
from workflows.search_attributes import ALL as SEARCH_ATTRIBUTES

START_SECONDS = 60
GRACE_SECONDS = 5
PORTS = range(20_000, 32_000)
"""Below those that Linux and macOS give to whoever asks for any."""
FORGETS_NOTHING = ("--setParameter", "ttlMonitorEnabled=false")
"""Tests have times of their own, and what is long over for the server is now for them."""
_given: set[int] = set()


def free_port() -> int:
    """A loopback port that nobody listens on right now, another one at each call.

    None that the system gives away by itself, to whoever asks for any: until its server listens it
    would be anybody's.
    """
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port


@contextmanager
def running_server(command: list[str], *, ready: Callable[[], bool], log: Path) -> Iterator[None]:
    """A server process that answers inside the block and is gone after it."""
    process = spawn(command, log=log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{command[0]} did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        end(process, grace=GRACE_SECONDS)


@pytest.fixture(scope="session")
def mongodb_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A MongoDB replica set: yours (MONGODB_URI), or a fresh one for this test run.

    A fresh one is a process, or a container if TEST_SERVERS says so.
    """
    if yours := os.environ.get("MONGODB_URI"):
        yield yours
        return
    folder, port = tmp_path_factory.mktemp("mongod"), free_port()
    if chosen(os.environ) is Servers.CONTAINERS:
        with running_container(MONGODB_IMAGE, mongod_in_container(port, *FORGETS_NOTHING), port):
            _wait_until(lambda: become_primary(port), MONGODB_IMAGE)
            yield mongod_uri(port)
        return
    command = [*mongod_command(find_mongod(), port=port, data=folder), *FORGETS_NOTHING]
    with running_server(command, ready=lambda: become_primary(port), log=folder / "mongod.log"):
        yield mongod_uri(port)


def _wait_until(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not become ready")
        time.sleep(0.2)


@pytest.fixture(scope="session")
def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Temporal server with our search attributes: yours (TEMPORAL_ADDRESS), or a fresh one."""
    if yours := os.environ.get("TEMPORAL_ADDRESS"):
        _bootstrap(yours)
        yield yours
        return
    with temporal_server(tmp_path_factory.mktemp("temporal")) as address:
        yield address


@contextmanager
def temporal_server(folder: Path, *configured: str) -> Iterator[str]:
    """A fresh Temporal server with our search attributes, and with these dynamic settings."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    dynamic = [word for each in configured for word in ("--dynamic-config-value", each)]
    if chosen(os.environ) is Servers.CONTAINERS:
        with running_container(TEMPORAL_IMAGE, temporal_in_container(port, *dynamic), port):
            _wait_until(lambda: _bootstrapped(address), TEMPORAL_IMAGE)
            yield address
        return
    binary = find_temporal()
    with running_server(
        [*temporal_command(binary, port=port), *dynamic],
        ready=lambda: temporal_answers(binary, address),
        log=folder / "temporal.log",
    ):
        _bootstrap(address)
        yield address


@pytest_asyncio.fixture(loop_scope="session")
async def time_skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal test server whose clock jumps to the next timer while a result is awaited.

    One per test (it starts in a fraction of a second): its clock is one for all workflows, and a
    poll left open by an earlier test's worker would swallow a task.
    """
    async with time_skipping_server() as environment:
        yield environment


@asynccontextmanager
async def time_skipping_server() -> AsyncIterator[WorkflowEnvironment]:
    """The server behind the fixture, for whoever has no fixtures."""
    beside = str(Path(sys.executable).with_name("temporal-test-server"))
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=shutil.which(beside) or shutil.which("temporal-test-server"),
        data_converter=pydantic_data_converter,
    ) as environment:
        await _define_search_attributes(environment)
        yield environment


async def _define_search_attributes(environment: WorkflowEnvironment) -> None:
    """The test server can add search attributes but not list them, so the bootstrap is no use."""
    await environment.client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=environment.client.namespace,
            search_attributes={
                key.name: IndexedValueType.Value(
                    f"INDEXED_VALUE_TYPE_{key.indexed_value_type.name}"
                )
                for key in SEARCH_ATTRIBUTES
            },
        )
    )


def _bootstrap(address: str) -> None:
    if not _bootstrapped(address):
        pytest.fail(f"the Temporal server at {address} could not be made ready")


def _bootstrapped(address: str) -> bool:
    """Register what our workflows need; in a process of its own, so that no loop is involved.

    The schedule is there and rests: a check in the middle would be among a test's steps.
    """
    settings = {
        "TEMPORAL_ADDRESS": address,
        "TEMPORAL_NAMESPACE": "default",
        "RECONCILIATION_SECONDS": str(365 * 24 * 3600),
    }
    done = subprocess.run(
        [sys.executable, "-m", "temporal.bootstrap"],
        env={**os.environ, **settings},
        check=False,
        timeout=START_SECONDS,
    )
    return done.returncode == 0
