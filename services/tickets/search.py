"""How the market is searched: filters, sorts and the cursor between pages."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from beanie import SortDirection

from services.ids import PersonIds
from services.text import fold
from services.tickets.documents import Listed, Ticket, TicketStatus

Condition = dict[str, Any]


class BrokenCursorError(ValueError):
    """The cursor is damaged, made up, or from a listing in another order."""


class TicketSort(StrEnum):
    """The orders in which tickets are listed; a minus means descending."""

    PRICE = "price"
    PRICE_DOWN = "-price"
    TITLE = "title"
    TITLE_DOWN = "-title"
    CREATED = "created_at"
    CREATED_DOWN = "-created_at"

    @property
    def key(self) -> str:
        """The field that is sorted by."""
        return KEYS[self.removeprefix("-")]

    @property
    def direction(self) -> SortDirection:
        """Up or down, in MongoDB's words."""
        return SortDirection.DESCENDING if self.startswith("-") else SortDirection.ASCENDING

    @property
    def order(self) -> list[tuple[str, SortDirection]]:
        """The whole order; the id decides between equals, so that no page skips or repeats one."""
        return [(self.key, self.direction), ("_id", self.direction)]


KEYS: Final[Mapping[str, str]] = {
    "price": "price.amount",
    "title": "title_key",
    "created_at": "created_at",
}
LARGEST_INT: Final = 2**63 - 1


@dataclass(frozen=True)
class TicketFilters:
    """Which tickets; a filter that is None lets every ticket through."""

    keywords: str | None = None
    min_price: int | None = None
    max_price: int | None = None
    statuses: tuple[TicketStatus, ...] = (TicketStatus.AVAILABLE,)
    seller_ids: PersonIds | None = None
    """One seller's own: more than one id when accounts of theirs were joined."""

    def choices(self) -> list[list[Condition]]:
        """Every combination of status and seller: an index has them in front."""
        sellers: list[list[Condition]] = [[]]
        if self.seller_ids is not None:
            sellers = [[{"seller_id": seller_id}] for seller_id in self.seller_ids]
        return [[*_with_status(status), *seller] for status in self.statuses for seller in sellers]

    def conditions(self) -> list[Condition]:
        """All but status and seller, in MongoDB's words."""
        conditions: list[Condition] = []
        if self.min_price is not None:
            conditions.append({"price.amount": {"$gte": self.min_price}})
        if self.max_price is not None:
            conditions.append({"price.amount": {"$lte": self.max_price}})
        return conditions + [{"title_key": {"$regex": re.escape(word)}} for word in self.words()]

    def words(self) -> list[str]:
        """The keywords, as titles are looked through for them."""
        return fold(self.keywords or "").split()


def page_query(filters: TicketFilters, sort: TicketSort, cursor: str | None) -> Condition:
    """The query for the page after the cursor.

    It is a choice of branches, one per status, seller and side of the cursor (an equal key with a
    later id, or a later key), each with all filters: only then does MongoDB walk the sort's index
    in every branch, start right behind the cursor and merge: the last page costs what the first
    does.
    """
    sides: list[list[Condition]] = [[]]
    if cursor is not None:
        value, last_id = read_cursor(cursor, sort)
        beyond = "$gt" if sort.direction is SortDirection.ASCENDING else "$lt"
        sides = [[{sort.key: value}, {"_id": {beyond: last_id}}], [{sort.key: {beyond: value}}]]
    return {
        "$or": [
            {"$and": [*choice, *filters.conditions(), *side]}
            for choice in filters.choices()
            for side in sides
        ]
    }


def _with_status(status: TicketStatus) -> list[Condition]:
    """A sold ticket that was given back is for sale again, unless its seller has left."""
    if status is TicketStatus.AVAILABLE:
        return [{"status": status}, {"withdrawn": {"$ne": True}}]
    return [{"status": status}]


def cursor_after(ticket: Listed | Ticket, sort: TicketSort) -> str:
    """An opaque mark behind this ticket in this order."""
    value: int | str
    match sort.key:
        case "price.amount":
            value = ticket.price.amount
        case "title_key":
            value = ticket.title_key
        case _:
            value = ticket.created_at.isoformat()
    mark = json.dumps([sort, value, ticket.id], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(mark.encode()).decode().rstrip("=")


def read_cursor(cursor: str, sort: TicketSort) -> tuple[int | str | datetime, str]:
    """Sort key and id of the last ticket seen; whatever we did not write is refused."""
    try:
        mark = json.loads(base64.b64decode(_padded(cursor), altchars=b"-_", validate=True))
        made_for, value, last_id = mark
        if made_for != sort or type(last_id) is not str:
            raise BrokenCursorError
        last_id.encode()  # half a surrogate pair is no text; MongoDB cannot be asked about it
        return _sort_value(value, sort), last_id
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BrokenCursorError("The cursor does not belong to this listing.") from error


def _padded(cursor: str) -> bytes:
    return cursor.encode("ascii") + b"=" * (-len(cursor) % 4)


def _sort_value(value: object, sort: TicketSort) -> int | str | datetime:
    match sort.key, value:
        case "price.amount", int() if abs(value) <= LARGEST_INT and type(value) is int:
            return value
        case "title_key", str():
            value.encode()
            return value
        case "created_at", str():
            return datetime.fromisoformat(value).astimezone(UTC)
    raise BrokenCursorError
