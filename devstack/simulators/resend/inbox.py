"""The mails that were sent and the idempotency keys they came with, in one SQLite file."""

import json
import sqlite3
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from devstack.simulators.resend.errors import ReusedKeyError
from devstack.simulators.resend.message import Message, fingerprint

KEY_LIFETIME = timedelta(hours=24)
SCHEMA = """
CREATE TABLE IF NOT EXISTS mails (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    message TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS keys (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    mail TEXT NOT NULL,
    created_at TEXT NOT NULL
);
"""

Mail = dict[str, Any]
"""A mail in the fields of Resend's ``GET /emails/{id}``."""


class Inbox:
    """Stored mails; everything written is on disk before the call returns."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode=wal")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def accept(self, message: Message, key: str | None, now: datetime) -> str:
        """Store a mail and return its id; a key that has been used returns the first one's."""
        with self._db:
            if key is not None and (known := self._remembered(key, message, now)):
                return known
            mail_id = str(uuid.uuid4())
            self._db.execute(
                "INSERT INTO mails (id, created_at, message) VALUES (?, ?, ?)",
                (mail_id, now.isoformat(), json.dumps(message)),
            )
            if key is not None:
                self._db.execute(
                    "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?)",
                    (key, fingerprint(message), mail_id, now.isoformat()),
                )
        return mail_id

    def newest(self, limit: int, to: str | None = None, after: str | None = None) -> list[Mail]:
        """Mails, newest first; ``to`` keeps those for one address, ``after`` those behind a mail.

        After a mail that is not here comes nothing.
        """
        rows = self._db.execute(
            "SELECT id, created_at, message FROM mails WHERE ?1 IS NULL"
            " OR number < (SELECT number FROM mails WHERE id = ?1) ORDER BY number DESC",
            (after,),
        )
        mails: list[Mail] = []
        for row in rows:
            mail = _mail(*row)
            if to is None or any(to.lower() in address.lower() for address in mail["to"]):
                mails.append(mail)
            if len(mails) == limit:
                break
        return mails

    def find(self, mail_id: str) -> Mail | None:
        """One mail."""
        row = self._db.execute(
            "SELECT id, created_at, message FROM mails WHERE id = ?", (mail_id,)
        ).fetchone()
        return None if row is None else _mail(*row)

    def empty(self) -> None:
        """Forget all mails and keys."""
        with self._db:
            self._db.execute("DELETE FROM mails")
            self._db.execute("DELETE FROM keys")

    def _remembered(self, key: str, message: Message, now: datetime) -> str | None:
        row = self._db.execute(
            "SELECT fingerprint, mail FROM keys WHERE key = ? AND created_at > ?",
            (key, (now - KEY_LIFETIME).isoformat()),
        ).fetchone()
        if row is None:
            return None
        if row[0] != fingerprint(message):
            raise ReusedKeyError
        return str(row[1])


def utc_now() -> datetime:
    """The time that mails are stamped with."""
    return datetime.now(UTC)


def _mail(mail_id: str, created_at: str, text: str) -> Mail:
    message = json.loads(text)
    return {
        "object": "email",
        "id": mail_id,
        "message_id": f"<{mail_id}@inbox.example>",
        "from": message["from"],
        **{field: message[field] for field in ("to", "cc", "bcc", "reply_to")},
        "subject": message["subject"],
        "html": message.get("html"),
        "text": message.get("text"),
        "headers": message.get("headers") or {},
        "tags": message.get("tags") or [],
        "created_at": created_at,
        "scheduled_at": message.get("scheduled_at"),
        "last_event": "delivered",
    }
