"""``expand[]``: put the whole object where its id would be."""

from collections.abc import Mapping
from typing import Final

from devstack.simulators.stripe.documents import Document, visible
from devstack.simulators.stripe.errors import ApiError, invalid
from devstack.simulators.stripe.store import Query
from devstack.simulators.stripe.work import Work

REFERENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "payment_intent": {
        "latest_charge": "charge",
        "payment_method": "payment_method",
        "customer": "customer",
    },
    "charge": {
        "payment_intent": "payment_intent",
        "refunds": "refund",
        "customer": "customer",
        "balance_transaction": "balance_transaction",
    },
    "refund": {
        "charge": "charge",
        "payment_intent": "payment_intent",
        "balance_transaction": "balance_transaction",
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payment_method": {"customer": "customer"},
    "event": {},
}


def check(kind: str, paths: list[str], *, is_list: bool) -> list[list[str]]:
    """The paths below one object, refused before anything runs if one leads nowhere."""
    checked = []
    for path in paths:
        parts = path.split(".")
        if is_list:
            if parts[0] != "data":
                raise _not_expandable(path)
            parts = parts[1:]
        here = kind
        for part in parts:
            if part not in REFERENCES.get(here, {}):
                raise _not_expandable(path)
            here = REFERENCES[here][part]
        checked.append(parts)
    return checked


def expand(work: Work, document: Document, paths: list[list[str]]) -> Document:
    """A copy with the objects at these paths filled in."""
    expanded = visible(document)
    kind = expanded["object"]
    for path in paths:
        name, rest = path[0], [path[1:]] if path[1:] else []
        if kind == "charge" and name == "refunds":
            query = Query("refund", equal={"payment_intent": expanded["payment_intent"]})
            found, more = work.store.page(query)
            data = [expand(work, refund, rest) for refund in found]
            url = f"/v1/charges/{expanded['id']}/refunds"
            expanded[name] = {"object": "list", "data": data, "has_more": more, "url": url}
            continue
        value = expanded.get(name)
        inner = work.store.get(REFERENCES[kind][name], value) if isinstance(value, str) else value
        if inner is not None:
            expanded[name] = expand(work, inner, rest)
    return expanded


def _not_expandable(path: str) -> ApiError:
    return invalid(f"This property cannot be expanded ({path}).", "expand")
