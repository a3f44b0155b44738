"""Idempotency keys: the first answer is the answer, 500s included, for 24 hours."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from devstack.simulators.stripe.clock import Clock
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import ApiError, invalid
from devstack.simulators.stripe.store import Store

LONGEST_KEY: Final = 255


@dataclass(frozen=True)
class KeyedRequest:
    """A POST that carries an idempotency key."""

    key: str
    method: str
    path: str
    fingerprint: str
    """Of the parameters."""


@dataclass(frozen=True)
class SavedAnswer:
    """What the first request with a key was answered."""

    status: int
    body: bytes
    request_id: str


def keyed(key: str, method: str, path: str, params: Document) -> KeyedRequest:
    """Identify a request by its key, its endpoint and its parameters."""
    if len(key) > LONGEST_KEY:
        raise invalid("Idempotency keys may only be up to 255 characters.")
    canonical = json.dumps(params, sort_keys=True).encode()
    return KeyedRequest(key, method, path, hashlib.sha256(canonical).hexdigest())


class Answers:
    """First answers by key. There is one account, so a key is one scope."""

    def __init__(self, store: Store, clock: Clock, lifetime_seconds: int) -> None:
        self._store = store
        self._clock = clock
        self._lifetime_seconds = lifetime_seconds
        self._under_way: set[str] = set()

    @contextmanager
    def under_way(self, request: KeyedRequest | None) -> Iterator[None]:
        """Refuse a second request with the key until the first has been answered."""
        if request is None:
            yield
            return
        if request.key in self._under_way:
            raise ApiError(
                "There is currently another in-progress request using this Idempotent Key (that"
                " probably means you submitted twice, and the other request is still going"
                f" through): {request.key}. Please try again later.",
                status=HTTPStatus.CONFLICT,
                code="idempotency_key_in_use",
                executed=False,
            )
        self._under_way.add(request.key)
        try:
            yield
        finally:
            self._under_way.discard(request.key)

    def find(self, request: KeyedRequest) -> SavedAnswer | None:
        """The first answer, unless the key is new or older than its lifetime."""
        row = self._store.sql.execute(
            "SELECT * FROM answers WHERE key = ? AND created > ?",
            (request.key, self._clock.exact() - self._lifetime_seconds),
        ).fetchone()
        if row is None:
            return None
        if (row["method"], row["path"]) != (request.method, request.path):
            difference = (
                "for the same endpoint they were first used for"
                f" ('{request.path}' vs '{row['path']}')"
            )
            raise _other_request(request.key, difference)
        if row["fingerprint"] != request.fingerprint:
            difference = "with the same parameters they were first used with"
            raise _other_request(request.key, difference)
        return SavedAnswer(row["status"], row["body"], row["request"])

    def save(self, request: KeyedRequest, answer: SavedAnswer) -> None:
        """Keep the first answer, in the transaction of its effect."""
        self._store.sql.execute(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                request.key,
                request.method,
                request.path,
                request.fingerprint,
                answer.status,
                answer.body,
                answer.request_id,
                self._clock.exact(),
            ),
        )


def _other_request(key: str, difference: str) -> ApiError:
    return ApiError(
        f"Keys for idempotent requests can only be used {difference}. Try using a key other than"
        f" '{key}' if you meant to execute a different request.",
        kind="idempotency_error",
        executed=False,
    )
