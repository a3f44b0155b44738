"""Every query of the tickets database.

What a purchase does to a ticket is one compare-and-set on one document, fenced by the order's id,
so that a repeated or late step changes nothing. Times are the caller's, never this machine's clock.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bson.regex import Regex
from pymongo import ReturnDocument, timeout
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.collection import AsyncCollection

from services.changes import AWAIT_MS, Place
from services.ids import PersonIds
from services.text import fold
from services.tickets.documents import BY_WORD, Listed, Listing, Ticket, TicketStatus
from services.tickets.search import TicketFilters, TicketSort, cursor_after, page_query
from services.tickets.words import beginning, ends_of

PAST_ORDERS_KEPT: Final = 50
TITLE_KEY_LENGTH: Final = 400
SEARCH_SECONDS: Final = 2.0
"""Less than other operations may take: most of what is sought so long is not there."""
FEW: Final = 2_000
"""Tickets that are all looked at when a word is in no more of them; counting so far takes a
millisecond or two."""
WORDS_COUNTED: Final = 3

VISIBLE_CHANGES: Final = (
    {"operationType": {"$ne": "update"}},
    {"updateDescription.updatedFields.status": {"$exists": True}},
    {"updateDescription.updatedFields.version": {"$exists": True}},
)


class TicketNotFoundError(LookupError):
    """There is no such ticket."""


class NotTheSellerError(PermissionError):
    """The ticket is somebody else's to change."""


class TicketTakenError(RuntimeError):
    """The ticket is reserved or sold, so its seller can no longer change it."""


@dataclass(frozen=True)
class Page:
    """Some tickets, and where to go on."""

    items: list[Listed]
    next_cursor: str | None


@dataclass(frozen=True)
class Sought:
    """A query for a page of the market."""

    query: dict[str, Any]
    index: str | None = None
    """The one to be used, if it is not for MongoDB to choose."""


