"""What the tickets database holds."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from beanie import Document
from pydantic import BaseModel, ConfigDict, Field
from pymongo import ASCENDING, IndexModel

from services.ids import new_id
from services.money import Money
from services.records import Record

BY_WORD: Final = "market_by_word"


class TicketStatus(StrEnum):
    """Whether a ticket can be bought."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    SOLD = "sold"


class Listing(BaseModel):
    """What a seller says about a ticket."""

    model_config = ConfigDict(frozen=True)

    title: str
    price: Money
    venue: str | None = None
    starts_at: datetime | None = None
    seat: str | None = None
    description: str | None = None


class Listed(Listing):
    """A ticket as far as a list of tickets shows it, and where it stands in the list."""

    id: str = Field(alias="_id")
    title_key: str
    status: TicketStatus
    seller_id: str
    version: int
    created_at: datetime
    updated_at: datetime


class Ticket(Record):
    """One ticket on the market.

    ``version`` counts the seller's edits only, so that a buyer gets what they saw. ``past_orders``
    are the orders that gave this ticket back, newest last: a step of theirs that was delayed from
    before the release finds its order here and cannot take the ticket again.
    """

    id: str = Field(default_factory=new_id)
    seller_id: str
    title: str
    title_key: str
    """The folded title: what keywords are looked up in and what titles are sorted by."""
    title_ends: list[str] | None = None
    """The ends of its words, for keywords that few titles have; None if nobody wrote them down."""
    price: Money
    venue: str | None = None
    starts_at: datetime | None = None
    seat: str | None = None
    description: str | None = None
    status: TicketStatus = TicketStatus.AVAILABLE
    version: int = 1
    held_by: str | None = None
    held_until: datetime | None = None
    past_orders: list[str] = Field(default_factory=list)
    withdrawn: bool = False
    """Its seller has left: whoever has it keeps it, but it is not sold again."""
    created_at: datetime
    updated_at: datetime

    @property
    def is_gone(self) -> bool:
        """Whether nobody has it and nobody can have it."""
        return self.withdrawn and self.status is TicketStatus.AVAILABLE

    class Settings:
        """Collection and indexes: one per sort, of the market and of a seller's own listings.

        And one over the words of titles.
        """

        name = "tickets"
        indexes: ClassVar = [
            IndexModel(
                [("status", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)],
                name="market_by_age",
            ),
            IndexModel(
                [("status", ASCENDING), ("price.amount", ASCENDING), ("_id", ASCENDING)],
                name="market_by_price",
            ),
            IndexModel(
                [("status", ASCENDING), ("title_key", ASCENDING), ("_id", ASCENDING)],
                name="market_by_title",
            ),
            IndexModel(
                [
                    ("seller_id", ASCENDING),
                    ("status", ASCENDING),
                    ("created_at", ASCENDING),
                    ("_id", ASCENDING),
                ],
                name="listings_of_a_seller",
            ),
            IndexModel(
                [
                    ("seller_id", ASCENDING),
                    ("status", ASCENDING),
                    ("price.amount", ASCENDING),
                    ("_id", ASCENDING),
                ],
                name="listings_of_a_seller_by_price",
            ),
            IndexModel(
                [
                    ("seller_id", ASCENDING),
                    ("status", ASCENDING),
                    ("title_key", ASCENDING),
                    ("_id", ASCENDING),
                ],
                name="listings_of_a_seller_by_title",
            ),
            IndexModel(
                [("status", ASCENDING), ("updated_at", ASCENDING), ("_id", ASCENDING)],
                name="tickets_by_change",
            ),
            IndexModel([("title_ends", ASCENDING)], name=BY_WORD),
        ]


DOCUMENTS: list[type[Document]] = [Ticket]
