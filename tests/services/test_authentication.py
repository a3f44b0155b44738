"""A MongoDB that asks who is there: each service comes as a user who may use its database only."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from devstack.mongod import REPLICA_SET, find_mongod, mongod_command
from services.auth.store import AuthStore
from services.database import (
    DatabasesUnavailableError,
    MongoSettings,
    Service,
    open_databases,
)
from tests.servers import free_port, running_server

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
PASSWORD = "correct-horse"

Admin = MongoClient[Mapping[str, Any]]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a replica set of one with authentication on, and a user for each service."""
    folder, port = tmp_path_factory.mktemp("guarded"), free_port()
    key = folder / "key"
    key.write_text(secrets.token_hex(32), encoding="utf-8")
    key.chmod(0o600)
    command = mongod_command(find_mongod(), port=port, data=folder)
    with running_server(
        [*command, "--auth", "--keyFile", str(key)],
        ready=lambda: initiate(port),
        log=folder / "mongod.log",
    ):
        make_users(port)
        yield port


def initiate(port: int) -> bool:
    """Make it a replica set of one; nobody is known yet, so whoever is on this machine may."""
    client: Admin = MongoClient(
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=1000
    )
    with client:
        try:
            if client.admin.command("hello").get("isWritablePrimary"):
                return True
            members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        except PyMongoError:
            pass  # still starting, or an election is under way
    return False


def make_users(port: int) -> None:
    """One who may do everything, then one for each service, who may read and write its own."""
    client: Admin = MongoClient("127.0.0.1", port, directConnection=True)
    with client:
        client.admin.command("createUser", "root", pwd=PASSWORD, roles=["root"])
    client = MongoClient(
        "127.0.0.1", port, directConnection=True, username="root", password=PASSWORD
    )
    with client:
        for service in Service:
            client[f"te_{service}"].command(
                "createUser", f"{service}", pwd=PASSWORD, roles=["readWrite"]
            )


def uri(port: int, service: Service, password: str = PASSWORD) -> str:
    """This service's own URI."""
    return (
        f"mongodb://{service}:{password}@127.0.0.1:{port}/"
        f"?replicaSet={REPLICA_SET}&authSource=te_{service}"
    )


def settings(port: int, **other: str) -> MongoSettings:
    """A user per service, or these instead."""
    own = {f"{service}_uri": uri(port, service) for service in Service}
    return MongoSettings.model_validate(own | other)


async def test_each_service_works_with_a_user_who_may_use_its_database_only(guarded: int) -> None:
    async with open_databases(settings(guarded)) as databases:
        await databases.ping()
        assert len({id(database.client) for database in databases.all()}) == len(Service)
        user = await AuthStore().add(f"{uuid4().hex}@example.com", password_hash="x", at=NOON)
        assert await AuthStore().get_user(user.id) is not None
        changes = await databases.tickets["tickets"].watch(max_await_time_ms=100)
        async with changes:
            await databases.tickets["tickets"].insert_one({"_id": uuid4().hex})
            assert (await changes.next())["operationType"] == "insert"


async def test_a_service_cannot_read_the_database_of_another(guarded: int) -> None:
    """The control: these users really are held to what is theirs."""
    async with open_databases(settings(guarded)) as databases:
        others = databases.tickets.client["te_auth"]
        with pytest.raises(OperationFailure, match="not authorized"):
            await others["users"].find_one({})


async def test_services_without_a_uri_of_their_own_share_one_client(mongodb_uri: str) -> None:
    async with open_databases(
        MongoSettings(uri=mongodb_uri, database_prefix=f"test_{uuid4().hex[:8]}_")
    ) as databases:
        assert len({id(database.client) for database in databases.all()}) == 1
        for database in databases.all():
            await database.client.drop_database(database.name)


@pytest.mark.parametrize("service", Service)
async def test_a_user_who_is_not_let_in_is_named_by_the_variable(
    guarded: int, service: Service
) -> None:
    wrong = {f"{service}_uri": uri(guarded, service, password="battery-staple")}
    with pytest.raises(DatabasesUnavailableError) as refused:
        async with open_databases(settings(guarded, **wrong)):
            pass
    assert f"(MONGODB_{service.upper()}_URI)" in str(refused.value)
    assert "battery-staple" not in str(refused.value)


def test_a_process_ends_with_one_line_about_the_one_user_who_is_wrong(
    guarded: int, tmp_path: Path
) -> None:
    environ = {f"MONGODB_{service.upper()}_URI": uri(guarded, service) for service in Service}
    environ["MONGODB_PAYMENTS_URI"] = uri(guarded, Service.ORDERS)  # of another service
    ended = subprocess.run(
        [sys.executable, "-m", "services", "grant-operator", "ann@example.com"],
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("MongoDB (MONGODB_PAYMENTS_URI) could not be prepared")
    assert "Traceback" not in ended.stderr
    assert PASSWORD not in ended.stderr
