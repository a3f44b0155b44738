"""Tickets on the wire."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic.config import JsonDict

from services.clock import whole_milliseconds
from services.ids import PersonIds
from services.money import Currency, Money
from services.tickets.documents import Listing, TicketStatus
from services.tickets.search import TicketFilters, TicketSort

LOWEST_PRICE: Final = 50
"""Stripe charges nothing smaller."""
HIGHEST_PRICE: Final = 50_000_000
FURTHEST_EVENT: Final = timedelta(days=3653)
BIDI_CONTROLS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
INVISIBLE: Final = ("Z", "C")
NEVER_TEXT: Final = ("Cc", "Cs", "Cn", "Zl", "Zp")


def plain(*, allowed: str = "") -> Callable[[str], str]:
    """A check for text that shows what it says: no control characters, no reversed writing."""

    def check(value: str) -> str:
        for character in value:
            strange = unicodedata.category(character) in NEVER_TEXT or character in BIDI_CONTROLS
            if strange and character not in allowed:
                raise ValueError("Must not contain control characters.")
        return value

    return check


def visible(value: str) -> str:
    if all(unicodedata.category(character)[0] in INVISIBLE for character in value):
        raise ValueError("Must not be blank.")
    return value


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _written_out(value: object) -> object:
    """ISO 8601 only: a bare number could be seconds, milliseconds or a year."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d[T ]", value):
        raise ValueError("Must be a date and time, such as 2027-05-01T19:30:00Z.")
    if isinstance(value, int | float):
        raise ValueError("Must be a date and time, such as 2027-05-01T19:30:00Z.")  # noqa: TRY004  # pydantic reports only ValueError
    return value


def _to_come(value: datetime) -> datetime:
    today = datetime.now(UTC)
    if value <= today:
        raise ValueError("Must be in the future.")
    if value > today + FURTHEST_EVENT:
        raise ValueError("Must be within the next ten years.")
    return whole_milliseconds(value)


def _digits(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,12}", value):
        raise ValueError("Must be a whole number.")
    return value


Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(plain()),
    AfterValidator(visible),
]
ShortText = Annotated[
    Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=200),
        AfterValidator(plain()),
    ]
    | None,
    BeforeValidator(_blank_is_none),
]
LongText = Annotated[
    Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=5000),
        AfterValidator(plain(allowed="\n\r\t")),
    ]
    | None,
    BeforeValidator(_blank_is_none),
]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out)]
EventTime = Annotated[Moment, AfterValidator(_to_come)]
MinorUnits = Annotated[int, Field(strict=True, ge=LOWEST_PRICE, le=HIGHEST_PRICE)]
PriceBound = Annotated[int, Field(ge=0, le=HIGHEST_PRICE), BeforeValidator(_digits)]
Keywords = Annotated[str, StringConstraints(max_length=200), AfterValidator(plain())]

EXAMPLE: JsonDict = {
    "title": "Front row, centre",
    "price": {"amount": 16000, "currency": "CAD"},
    "venue": "Massey Hall, Toronto",
    "starts_at": "2027-05-01T23:30:00Z",
    "seat": "A 12",
    "description": "Paper ticket, sent by registered mail.",
}


class Price(BaseModel):
    """A price in minor units (cents)."""

    model_config = ConfigDict(extra="forbid")

    amount: MinorUnits
    currency: Currency = "CAD"


class TicketDraft(BaseModel):
    """What a seller says about a ticket."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    title: Title
    price: Price
    venue: ShortText = None
    starts_at: EventTime | None = None
    seat: ShortText = None
    description: LongText = None

    def listing(self) -> Listing:
        """The same, in the market's words."""
        return Listing.model_validate(self.model_dump())


class StatusSought(StrEnum):
    """A ticket's status, or any."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    SOLD = "sold"
    ANY = "any"

    def statuses(self) -> tuple[TicketStatus, ...]:
        """The same, in the market's words."""
        return tuple(TicketStatus) if self is StatusSought.ANY else (TicketStatus(self),)


class TicketQuery(BaseModel):
    """Which tickets are listed, and how."""

    model_config = ConfigDict(extra="forbid")

    keywords: Keywords | None = Field(
        default=None, description="Every word must occur in the title, in whatever case."
    )
    min_price: PriceBound | None = Field(default=None, description="Inclusive, in minor units.")
    max_price: PriceBound | None = Field(default=None, description="Inclusive, in minor units.")
    sort: TicketSort = TicketSort.CREATED_DOWN
    status: StatusSought = StatusSought.AVAILABLE
    seller: str | None = Field(
        default=None, max_length=64, description="`me`, or a user's id.", examples=["me"]
    )
    limit: Annotated[int, Field(ge=1, le=100), BeforeValidator(_digits)] = 20
    cursor: str | None = Field(
        default=None, max_length=4096, description="`next_cursor` of the page before, same `sort`."
    )

    @field_validator("max_price")
    @classmethod
    def _not_below_minimum(cls, value: int | None, info: ValidationInfo) -> int | None:
        least = info.data.get("min_price")
        if value is not None and least is not None and value < least:
            raise ValueError("Must not be less than min_price.")
        return value

    def filters(self, seller_ids: PersonIds | None) -> TicketFilters:
        """The same, in the market's words."""
        return TicketFilters(
            keywords=self.keywords,
            min_price=self.min_price,
            max_price=self.max_price,
            statuses=self.status.statuses(),
            seller_ids=seller_ids,
        )


class TicketView(BaseModel):
    """A ticket, as everybody sees it."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "5f0c7f6e-6e57-4f0e-8a9b-2d2f0a1c9b77",
                    **EXAMPLE,
                    "status": "available",
                    "seller_id": "0b1e6a3c-5a52-4a0e-9d0a-3f6f3f1f9f10",
                    "version": 1,
                    "created_at": "2027-04-01T09:00:00Z",
                    "updated_at": "2027-04-01T09:00:00Z",
                }
            ]
        },
    )

    id: str
    title: str
    price: Money
    venue: str | None
    starts_at: datetime | None
    seat: str | None
    description: str | None
    status: TicketStatus
    seller_id: str
    version: int = Field(description="Counts the seller's edits, from 1.")
    created_at: datetime
    updated_at: datetime


class TicketPage(BaseModel):
    """Some tickets, and where to go on."""

    model_config = ConfigDict(from_attributes=True)

    items: list[TicketView]
    next_cursor: str | None = Field(description="For the next page; null on the last.")
