"""Whether what the shop asks MongoDB has an index: every query of a test, explained after it.

A test's data is small, so that nothing is slow in it and nobody notices that all of a collection is
read. Queries are told by their shape, and each shape is explained once in a test run.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient, monitoring

Json = Mapping[str, Any]

SERVICES: Final = f"{Path(__file__).parents[1] / 'services'}/"
"""Only what is asked from here is the shop's; tests look around as they like."""
FILTERED: Final = {
    "find": "filter",
    "count": "query",
    "findAndModify": "query",
    "distinct": "query",
    "aggregate": "pipeline",
}
SEVERAL: Final = {"update": "updates", "delete": "deletes"}
"""Commands that carry several statements, each with a filter called ``q``."""
OF_THE_SESSION: Final = frozenset(
    {"lsid", "txnNumber", "$db", "$clusterTime", "$readPreference", "readConcern", "writeConcern"}
    | {"maxTimeMS", "cursor", "apiVersion", "signature"}
)
"""Parts of a command that say nothing about its plan, and that an explanation may not carry."""
WHOLE: Final = "[MinKey, MaxKey]"


@dataclass(frozen=True)
class Query:
    """One statement, and the shape that tells it from others: values are nothing but their kind."""

    database: str
    collection: str
    command: Json
    """As it can be explained."""
    shape: str

    @property
    def key(self) -> tuple[str, str]:
        """What is explained once."""
        return self.collection, self.shape


class Queries(monitoring.CommandListener):
    """Hears what every client of this process asks, and keeps what the services asked."""

    def __init__(self) -> None:
        self._uri: str | None = None
        self._prefix = ""
        self._heard: dict[tuple[str, str], Query] = {}
        self._known: set[tuple[str, str]] = set()

    def explain_at(self, uri: str | None, prefix: str = "") -> None:
        """Ask there about databases with this prefix; without an address nothing is kept."""
        self._uri, self._prefix = uri, prefix

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Called by the driver, in the midst of whoever asks."""
        ours = self._uri is not None and event.database_name.startswith(self._prefix)
        if ours and _asked_by_the_shop():
            for query in queries_of(event.database_name, event.command):
                if query.key not in self._known:
                    self._heard.setdefault(query.key, query)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing is of interest here."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nor here."""

    @property
    def heard(self) -> int:
        """How many kinds of query wait to be explained."""
        return len(self._heard)

    def forget(self) -> None:
        """What was heard until now is nobody's."""
        self._heard.clear()

    def explain_anew(self) -> None:
        """What had an index until now may have none any more."""
        self._known.clear()

    def unindexed(self) -> list[str]:
        """What was asked since the last time without an index, a sentence each."""
        heard, self._heard = self._heard, {}
        if self._uri is None or not heard:
            return []
        # Not kept open: a client has threads of its own, and tests look at what goes on meanwhile.
        with MongoClient[dict[str, Any]](self._uri) as client:
            plans = {key: list(stages_of(explained(client, query))) for key, query in heard.items()}
        lacking = {key: lack for key, stages in plans.items() if (lack := _lack(stages))}
        self._known |= {
            key for key, stages in plans.items() if key not in lacking and _tells(stages)
        }
        return [f"{collection}: {shape} {lack}" for (collection, shape), lack in lacking.items()]


@contextmanager
def unheard() -> Iterator[None]:
    """Clients that are opened inside are listened to by nobody, for as long as they are open.

    A client with listeners takes a number by chance for each operation: what searches for bad input
    seeds chance, and breaks off when somebody in another thread takes from it.
    """
    listeners = monitoring._LISTENERS.command_listeners
    kept = listeners.copy()
    listeners.clear()
    try:
        yield
    finally:
        listeners[:] = kept


def _asked_by_the_shop() -> bool:
    """Whether a function of the services waits for it; coroutines that await are on the stack."""
    frame = sys._getframe(2)
    while not frame.f_code.co_filename.startswith(SERVICES):
        if (caller := frame.f_back) is None:
            return False
        frame = caller
    return True


def queries_of(database: str, command: Json) -> Iterator[Query]:
    """The statements of a command that look something up; none for any other command."""
    name = next(iter(command))
    collection = command[name]
    if not isinstance(collection, str):
        return
    bare = {part: value for part, value in command.items() if part not in OF_THE_SESSION}
    if (statements := SEVERAL.get(name)) is not None:
        for each in command.get(statements, []):
            if each["q"]:
                alone = {name: collection, statements: [each]}
                yield Query(database, collection, alone, f"{name} {shape(each['q'])}")
    elif (where := FILTERED.get(name)) is not None:
        wanted = _matched(command[where]) if name == "aggregate" else command.get(where)
        if wanted:
            order = _order(command.get("sort"))
            cursor: Json = {"cursor": {}} if name == "aggregate" else {}
            yield Query(database, collection, {**bare, **cursor}, f"{name} {shape(wanted)}{order}")


def _matched(pipeline: list[Json]) -> object:
    """The filter that a pipeline begins with; a stream of changes has none."""
    return pipeline[0].get("$match") if pipeline else None


def _order(sort: Json | None) -> str:
    return f" sorted by {', '.join(sort)}" if sort else ""


def shape(wanted: object) -> str:
    """A filter without its values; branches that look the same are told once."""
    if isinstance(wanted, Mapping):
        inside = ", ".join(f"{name}: {shape(value)}" for name, value in wanted.items())
        return f"{{{inside}}}"
    if isinstance(wanted, list | tuple):
        return f"[{', '.join(dict.fromkeys(shape(each) for each in wanted))}]"
    return "null" if wanted is None else type(wanted).__name__


def explained(client: MongoClient[dict[str, Any]], query: Query) -> Json:
    """The plan that MongoDB would follow now."""
    answer: Json = client[query.database].command(
        {"explain": dict(query.command), "verbosity": "queryPlanner"}
    )
    return answer


def _tells(stages: Sequence[Json]) -> bool:
    """Whether there was something to plan: where there is no collection any more, there is not."""
    return all(each["stage"] != "EOF" for each in stages)


def _lack(stages: Sequence[Json]) -> str | None:
    """What a plan does without an index, or None: an id that is looked up has one."""
    if any(each["stage"] == "COLLSCAN" for each in stages):
        return "has no index: all of the collection is read"
    for each in stages:
        bounds = each.get("indexBounds")
        if each["stage"] == "IXSCAN" and bounds and set(map(tuple, bounds.values())) == {(WHOLE,)}:
            return f"reads all of the index {each['indexName']}"
    return None


def stages_of(plan: object) -> Iterator[Json]:
    """Every stage of the plans that won."""
    if isinstance(plan, Mapping):
        if isinstance(plan.get("stage"), str):
            yield plan
        for name, part in plan.items():
            if name != "rejectedPlans":
                yield from stages_of(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from stages_of(part)
