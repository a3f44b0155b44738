"""What is asked of the market: every filter and sort that the API offers, and pages far behind."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final
from urllib.parse import urlencode

from pymongo.asynchronous.collection import AsyncCollection

from api.tickets.schemas import TicketQuery
from bench.reads.listings import (
    ABSENT_WORD,
    COMMON_WORD,
    RARE_WORD,
    SELLERS,
    UNCOMMON_WORD,
    seller,
    words,
)
from services.tickets.documents import Ticket
from services.tickets.search import TicketSort, cursor_after, page_query
from services.tickets.store import Sought, TicketStore

Document = dict[str, Any]

FIRST: Final = "first"
MIDDLE: Final = "middle"
LAST: Final = "last"
SAMPLE: Final = 4_000
"""Tickets among which the one in the middle is looked for."""

FILTERS: Final[dict[str, dict[str, str | int]]] = {
    "everything for sale": {},
    "any status": {"status": "any"},
    "sold": {"status": "sold"},
    "a common word": {"keywords": COMMON_WORD},
    "an uncommon word": {"keywords": UNCOMMON_WORD},
    "a seldom used word": {"keywords": words()[-1]},
    "a rare word": {"keywords": RARE_WORD},
    "an absent word": {"keywords": ABSENT_WORD},
    "two words": {"keywords": f"{COMMON_WORD} {UNCOMMON_WORD}"},
    "at least a price": {"min_price": 20_000},
    "at most a price": {"max_price": 5_000},
    "between prices": {"min_price": 9_000, "max_price": 11_000},
    "a word between prices": {
        "keywords": COMMON_WORD,
        "min_price": 9_000,
        "max_price": 11_000,
    },
    "a big seller": {"seller": seller(0)},
    "a big seller, any status": {"seller": seller(0), "status": "any"},
    "a small seller": {"seller": seller(SELLERS - 1)},
    "a big seller and a word": {"seller": seller(0), "keywords": COMMON_WORD},
}
"""By what a person would call it, as the API is asked."""
PAGED: Final = (
    "everything for sale",
    "any status",
    "a common word",
    "between prices",
    "a big seller",
)
"""Of these also a page in the middle and the last one are read."""


@dataclass(frozen=True)
class Question:
    """One request, and the same as the driver is asked."""

    filters: str
    sort: TicketSort
    page: str
    parameters: dict[str, str | int]
    """Of ``GET /api/tickets``."""

    @property
    def name(self) -> str:
        """What its figures are called."""
        return f"{self.filters} | {self.sort} | {self.page}"

    @property
    def path(self) -> str:
        """What the API is asked."""
        return f"/api/tickets?{urlencode(self.parameters)}"

    @property
    def limit(self) -> int:
        """Tickets of a page, and one more, which tells whether there is another page."""
        return self._asked.limit + 1

    @property
    def query(self) -> Document:
        """Which tickets are on this page and behind it."""
        asked = self._asked
        return page_query(asked.filters(_sellers(asked)), asked.sort, asked.cursor)

    async def sought(self) -> Sought:
        """What the shop asks for; it may count words before it knows."""
        asked = self._asked
        filters = asked.filters(_sellers(asked))
        return await TicketStore().sought(filters, asked.sort, asked.cursor)

    @property
    def _asked(self) -> TicketQuery:
        return TicketQuery.model_validate(self.parameters)


async def questions(collection: AsyncCollection[Document]) -> list[Question]:
    """All of them; the pages behind begin where the collection says."""
    asked: list[Question] = []
    for filters in FILTERS:
        some = await _some(collection, filters) if filters in PAGED else []
        for sort in TicketSort:
            first = _question(filters, sort, FIRST)
            asked.append(first)
            if some:
                asked.append(_question(filters, sort, MIDDLE, _middle(some, sort)))
            if some and (last := await _last(collection, first)) is not None:
                asked.append(_question(filters, sort, LAST, last))
    return asked


def _question(filters: str, sort: TicketSort, page: str, cursor: str | None = None) -> Question:
    behind = {} if cursor is None else {"cursor": cursor}
    return Question(filters, sort, page, {**FILTERS[filters], "sort": sort, **behind})


async def _some(collection: AsyncCollection[Document], filters: str) -> list[Ticket]:
    """Tickets by chance, of those that pass."""
    wanted = {"$match": _question(filters, TicketSort.CREATED, FIRST).query}
    found = await collection.aggregate([{"$sample": {"size": SAMPLE}}, wanted])
    return [Ticket.model_validate(document) async for document in found]


def _middle(some: list[Ticket], sort: TicketSort) -> str:
    """The cursor behind the one in the middle: about as many come before it as after it."""
    ordered = sorted(some, key=attrgetter(sort.key, "id"))
    return cursor_after(ordered[len(ordered) // 2], sort)


async def _last(collection: AsyncCollection[Document], first: Question) -> str | None:
    """The cursor of the last full page; None if there is only one page."""
    backwards = [(key, -direction) for key, direction in first.sort.order]
    found = collection.find(first.query).sort(backwards).skip(first.limit - 1).limit(1)
    before = await found.to_list()
    return cursor_after(Ticket.model_validate(before[0]), first.sort) if before else None


def _sellers(asked: TicketQuery) -> tuple[str, ...] | None:
    return (asked.seller,) if asked.seller else None
