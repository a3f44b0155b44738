"""Where everything is kept: one SQLite file, one connection, one transaction per request."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

from devstack.simulators.stripe.documents import Document

TABLES: Final = ("objects", "answers", "deliveries", "timers", "ledger", "settings")
COMPARISONS: Final = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True)
class Query:
    """Which objects of a kind to list, newest first."""

    kind: str
    limit: int = 10
    starting_after: str | None = None
    ending_before: str | None = None
    created: dict[str, int] = field(default_factory=dict)
    """Bounds in Unix seconds by ``gt``, ``gte``, ``lt``, ``lte``."""
    equal: dict[str, str] = field(default_factory=dict)
    """Columns of ``objects`` that must have this value."""
    type_patterns: Sequence[str] = ()
    """Event types, with ``*`` as wildcard."""


class Store:
    """A document store beside the simulator's own tables.

    All its methods are synchronous and all callers are on one event loop, so a transaction that
    does not await is alone by construction: no lock is needed.
    """

    def __init__(self, path: str) -> None:
        self.sql = sqlite3.connect(path, isolation_level=None)
        self.sql.row_factory = sqlite3.Row
        # A killed process loses nothing this way; only a power cut could lose the last moments.
        self.sql.execute("PRAGMA journal_mode = WAL")
        self.sql.execute("PRAGMA synchronous = NORMAL")
        self.sql.executescript(files(__package__).joinpath("schema.sql").read_text("utf-8"))

    def close(self) -> None:
        """Give the file back."""
        self.sql.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one commit."""
        self.sql.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.sql.execute("ROLLBACK")
            raise
        self.sql.execute("COMMIT")

    def insert(self, document: Document) -> None:
        """Keep a new object."""
        statement = "INSERT INTO objects (id, kind, body) VALUES (?, ?, ?)"
        self.sql.execute(statement, (document["id"], document["object"], json.dumps(document)))

    def update(self, document: Document) -> None:
        """Keep an object as it is now."""
        statement = "UPDATE objects SET body = ? WHERE id = ?"
        self.sql.execute(statement, (json.dumps(document), document["id"]))

    def get(self, kind: str, object_id: str) -> Document | None:
        """The object, if there is one of that kind."""
        statement = "SELECT body FROM objects WHERE id = ? AND kind = ?"
        row = self.sql.execute(statement, (object_id, kind)).fetchone()
        return None if row is None else json.loads(row["body"])

    def page(self, query: Query) -> tuple[list[Document], bool]:
        """At most ``limit`` objects, newest first, and whether there are more on that side."""
        wheres, values = _conditions(query)
        direction = "ASC" if query.ending_before else "DESC"
        rows = self.sql.execute(
            # Only names from this file are put in; every value is bound.
            f"SELECT body FROM objects WHERE {' AND '.join(wheres)} "  # noqa: S608 - no value in it, only our own words
            f"ORDER BY seq {direction} LIMIT ?",
            [*values, query.limit + 1],
        ).fetchall()
        found = [json.loads(row["body"]) for row in rows[: query.limit]]
        return (found[::-1] if query.ending_before else found), len(rows) > query.limit

    def setting(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - any JSON value
        """A value that survives a restart."""
        row = self.sql.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row["value"])

    def set_setting(self, name: str, value: object) -> None:
        """Keep a value over restarts."""
        statement = "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)"
        self.sql.execute(statement, (name, json.dumps(value)))

    def clear(self) -> None:
        """Forget everything."""
        for table in TABLES:
            self.sql.execute(f"DELETE FROM {table}")  # noqa: S608 - our own table names


def _conditions(query: Query) -> tuple[list[str], list[Any]]:
    wheres, values = ["kind = ?"], [query.kind]
    position = "(SELECT seq FROM objects WHERE id = ?)"
    bounds = [
        *((f"{column} = ?", value) for column, value in query.equal.items()),
        *((f"created {COMPARISONS[how]} ?", at) for how, at in query.created.items()),
        (f"seq < {position}", query.starting_after),
        (f"seq > {position}", query.ending_before),
    ]
    for where, value in bounds:
        if value is not None:
            wheres.append(where)
            values.append(value)  # type: ignore[arg-type]  # SQLite takes both kinds
    if query.type_patterns:
        wheres.append("(" + " OR ".join("type GLOB ?" for _ in query.type_patterns) + ")")
        values.extend(query.type_patterns)
    return wheres, values
