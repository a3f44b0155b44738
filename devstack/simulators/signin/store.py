"""The file that everything is kept in."""

import sqlite3
from importlib.resources import files
from pathlib import Path
from typing import Final

FORGOTTEN: Final = ("people", "pending", "codes", "tokens")


def open_store(path: Path) -> sqlite3.Connection:
    """Open the file, made when it is not there.

    All callers are on one event loop and none awaits inside ``with connection``: each such block is
    one transaction, alone by construction. A killed process loses nothing that was answered.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    store = sqlite3.connect(path)
    store.row_factory = sqlite3.Row
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = NORMAL")
    store.executescript(files(__package__).joinpath("schema.sql").read_text("utf-8"))
    return store


def forget_everybody(store: sqlite3.Connection) -> None:
    """Empty the file, but keep the key: whoever has fetched it may go on using it."""
    with store:
        for table in FORGOTTEN:
            store.execute(f"DELETE FROM {table}")  # noqa: S608 - our own table names
