"""The queue of webhook deliveries, and the tricks that can be played on it."""

import sqlite3
from dataclasses import asdict, dataclass
from typing import Final

from devstack.simulators.stripe.store import Store
from devstack.simulators.stripe.work import Work

ENDPOINT: Final = "webhook_endpoint"
MODE: Final = "webhook_mode"


@dataclass(frozen=True)
class Endpoint:
    """Where events go, and the secret that signs them."""

    url: str
    secret: str


@dataclass(frozen=True)
class Mode:
    """What goes wrong with deliveries; the default is nothing."""

    drop: bool = False
    """New events are never delivered."""
    hold: bool = False
    """New events wait for a release."""
    duplicate: int = 0
    """Deliveries on top of the first."""
    reverse: bool = False
    """Of what is due, the newest goes first, and one after the other."""
    delay_seconds: float = 0.0
    types: tuple[str, ...] = ()
    """Only these event types are concerned; none named is all."""

    def concerns(self, event_type: str) -> bool:
        """Whether this event is to be tampered with."""
        return not self.types or event_type in self.types


def endpoint(store: Store) -> Endpoint | None:
    """The endpoint, if there is one."""
    saved = store.setting(ENDPOINT)
    return Endpoint(**saved) if saved else None


def set_endpoint(store: Store, wanted: Endpoint | None) -> None:
    """Point deliveries elsewhere, those that wait included."""
    store.set_setting(ENDPOINT, None if wanted is None else asdict(wanted))


def mode(store: Store) -> Mode:
    """The tricks in force."""
    saved = store.setting(MODE, {})
    return Mode(**{**saved, "types": tuple(saved.get("types", ()))})


def set_mode(store: Store, wanted: Mode) -> None:
    """Replace the tricks in force; they survive a restart."""
    store.set_setting(MODE, asdict(wanted))


def enqueue(work: Work, event_id: str, event_type: str) -> None:
    """Queue the event for the endpoint as the mode says."""
    if endpoint(work.store) is None:
        return
    tricks = mode(work.store)
    if not tricks.concerns(event_type):
        tricks = Mode()
    state = "dropped" if tricks.drop else "held" if tricks.hold else "pending"
    for _ in range(1 + tricks.duplicate):
        _insert(work, event_id, event_type, state=state, delay=tricks.delay_seconds)


def resend(work: Work, event_id: str, *, times: int, timestamp_offset: float) -> None:
    """Deliver an event again, signed as if ``timestamp_offset`` seconds from now."""
    event = work.need("event", event_id)
    for _ in range(times):
        _insert(work, event_id, event["type"], timestamp_offset=timestamp_offset)


def _insert(
    work: Work,
    event_id: str,
    event_type: str,
    *,
    state: str = "pending",
    delay: float = 0.0,
    timestamp_offset: float = 0.0,
) -> None:
    now = work.clock.exact()
    work.store.sql.execute(
        "INSERT INTO deliveries (event, type, state, created, due, timestamp_offset)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (event_id, event_type, state, now, now + delay, timestamp_offset),
    )


def release(store: Store, now: float) -> int:
    """Let held events go; how many there were."""
    statement = "UPDATE deliveries SET state = 'pending', due = ? WHERE state = 'held'"
    return store.sql.execute(statement, (now,)).rowcount


def waiting(store: Store, *, newest_first: bool) -> list[sqlite3.Row]:
    """Deliveries that still have to be made, the next one first."""
    order = "id DESC" if newest_first else "due, id"
    # The order is one of our two; nothing else is put into the statement.
    statement = f"SELECT * FROM deliveries WHERE state = 'pending' ORDER BY {order} LIMIT 100"  # noqa: S608 - no value in it, only our own words
    return store.sql.execute(statement).fetchall()


def undelivered(store: Store, event_id: str) -> int:
    """1 while the endpoint has not taken the event, as Stripe counts endpoints."""
    statement = (
        "SELECT 1 FROM deliveries WHERE event = ? AND state IN ('pending', 'held', 'dropped')"
    )
    return int(store.sql.execute(statement, (event_id,)).fetchone() is not None)
