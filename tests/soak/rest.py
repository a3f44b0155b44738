"""What must hold once everything has come to rest."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Final

import psutil
from pymongo import MongoClient
from temporalio.client import Client

from tests.e2e.system import Json, System
from tests.faults.books import closed_books

REST_SECONDS: Final = 240
LOOK_SECONDS: Final = 1.0
HELD: Final = (psutil.CONN_ESTABLISHED, psutil.CONN_CLOSE_WAIT)
RUNNING: Final = 'ExecutionStatus="Running"'


def disagreements(system: System, say: Callable[[str], None]) -> list[str]:
    """Let everything end, check it all once, and tell what does not agree."""
    say("waiting until every order has ended")
    _wait(lambda: not open_orders(system) and not running_workflows(system))
    say("checking everything once more")
    before = _runs(system)
    done = subprocess.run(
        [sys.executable, "-m", "temporal.operations", "reconcile"],
        env={**system.environ, "TEMPORAL_ADDRESS": f"127.0.0.1:{system.environ['TEMPORAL_PORT']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return [f"everything could not be checked: {done.stderr.strip()}"]
    _wait(lambda: _runs(system) > before)
    left = [f"order {each} never ended" for each in open_orders(system)]
    left += [f"workflow {each} never ended" for each in running_workflows(system)]
    left += [f"on the board: {each}" for each in findings(system, {"closed_at": None})]
    _wait(lambda: not lingering(system))
    return [*left, *lingering(system), *closed_books(system)]


def healed(system: System) -> list[str]:
    """What the checks put right by themselves."""
    return findings(system, {"closed_because": "healed"})


def findings(system: System, wanted: Json) -> list[str]:
    """Such findings, in their own words."""
    with MongoClient[Json](system.mongodb) as client:
        found = client["te_operations"]["findings"].find(wanted)
        return [f"{each['kind']} {each['subject']}: {each['detail']}" for each in found]


def open_orders(system: System) -> list[str]:
    """Ids of orders that are not over."""
    going_on = {"status": {"$in": ["created", "awaiting_payment", "refunding"]}}
    with MongoClient[Json](system.mongodb) as client:
        return [str(each["_id"]) for each in client["te_orders"]["orders"].find(going_on)]


def lingering(system: System) -> list[str]:
    """Connections of people who have left and whom the API has not let go."""
    pid, port = system.pid("api"), int(system.environ["PORT"])
    here = psutil.Process(pid).net_connections("tcp") if pid else []
    return [
        f"the API still holds a connection: {each.status} {each.raddr}"
        for each in here
        if each.laddr.port == port and each.status in HELD
    ]


def running_workflows(system: System) -> list[str]:
    """Ids of workflows that have not ended, letters and checks included."""

    async def ask() -> list[str]:
        client = await Client.connect(f"127.0.0.1:{system.environ['TEMPORAL_PORT']}")
        return [each.id async for each in client.list_workflows(RUNNING)]

    return asyncio.run(ask())


def _runs(system: System) -> int:
    with MongoClient[Json](system.mongodb) as client:
        return client["te_operations"]["check_runs"].count_documents({"ended_at": {"$ne": None}})


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + REST_SECONDS
    while not until() and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
