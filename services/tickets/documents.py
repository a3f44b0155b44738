"""What the tickets database holds."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from beanie import Document
from pydantic import BaseModel, ConfigDict, Field
from pymongo import ASCENDING, IndexModel

from services.ids import new_id
from services.money import Money
from services.records import Record


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
        """Collection and indexes: one per sort of the market, one for a seller's own listings."""

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
                [("status", ASCENDING), ("updated_at", ASCENDING), ("_id", ASCENDING)],
                name="tickets_by_change",
            ),
        ]


DOCUMENTS: list[type[Document]] = [Ticket]
