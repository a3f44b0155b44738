"""A replica set with access control, made ready from another machine: three real servers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from beanie import init_beanie
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from devstack.mongod import find_mongod, mongod_command
from services.auth.documents import DOCUMENTS as AUTH
from services.operations.documents import DOCUMENTS as OPERATIONS
from services.orders.documents import DOCUMENTS as ORDERS
from services.payments.documents import DOCUMENTS as PAYMENTS
from services.replica_set import SERVICES
from services.tickets.documents import DOCUMENTS as TICKETS
from tests.servers import free_port, running_server

DOCUMENTS = {
    "auth": AUTH,
    "tickets": TICKETS,
    "orders": ORDERS,
    "payments": PAYMENTS,
    "operations": OPERATIONS,
}
SECONDS = 90


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the chart mounts from a Secret: a key file, and a password for each user."""
    folder = tmp_path_factory.mktemp("secrets")
    (folder / "keyfile").write_text("a key\nof more than six characters\n")
    (folder / "keyfile").chmod(0o400)
    for name in (*SERVICES, "backup"):
        (folder / name).write_text(f"password-of-{name}\n")
    return folder


@pytest.fixture(scope="module")
def members(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Three servers that trust whoever has the key file, and nobody else; not yet a set."""
    with ExitStack() as servers:
        ports = [free_port() for _ in range(3)]
        for port in ports:
            data = tmp_path_factory.mktemp("member")
            command = mongod_command(find_mongod(), port=port, data=data)
            servers.enter_context(
                running_server(
                    [*command, "--auth", "--keyFile", str(secrets / "keyfile")],
                    ready=lambda: True,  # the command waits by itself
                    log=data / "mongod.log",
                )
            )
        yield [f"127.0.0.1:{port}" for port in ports]


def make_ready(members: list[str], secrets: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "services.replica_set", *members, "--secrets", str(secrets)],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def ready(members: list[str], secrets: Path) -> list[str]:
    """The same servers as one replica set with users."""
    done = make_ready(members, secrets)
    assert done.returncode == 0, done.stderr
    return members


def connected(uri: str) -> AsyncMongoClient[dict[str, Any]]:
    return AsyncMongoClient(uri)


def signed_in(members: list[str], service: str, password: str) -> AsyncMongoClient[dict[str, Any]]:
    return connected(
        f"mongodb://te_{service}:{password}@{','.join(members)}/"
        f"?replicaSet=rs0&authSource=te_{service}"
    )


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_can_do_all_it_must_in_its_own_database(
    ready: list[str], service: str
) -> None:
    async with signed_in(ready, service, f"password-of-{service}") as client:
        database = client[f"te_{service}"]
        await init_beanie(database=database, document_models=DOCUMENTS[service])
        async with await database["changes"].watch():
            await database["changes"].insert_one({})


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reads_nothing_of_another_database(ready: list[str], service: str) -> None:
    async with signed_in(ready, service, f"password-of-{service}") as client:
        for other in {*SERVICES} - {service}:
            with pytest.raises(OperationFailure, match="not authorized"):
                await client[f"te_{other}"]["documents"].find_one()


async def test_nobody_reads_anything_without_signing_in(ready: list[str]) -> None:
    async with connected(f"mongodb://{','.join(ready)}/?replicaSet=rs0") as client:
        with pytest.raises(OperationFailure, match="requires authentication"):
            await client["te_orders"]["documents"].find_one()


async def test_the_user_for_backups_reads_everything_and_changes_nothing(ready: list[str]) -> None:
    uri = f"mongodb://te_backup:password-of-backup@{','.join(ready)}/?replicaSet=rs0"
    async with connected(uri) as client:
        for service in SERVICES:
            await client[f"te_{service}"]["documents"].find_one()
        with pytest.raises(OperationFailure, match="not authorized"):
            await client["te_orders"]["documents"].insert_one({})


async def test_a_second_time_changes_passwords_and_nothing_else(
    ready: list[str], secrets: Path
) -> None:
    (secrets / "orders").write_text("another-password")
    done = make_ready(ready, secrets)
    assert done.returncode == 0, done.stderr
    assert "password" not in done.stdout.replace("passwords", "")
    async with signed_in(ready, "orders", "another-password") as client:
        await client["te_orders"]["documents"].find_one()
    async with signed_in(ready, "orders", "password-of-orders") as client:
        with pytest.raises(OperationFailure, match="Authentication failed"):
            await client["te_orders"]["documents"].find_one()
    (secrets / "orders").write_text("password-of-orders")
    assert make_ready(ready, secrets).returncode == 0


def test_other_members_than_those_of_the_set_are_refused_with_a_sentence(
    ready: list[str], secrets: Path
) -> None:
    done = make_ready(ready[:2], secrets)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Members are added and removed by hand" in done.stderr


def test_whoever_has_another_key_changes_nothing(
    ready: list[str], secrets: Path, tmp_path: Path
) -> None:
    for file in secrets.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "keyfile").write_text("another key of enough letters")
    done = make_ready(ready, tmp_path)
    assert done.returncode == 1
    assert "Authentication failed" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("password", ["", "short", "with@an-address", "two words"])
def test_a_password_that_would_break_an_address_is_refused_before_anything_is_done(
    ready: list[str], secrets: Path, tmp_path: Path, password: str
) -> None:
    for file in secrets.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "tickets").write_text(password)
    done = make_ready(ready, tmp_path)
    assert done.returncode == 1
    assert "The password of 'tickets' must have 8 letters or more" in done.stderr
    assert not password or password not in done.stderr
