"""Delivers events: signed as Stripe signs them, repeated until the endpoint answers 2xx."""

import asyncio
import hashlib
import hmac
import json
import sqlite3
import time
from typing import Final

import httpx

from devstack.simulators.stripe import events, outbox
from devstack.simulators.stripe.clock import Clock
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.settings import StripeSettings
from devstack.simulators.stripe.store import Store

IDLE_SECONDS: Final = 3600.0


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    """The ``Stripe-Signature`` header; ``timestamp`` is Unix time in seconds."""
    signed = f"{timestamp}.".encode() + payload
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class Deliverer:
    """Makes due deliveries, several at a time, and plans the next attempt of those that fail."""

    def __init__(self, store: Store, clock: Clock, settings: StripeSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._http = httpx.AsyncClient(timeout=settings.webhook_timeout_seconds, trust_env=False)
        self.changed = asyncio.Event()
        """Set when there may be something to do."""

    def start_due(self) -> float:
        """Start what is due and free to go; seconds until there is more."""
        endpoint, reverse = outbox.endpoint(self._store), outbox.mode(self._store).reverse
        if endpoint is None:
            return IDLE_SECONDS
        # Reversed order means something only if each delivery waits for the one before.
        free = (1 if reverse else self._settings.webhook_concurrency) - len(self._under_way)
        now = self._clock.exact()
        for delivery in outbox.waiting(self._store, newest_first=reverse):
            if delivery["id"] in self._under_way:
                continue
            if delivery["due"] > now:
                if reverse:
                    continue
                return float(delivery["due"] - now)
            if free <= 0:
                return IDLE_SECONDS
            free -= 1
            task = asyncio.create_task(self._deliver(delivery, endpoint))
            self._under_way[delivery["id"]] = task
        return 1.0 if reverse else IDLE_SECONDS

    async def close(self) -> None:
        """Break off what is under way; it stays pending and is repeated after a restart."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.aclose()

    async def _deliver(self, delivery: sqlite3.Row, endpoint: outbox.Endpoint) -> None:
        status: int | None = None
        error: str | None = None
        try:
            event = self._store.get("event", delivery["event"])
            if event is not None:
                offset = float(delivery["timestamp_offset"])
                status = await self._post(endpoint, events.current(self._store, event), offset)
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            error = repr(failure)
        finally:
            self._under_way.pop(delivery["id"], None)
            self.changed.set()
        self._note(delivery, status, error)

    async def _post(
        self, endpoint: outbox.Endpoint, event: Document, timestamp_offset: float
    ) -> int:
        payload = json.dumps(event, indent=2).encode()
        # Real time: the receiver compares it with its own clock, which the simulator cannot move.
        timestamp = int(time.time() + timestamp_offset)
        response = await self._http.post(
            endpoint.url,
            content=payload,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature(payload, endpoint.secret, timestamp),
                "User-Agent": "Stripe/1.0 (simulator)",
            },
        )
        return response.status_code

    def _note(self, delivery: sqlite3.Row, status: int | None, error: str | None) -> None:
        attempts, now = delivery["attempts"] + 1, self._clock.exact()
        if status is not None and httpx.codes.is_success(status):
            state = "delivered"
        elif now - delivery["created"] > self._settings.webhook_give_up_seconds:
            state = "abandoned"
        else:
            state = "pending"
        wait = self._settings.webhook_first_retry_seconds * 2.0 ** min(attempts - 1, 30)
        due = now + min(wait, self._settings.webhook_longest_retry_seconds)
        self._store.sql.execute(
            "UPDATE deliveries SET state = ?, attempts = ?, due = ?, last_status = ?,"
            " last_error = ? WHERE id = ?",
            (state, attempts, due, status, error, delivery["id"]),
        )
