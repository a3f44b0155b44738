"""Lists: newest first, paged by object id."""

from collections.abc import Callable
from typing import Final

from devstack.simulators.stripe.documents import Document, visible
from devstack.simulators.stripe.errors import invalid
from devstack.simulators.stripe.events import current, type_patterns
from devstack.simulators.stripe.parameters import Parameters
from devstack.simulators.stripe.store import Query
from devstack.simulators.stripe.work import Work

LONGEST_PAGE: Final = 100
FILTERS: Final = ("payment_intent", "charge", "customer")


def lister(kind: str) -> Callable[[Work, Parameters], Document]:
    """The list endpoint of one kind of object."""

    def page(work: Work, params: Parameters) -> Document:
        found, more = work.store.page(_query(work, kind, params))
        if kind == "event":
            found = [current(work.store, event) for event in found]
        data = [visible(document) for document in found]
        return {"object": "list", "data": data, "has_more": more, "url": f"/v1/{kind}s"}

    return page


def _query(work: Work, kind: str, params: Parameters) -> Query:
    limit = params.integer("limit")
    if limit is not None and not 1 <= limit <= LONGEST_PAGE:
        raise invalid("Invalid integer: limit is from 1 to 100", "limit")
    for cursor in ("starting_after", "ending_before"):
        value = params.text(cursor)
        if value is not None:
            work.need(kind, value, cursor)
    return Query(
        kind,
        limit=10 if limit is None else limit,
        starting_after=params.text("starting_after"),
        ending_before=params.text("ending_before"),
        created=params.bounds("created"),
        equal={name: value for name in FILTERS if (value := params.text(name)) is not None},
        type_patterns=type_patterns(params) if kind == "event" else (),
    )
