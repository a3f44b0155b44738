"""MongoDB on this machine: the real server, as a replica set of one."""

import importlib.util
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

REPLICA_SET = "rs0"
CACHE_GB = 0.25
NOT_YET_INITIALIZED = 94
ATTEMPT_MS = 1000


class MongodMissingError(RuntimeError):
    """There is no ``mongod`` on this machine."""


def find_mongod() -> Path:
    """The server binary: yours when it is on PATH, else the one from the development packages."""
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    # The parent package is only located, never imported: a full fiftyone takes seconds to load.
    spec = importlib.util.find_spec("fiftyone")
    for folder in (spec and spec.submodule_search_locations) or ():
        packaged = Path(folder) / "db" / "bin" / "mongod"
        if packaged.is_file():
            return packaged
    raise MongodMissingError(
        "There is no mongod: put one on PATH, install the development packages (make install),"
        " or point MONGODB_URI at a replica set of yours."
    )


def mongod_command(binary: Path, *, port: int, data: Path) -> list[str]:
    """The command line of a replica set member that listens on this machine only."""
    return [
        str(binary),
        *("--replSet", REPLICA_SET),
        *("--bind_ip", "127.0.0.1"),
        *("--port", str(port)),
        *("--dbpath", str(data)),
        *("--wiredTigerCacheSizeGB", str(CACHE_GB)),
        *("--oplogSize", "256"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        # Nobody to hand over to: do not wait for a successor before shutting down.
        *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=0"),
        "--nounixsocket",
        "--quiet",
    ]


def mongod_uri(port: int) -> str:
    """Where the applications find that server."""
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def become_primary(port: int) -> bool:
    """Make the server a replica set of one, if it is not yet; true once it takes writes.

    One bounded attempt, safe to repeat until it says true.
    """
    client: MongoClient[Mapping[str, Any]] = MongoClient(
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=ATTEMPT_MS
    )
    with client:
        try:
            if client.admin.command("hello").get("isWritablePrimary"):
                return True
            _configure(client, f"127.0.0.1:{port}")
        except PyMongoError:
            return False  # still starting, or an election is under way
    return False


def _configure(client: MongoClient[Mapping[str, Any]], host: str) -> None:
    """Initiate new data; point data that was made on another port at this one."""
    members = [{"_id": 0, "host": host}]
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    if [member["host"] for member in config["members"]] != [host]:
        moved = {**config, "members": members, "version": config["version"] + 1}
        # Nobody is primary under the old address, so nobody could agree: force is the only way.
        client.admin.command("replSetReconfig", moved, force=True)
