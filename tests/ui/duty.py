"""People on duty, and what they find when they come.

What is written to a stack's databases is written by a process of its own: the documents of this one
belong to the databases of other tests.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from datetime import timedelta

from playwright.async_api import ViewportSize

from activities.account_letters import CONFIRM
from services.clock import now
from services.database import MongoSettings, open_databases
from services.operations.documents import Finding
from services.operations.store import OperationsStore
from tests.browser import DESKTOP
from tests.e2e.system import System
from tests.ui.conftest import People
from tests.ui.person import Json, Person

FOUND_AGO = timedelta(hours=5)
SEEN_IN = timedelta(minutes=10)
"""As if by a check still to come: those that run meanwhile do not take it for gone."""

CHECKED_WITHIN_MS = 60_000
"""A check that puts something right looks several times whether that has helped."""


async def an_operator(people: People, system: System, size: ViewportSize = DESKTOP) -> Person:
    """Somebody who has proven their address and was given the role."""
    member = await people.member(system, size)
    mail = await member.hears_by_mail(CONFIRM.subject)
    found = re.search(r"#token=([\w.~-]+)", mail["text"])
    assert found, mail["text"]
    await member.ask("POST", "/api/users/verification/confirm", {"token": found[1]})
    await _run(system, "services", "grant-operator", member.email)
    return member


async def a_finding(system: System, order: Json, detail: str, *, healed: bool = False) -> None:
    """Something about this order that does not add up; on the board, or put right by now."""
    finding = {
        "id": f"I2:{order['id']}",
        "kind": "I2",
        "subject": order["id"],
        "detail": detail,
        "order_id": order["id"],
        "ticket_id": order["ticket"]["id"],
        "found_at": (now() - FOUND_AGO).isoformat(),
        "seen_at": (now() + SEEN_IN).isoformat(),
    }
    await _run(system, "tests.ui.duty", json.dumps(finding), *(["healed"] if healed else []))


async def _run(system: System, module: str, *arguments: str) -> None:
    """One of our commands, on this stack."""
    await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", module, *arguments],
        check=True,
        env={**os.environ, "MONGODB_URI": system.mongodb},
    )


async def _report(text: str, *, healed: bool) -> None:
    async with open_databases(MongoSettings()):
        finding, board = Finding.model_validate_json(text), OperationsStore()
        await (board.note_healed(finding, at=now()) if healed else board.report(finding))


if __name__ == "__main__":
    asyncio.run(_report(sys.argv[1], healed="healed" in sys.argv))