class TicketStore:
    """The market."""

    async def search(
        self, filters: TicketFilters, sort: TicketSort, limit: int, cursor: str | None = None
    ) -> Page:
        """One page of the tickets; raises ``BrokenCursorError``."""
        with timeout(SEARCH_SECONDS):
            sought = await self.sought(filters, sort, cursor)
            wanted = Ticket.find(sought.query, projection_model=Listed, hint=sought.index)
            found = await wanted.sort(sort.order).limit(limit + 1).to_list()
        items = found[:limit]
        more = len(found) > limit
        return Page(items, cursor_after(items[-1], sort) if more else None)

    async def sought(self, filters: TicketFilters, sort: TicketSort, cursor: str | None) -> Sought:
        """What is asked of MongoDB for a page; raises ``BrokenCursorError``.

        Of a word that many tickets have, a page is soon found by walking along in order; of one
        that few have, it is not, but to sort those few is cheap.
        """
        query = page_query(filters, sort, cursor)
        longest = sorted(set(filters.words()), key=len, reverse=True)[:WORDS_COUNTED]
        for ends in filter(None, map(beginning, longest)):
            # Counted one by one, because only those that have ends are counted in the index alone.
            if await self._few(ends) and await self._few(None):
                return Sought({"$and": [{"title_ends": {"$in": [ends, None]}}, query]}, BY_WORD)
        return Sought(query)

    async def _few(self, ends: Regex[str] | None) -> bool:
        """Whether few tickets have an end like this; None is for those written without any."""
        like = {"title_ends": ends}
        return await self._collection.count_documents(like, limit=FEW, hint=BY_WORD) < FEW

    async def get(self, ticket_id: str) -> Ticket | None:
        """One ticket, or None."""
        return await Ticket.get(ticket_id)

    async def create(self, seller_id: str, listing: Listing, at: datetime) -> Ticket:
        """Put a ticket on the market."""
        ticket: Ticket = Ticket(
            seller_id=seller_id,
            **_looked_up(listing.title),
            created_at=at,
            updated_at=at,
            **dict(listing),
        )
        await ticket.insert()
        return ticket

    async def edit(
        self, ticket_id: str, seller_ids: PersonIds, listing: Listing, at: datetime
    ) -> Ticket:
        """Replace what the seller says about the ticket, unless somebody has it by now.

        A seller has more than one id when accounts of theirs were joined.

        Raises ``TicketNotFoundError``, ``NotTheSellerError`` or ``TicketTakenError``.
        """
        said = {**listing.model_dump(), **_looked_up(listing.title), "updated_at": at}
        found = await self._collection.find_one_and_update(
            _still_for_sale_by(seller_ids, ticket_id),
            {"$set": said, "$inc": {"version": 1}},
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            raise await self._why_not(ticket_id, seller_ids)
        return _ticket(found)

    async def delete(self, ticket_id: str, seller_ids: PersonIds) -> None:
        """Take the ticket off the market; refuses just as ``edit`` does."""
        answer = await self._collection.delete_one(_still_for_sale_by(seller_ids, ticket_id))
        if answer.deleted_count == 0:
            raise await self._why_not(ticket_id, seller_ids)

    async def withdraw(self, seller_ids: PersonIds) -> int:
        """A seller leaves: what is for sale is taken off the market, what is sold is not resold.

        The answer is how many of the tickets are reserved, to be asked about again. Repeating is
        safe.
        """
        theirs: dict[str, Any] = {"seller_id": {"$in": list(seller_ids)}}
        await self._collection.update_many(theirs, {"$set": {"withdrawn": True}})
        await self._collection.delete_many({**theirs, "status": TicketStatus.AVAILABLE})
        return await self._collection.count_documents({**theirs, "status": TicketStatus.RESERVED})

    async def reserve(
        self,
        ticket_id: str,
        *,
        order_id: str,
        buyer_id: str,
        version: int,
        until: datetime,
        at: datetime,
    ) -> Ticket | None:
        """Hold the ticket for the order; None when it is not to be had at this version.

        Repeating is safe and never shortens the hold. An order that gave the ticket back once does
        not get it again, however late its step arrives.
        """
        found = await self._collection.find_one_and_update(
            {
                "_id": ticket_id,
                "seller_id": {"$ne": buyer_id},
                "past_orders": {"$ne": order_id},
                "withdrawn": {"$ne": True},
                "$or": [
                    {"status": TicketStatus.AVAILABLE, "version": version},
                    {"status": TicketStatus.RESERVED, "held_by": order_id},
                ],
            },
            {
                "$set": {
                    "status": TicketStatus.RESERVED,
                    "held_by": order_id,
                    "updated_at": at,
                },
                "$max": {"held_until": until},
            },
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else _ticket(found)

    async def extend(self, ticket_id: str, *, order_id: str, until: datetime, at: datetime) -> bool:
        """Hold the ticket longer; False when the order does not hold it. Repeating is safe."""
        answer = await self._collection.update_one(
            {"_id": ticket_id, "status": TicketStatus.RESERVED, "held_by": order_id},
            {"$set": {"updated_at": at}, "$max": {"held_until": until}},
        )
        return answer.matched_count == 1

    async def sell(self, ticket_id: str, *, order_id: str, at: datetime) -> bool:
        """The ticket is the order's for good; False when the order does not hold it.

        Repeating is safe.
        """
        answer = await self._collection.update_one(
            {"_id": ticket_id, "status": TicketStatus.RESERVED, "held_by": order_id},
            {"$set": {"status": TicketStatus.SOLD, "held_until": None, "updated_at": at}},
        )
        return answer.matched_count == 1 or await self._is_sold_to(ticket_id, order_id)

    async def release(self, ticket_id: str, *, order_id: str, at: datetime) -> bool:
        """Put the ticket back on the market, if the order has it; False when it does not exist.

        Also an order that does not hold the ticket leaves its mark, in the same write: a reserving
        step of its own that is still on the way finds the mark and stays out. Repeating is safe.
        """
        answer = await self._collection.update_one(
            {"_id": ticket_id}, [{"$set": _given_back_by(order_id, at)}]
        )
        return answer.matched_count == 1

    async def changes(self, after: Place | None = None) -> AsyncChangeStream[dict[str, Any]]:
        """Status, version and withdrawal of tickets that come, go or change in one of these.

        From this moment or that place on. What only concerns the order that holds a ticket, such
        as a longer hold, is left out.
        """
        shown = {f"fullDocument.{field}": True for field in ("status", "version", "withdrawn")}
        return await self._collection.watch(
            [{"$match": {"$or": VISIBLE_CHANGES}}, {"$project": {"documentKey": True, **shown}}],
            full_document="updateLookup",
            start_after=after,
            max_await_time_ms=AWAIT_MS,
        )

    @property
    def _collection(self) -> AsyncCollection[dict[str, Any]]:
        """The raw collection: what is conditional must be decided by MongoDB, in one write."""
        return Ticket.get_pymongo_collection()

    async def _is_sold_to(self, ticket_id: str, order_id: str) -> bool:
        sold = {"_id": ticket_id, "status": TicketStatus.SOLD, "held_by": order_id}
        return await self._collection.count_documents(sold, limit=1) == 1

    async def _why_not(self, ticket_id: str, seller_ids: PersonIds) -> Exception:
        """Why a change was refused, as far as can be told after the fact."""
        ticket = await self.get(ticket_id)
        if ticket is None:
            return TicketNotFoundError("There is no such ticket.")
        if ticket.seller_id not in seller_ids:
            return NotTheSellerError("Only its seller can change a ticket.")
        return TicketTakenError("The ticket is reserved or sold and can no longer be changed.")


def _ticket(found: dict[str, Any]) -> Ticket:
    ticket: Ticket = Ticket.model_validate(found)
    return ticket


def _looked_up(title: str) -> dict[str, Any]:
    """What a title is found by. Folding can make a text longer; an index entry stays short."""
    title_key = fold(title)[:TITLE_KEY_LENGTH]
    return {"title_key": title_key, "title_ends": ends_of(title_key)}


def _still_for_sale_by(seller_ids: PersonIds, ticket_id: str) -> dict[str, Any]:
    return {
        "_id": ticket_id,
        "seller_id": {"$in": list(seller_ids)},
        "status": TicketStatus.AVAILABLE,
    }


def _given_back_by(order_id: str, at: datetime) -> dict[str, Any]:
    """The fields of a ticket after this order let go of it; expressions see the old document."""
    order = {"$literal": order_id}

    def if_held(new: object, field: str) -> dict[str, Any]:
        return {"$cond": [{"$eq": ["$held_by", order]}, new, f"${field}"]}

    return {
        "status": if_held(TicketStatus.AVAILABLE, "status"),
        "held_by": if_held(None, "held_by"),
        "held_until": if_held(None, "held_until"),
        "updated_at": if_held(at, "updated_at"),
        "past_orders": {
            "$cond": [
                {"$in": [order, "$past_orders"]},
                "$past_orders",
                {"$slice": [{"$concatArrays": ["$past_orders", [order]]}, -PAST_ORDERS_KEPT]},
            ]
        },
    }
