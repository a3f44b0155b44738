"""How operators find orders: everybody's, in pages, along indexes.

Every query is a choice of branches, one per status and side of the cursor, so that MongoDB walks an
index in the list's own order, starts right behind the cursor and merges: the last page costs what
the first does, and nothing is sorted in memory.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from beanie import SortDirection

from services.orders.documents import OPEN, Order, OrderStatus

Condition = dict[str, Any]

DAWN: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Before the first order. What was never opened has no date at all, and is no order."""


class BrokenPlaceError(ValueError):
    """The cursor is damaged, made up, or from a list in another order."""


class Along(StrEnum):
    """What a list is ordered by."""

    DEADLINE = "expires_at"
    """The nearest first."""
    AGE = "created_at"
    """The newest first."""

    @property
    def direction(self) -> SortDirection:
        """Up or down, in MongoDB's words."""
        return SortDirection.ASCENDING if self is Along.DEADLINE else SortDirection.DESCENDING

    @property
    def beyond(self) -> str:
        """The operator for what comes later in the list."""
        return "$gt" if self is Along.DEADLINE else "$lt"


@dataclass(frozen=True)
class OrderFilter:
    """Which orders; None lets every order through."""

    statuses: tuple[OrderStatus, ...] | None = None
    subject: str | None = None
    """The id of an order, a ticket, a buyer, a seller or a PaymentIntent."""

    @property
    def along(self) -> Along:
        """All open ones are listed by deadline, everything else by age."""
        by_deadline = self.statuses == OPEN and self.subject is None
        return Along.DEADLINE if by_deadline else Along.AGE


@dataclass(frozen=True)
class Found:
    """Some orders, and where the list goes on."""

    orders: list[Order]
    next_cursor: str | None


class OrderSearch:
    """Reads orders of everybody."""

    async def page(self, wanted: OrderFilter, *, limit: int, cursor: str | None = None) -> Found:
        """The orders behind the cursor, at most ``limit``. Raises ``BrokenPlaceError``."""
        place = read_cursor(cursor, wanted.along) if cursor else None
        if wanted.subject is not None and (one := await self._single(wanted.subject)) is not None:
            fits = place is None and (wanted.statuses is None or one.status in wanted.statuses)
            return Found([one] if fits else [], None)
        along = wanted.along
        query = Order.find(list_query(wanted, place))
        order = [(along.value, along.direction), ("_id", along.direction)]
        found = await query.sort(order).limit(limit + 1).to_list()
        more = len(found) > limit
        return Found(found[:limit], cursor_after(found[limit - 1], along) if more else None)

    async def _single(self, subject: str) -> Order | None:
        """The one order that is, or is paid with, what has this id."""
        return await Order.find_one(single_query(subject))


def single_query(subject: str) -> Condition:
    """An order's own id, or its PaymentIntent's.

    Only together with the type does MongoDB see that an index over texts alone has the answer.
    """
    paid_with = {"payment.payment_intent_id": {"$eq": subject, "$type": "string"}}
    opened = {"created_at": {"$gt": DAWN}}
    return {"$or": [{"_id": subject, **opened}, {**paid_with, **opened}]}


def list_query(wanted: OrderFilter, place: tuple[datetime, str] | None) -> Condition:
    """Orders of a status, or of a ticket or a person, behind this place."""
    along = wanted.along
    sides: list[Condition] = [{along.value: {"$gt": DAWN}}]
    if place is not None:
        moment, order_id = place
        sides = [
            {along.value: moment, "_id": {along.beyond: order_id}},
            {along.value: {"$gt": DAWN, along.beyond: moment}},
        ]
    return {"$or": [{**choice, **side} for choice in _choices(wanted) for side in sides]}


def _choices(wanted: OrderFilter) -> list[Condition]:
    """Every way to be wanted: an index has it in front."""
    statuses = wanted.statuses
    if wanted.subject is None:
        return [{"status": status} for status in statuses] if statuses is not None else [{}]
    among: Condition = {} if statuses is None else {"status": {"$in": list(statuses)}}
    return [{field: wanted.subject, **among} for field in ("ticket_id", "buyer_id", "seller_id")]


def cursor_after(order: Order, along: Along) -> str:
    """An opaque mark behind this order; it can be pasted into an address as it is."""
    moment = order.expires_at if along is Along.DEADLINE else order.created_at
    return f"{along.value}~{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}~{order.id}"


def read_cursor(cursor: str, along: Along) -> tuple[datetime, str]:
    """Time and id of the last order seen; whatever we did not write is refused."""
    made_for, _, place = cursor.partition("~")
    moment, _, order_id = place.partition("~")
    try:
        order_id.encode()  # half a surrogate pair is no text; MongoDB cannot be asked about it
        at = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise BrokenPlaceError from error
    if made_for != along or not order_id:
        raise BrokenPlaceError
    return at, order_id
