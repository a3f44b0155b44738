"""``python -m tests.faults.crashes.worker``: a worker like any other, that can be made to die.

Nothing of the product knows about it. It listens to what the drivers send: a write to MongoDB, or
a request to Stripe or Resend that is not a mere look, made while a step runs.
"""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from pymongo import monitoring
from temporalio import activity

from tests.faults.crashes.points import FOLDER, Point, Points
from workers.__main__ import main

WRITES = ("insert", "update", "findAndModify", "delete")


class Witness(monitoring.CommandListener):
    """Sees every effect, just before it and just after it."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self._effects: Counter[tuple[str, str, int]] = Counter()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """MongoDB is about to be told."""
        if event.command_name in WRITES:
            self.before(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """MongoDB has done it."""
        if event.command_name in WRITES:
            self.after(event.command_name)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """MongoDB has not done it."""

    def before(self, effect: str) -> None:
        """Something is about to change."""
        self._meet(effect, "before")

    def after(self, effect: str) -> None:
        """It has changed, and nobody has been told yet."""
        self._meet(effect, "after")

    def _meet(self, effect: str, moment: str) -> None:
        if not activity.in_activity():
            return
        info = activity.info()
        run = (f"{info.workflow_run_id} {info.activity_id}", moment, info.attempt)
        self._effects[run] += 1
        number = self._effects[run]
        self._points.meet(Point(info.activity_type, f"{number} {effect}", moment))


def watch_requests(witness: Witness) -> None:
    """The SDKs of Stripe and Resend speak through httpx."""
    send = httpx.AsyncClient.send

    async def sending(
        client: httpx.AsyncClient,
        request: httpx.Request,
        **options: Any,  # noqa: ANN401 - handed on
    ) -> httpx.Response:
        if request.method == "GET":
            return await send(client, request, **options)
        witness.before(request.method)
        answer = await send(client, request, **options)
        witness.after(request.method)
        return answer

    httpx.AsyncClient.send = sending  # type: ignore[assignment, method-assign]  # wrapped


if __name__ == "__main__":
    witness = Witness(Points(Path(os.environ[FOLDER])))
    monitoring.register(witness)
    watch_requests(witness)
    main()
