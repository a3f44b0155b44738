"""Makes a MongoDB replica set and its users ready: ``python -m services.replica_set``.

For members that run with a key file, as in the Helm chart: there the first user must be made before
anybody can sign in, and only a holder of the key file may do that from another machine. Repeating
is safe, and so is running beside another: what is there already is left, and passwords are set to
what their files say, which is how they are changed.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

Raw = dict[str, Any]

NAME: Final = "rs0"
SERVICES: Final = ("auth", "tickets", "orders", "payments", "operations")
BACKUP: Final = "backup"
FIT_FOR_AN_ADDRESS: Final = r"[A-Za-z0-9._~-]{8,}"

ALREADY_INITIALIZED: Final = 23
NOT_YET_INITIALIZED: Final = 94
USER_EXISTS: Final = 51_003

PASSING: Final = {
    11_602: "a step of an election",
    10_107: "no primary yet",
    13_435: "no primary yet",
    74: "a member does not answer yet",
}
"""Codes of refusals that end by themselves while members start."""

MAJORITY: Final = {"w": "majority"}
PATIENCE_MS: Final = 2_000
PAUSE_SECONDS: Final = 1.0


class ReplicaSetError(RuntimeError):
    """The replica set is not what was asked for; the text says what to do."""


@dataclass(frozen=True)
class ReplicaSet:
    """Members as ``host:port``, the folder with their secrets if they have any, and our databases.

    The folder holds ``keyfile``, one file per service with the password of its user, and ``backup``
    if there is to be a user who may read everything for backups.
    """

    members: tuple[str, ...]
    secrets: Path | None = None
    database_prefix: str = "te_"

    def login(self) -> Raw:
        """Options that make the driver sign in as the members sign in to each other."""
        if self.secrets is None:
            return {}
        # As the server reads the file: white space is no part of the key.
        key = "".join((self.secrets / "keyfile").read_text(encoding="utf-8").split())
        return {"username": "__system", "password": key, "authSource": "local"}

    def passwords(self) -> Mapping[str, str]:
        """The password of each user that there is to be, by the name of the service."""
        if self.secrets is None:
            return {}
        names = [*SERVICES, *([BACKUP] if (self.secrets / BACKUP).is_file() else [])]
        return {name: (self.secrets / name).read_text(encoding="utf-8").strip() for name in names}


async def prepare(replica_set: ReplicaSet) -> None:
    """Initiate the replica set unless it is there, wait for a primary, make or correct the users.

    Waits for members that do not answer yet, without end: whoever starts it bounds the time. Raises
    ``ReplicaSetError`` when the set has other members than asked for, or a password cannot stand in
    an address; then nothing has changed.
    """
    passwords = replica_set.passwords()
    for name, password in passwords.items():
        if not re.fullmatch(FIT_FOR_AN_ADDRESS, password):
            raise ReplicaSetError(
                f"The password of {name!r} must have 8 letters or more, of A-Z a-z 0-9 - . _ ~: it"
                " becomes part of an address."
            )
    await _until_answered(lambda: _initiate(replica_set))
    await _until_answered(lambda: _make_users(replica_set, passwords))


async def _until_answered(step: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await step()
        except AutoReconnect as error:
            reason = type(error).__name__
        except OperationFailure as error:
            if error.code not in PASSING:
                raise
            reason = PASSING[error.code]
        print(f"Waiting: {reason}", flush=True)  # noqa: T201 - a command's progress
        await asyncio.sleep(PAUSE_SECONDS)


async def _initiate(replica_set: ReplicaSet) -> None:
    """Ask the first member, which alone may be told: asking two could make two sets."""
    first = replica_set.members[0]
    async with _connect(f"mongodb://{first}/", replica_set, direct=True) as client:
        try:
            config = (await client.admin.command("replSetGetConfig"))["config"]
        except OperationFailure as error:
            if error.code != NOT_YET_INITIALIZED:
                raise
        else:
            return _compare(config, replica_set)
        members = [{"_id": n, "host": host} for n, host in enumerate(replica_set.members)]
        try:
            await client.admin.command("replSetInitiate", {"_id": NAME, "members": members})
        except OperationFailure as error:
            if error.code != ALREADY_INITIALIZED:
                raise


def _compare(config: Raw, replica_set: ReplicaSet) -> None:
    there = {member["host"] for member in config["members"]}
    if there != set(replica_set.members):
        raise ReplicaSetError(
            f"The replica set has the members {', '.join(sorted(there))} and not"
            f" {', '.join(sorted(replica_set.members))}. Members are added and removed by hand, one"
            " at a time (rs.add, rs.remove); docs/deployment.md says how."
        )


async def _make_users(replica_set: ReplicaSet, passwords: Mapping[str, str]) -> None:
    """Each user is in, and may use, one database: a leaked password opens no other service."""
    hosts = ",".join(replica_set.members)
    async with _connect(f"mongodb://{hosts}/?replicaSet={NAME}", replica_set) as client:
        await client.admin.command("ping")
        for name, password in passwords.items():
            user = f"{replica_set.database_prefix}{name}"
            database = client["admin" if name == BACKUP else user]
            right = BACKUP if name == BACKUP else "readWrite"
            await _make_user(database, user, password, right)


async def _make_user(database: AsyncDatabase[Raw], user: str, password: str, right: str) -> None:
    roles = [{"role": right, "db": database.name}]
    try:
        await database.command("createUser", user, pwd=password, roles=roles, writeConcern=MAJORITY)
    except OperationFailure as error:
        if error.code != USER_EXISTS:
            raise
        await database.command("updateUser", user, pwd=password, roles=roles, writeConcern=MAJORITY)


def _connect(uri: str, replica_set: ReplicaSet, *, direct: bool = False) -> AsyncMongoClient[Raw]:
    return AsyncMongoClient(
        uri,
        appname="ticket-exchange-setup",
        serverSelectionTimeoutMS=PATIENCE_MS,
        connectTimeoutMS=PATIENCE_MS,
        directConnection=direct,
        **replica_set.login(),
    )


def main() -> None:
    """Read the command line and make everything ready, or say in one line what is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m services.replica_set",
        description="Initiate the replica set rs0, and make the users of the services or correct"
        " their passwords. Waits for members that do not answer yet. Repeating it is safe.",
    )
    parser.add_argument("members", nargs="+", metavar="HOST:PORT", help="the members, first first")
    parser.add_argument(
        "--secrets",
        type=Path,
        metavar="FOLDER",
        help="keyfile, and a password for each of auth, tickets, orders, payments and operations;"
        " backup too if there is to be such a user; without it, members without access control",
    )
    parser.add_argument("--prefix", default="te_", help="of databases and users; default: te_")
    options = parser.parse_args()
    replica_set = ReplicaSet(tuple(options.members), options.secrets, options.prefix)
    try:
        asyncio.run(prepare(replica_set))
    except (ReplicaSetError, PyMongoError, OSError) as error:
        sys.exit(f"MongoDB could not be made ready: {error}")
    made = ", ".join(f"{options.prefix}{name}" for name in replica_set.passwords()) or "none"
    print(f"{NAME}: {len(options.members)} members; users: {made}")  # noqa: T201


if __name__ == "__main__":
    main()
