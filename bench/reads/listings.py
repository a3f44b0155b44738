"""A market with many listings, put into MongoDB as they are: listing is not what is measured."""

import itertools
import math
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pymongo import WriteConcern, timeout
from pymongo.asynchronous.database import AsyncDatabase

from services.text import fold
from services.tickets.documents import Ticket, TicketStatus
from services.tickets.words import ends_of

Document = dict[str, Any]

BATCH: Final = 5_000
PATIENCE_SECONDS: Final = 600
"""What one batch, or one index, may take: longer than what a person waits for."""
SEED: Final = 20_261_128
COMMON_WORD: Final = "concert"
"""In a fifth of all titles."""
UNCOMMON_WORD: Final = "quadrille"
"""In one of a thousand titles."""
RARE_WORD: Final = "zugzwang"
"""In few titles, however many there are."""
ABSENT_WORD: Final = "solmirnorbel"
"""In none, but made of what all words are made of: its letters alone do not give it away."""
RARE: Final = 7
"""How many titles have the rare word: less than a page of them."""
WORDS: Final = 3_000
SELLERS: Final = 5_000
YEARS: Final = timedelta(days=730)
EPOCH: Final = datetime(2026, 11, 1, tzinfo=UTC)
SYLLABLES: Final = (
    *("ba", "bel", "can", "cor", "da", "del", "fa", "fin", "ga", "gor", "ha", "jun", "ka", "lan"),
    *("lo", "ma", "mir", "na", "nor", "or", "pa", "per", "ra", "ros", "sa", "sol", "ta", "tur"),
    *("va", "ven", "wo", "ya"),
)
VENUES: Final = ("Massey Hall, Toronto", "MTELUS, Montréal", "Commodore, Vancouver", None)


async def lay_out(
    tickets: AsyncDatabase[Document], count: int, *, say: Callable[[str], None]
) -> None:
    """Fill the collection, which has to be new, and index it as the shop does, in this order.

    An index that is kept up while a million documents come in random order is written to all over;
    one that is made of what is there is sorted once and written from one end to the other.
    """
    collection = tickets[Ticket.Settings.name].with_options(write_concern=WriteConcern(w=1))
    await collection.drop()
    made, began = listings(count), time.monotonic()
    while batch := list(itertools.islice(made, BATCH)):
        with timeout(PATIENCE_SECONDS):
            await collection.insert_many(batch, ordered=False)
    say(f"{count:,} listings after {time.monotonic() - began:.0f} s")
    for index in Ticket.Settings.indexes:
        with timeout(PATIENCE_SECONDS):
            await collection.create_indexes([index])
    say(f"all indexes after {time.monotonic() - began:.0f} s")


def listings(count: int) -> Iterator[Document]:
    """So many tickets, the same each time."""
    chance = random.Random(SEED)
    vocabulary = words()
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(vocabulary))))
    sellers = [seller(number) for number in range(SELLERS)]
    shares = list(itertools.accumulate(1 / (rank + 5) for rank in range(SELLERS)))
    statuses = list(TicketStatus)
    rare = {number * count // RARE for number in range(RARE)}
    for number in range(count):
        title = chance.choices(vocabulary, cum_weights=weights, k=chance.randint(2, 6))
        if chance.random() < 0.2:
            title.append(COMMON_WORD)
        if number % 1_000 == 500:
            title.append(UNCOMMON_WORD)
        if number in rare:
            title.append(RARE_WORD)
        chance.shuffle(title)
        (whose,) = chance.choices(sellers, cum_weights=shares)
        (status,) = chance.choices(statuses, cum_weights=(85, 88, 100))
        yield _document(number, " ".join(title).title(), whose, status, chance)


def seller(number: int) -> str:
    """The id of a seller; the first has the most listings and the last the fewest."""
    return f"5e11e400-0000-4000-8000-{number:012}"


def _document(
    number: int, title: str, whose: str, status: TicketStatus, chance: random.Random
) -> Document:
    at = EPOCH - timedelta(milliseconds=int(chance.random() * YEARS.total_seconds() * 1000))
    # The price of most is a whole number of dollars; a few are very dear.
    price = min(max(round(math.exp(chance.gauss(4.4, 0.8))) * 100, 500), 50_000_000)
    taken = status is not TicketStatus.AVAILABLE
    order = f"07de7000-0000-4000-8000-{number:012}"
    return {
        "_id": f"{chance.getrandbits(32):08x}-0000-4000-8000-{number:012}",
        "seller_id": whose,
        "title": title,
        "title_key": fold(title),
        "title_ends": ends_of(fold(title)),
        "price": {"amount": price, "currency": "CAD"},
        "venue": chance.choice(VENUES),
        "starts_at": at + timedelta(days=chance.randint(10, 300)),
        "seat": f"Row {chance.randint(1, 40)}, seat {chance.randint(1, 60)}",
        "description": "Paper ticket, sent by registered mail on the day of the sale."
        if chance.random() < 0.5
        else None,
        "status": status,
        "version": 1,
        "held_by": order if taken else None,
        "held_until": at + timedelta(minutes=15) if status is TicketStatus.RESERVED else None,
        "past_orders": [f"{order[:-1]}x"] if chance.random() < 0.1 else [],
        "withdrawn": False,
        "created_at": at,
        "updated_at": at,
    }


def words() -> list[str]:
    """Words of two and three syllables; those in front are used the most."""
    chance = random.Random(SEED)
    made: dict[str, None] = {}
    while len(made) < WORDS:
        made["".join(chance.choices(SYLLABLES, k=chance.randint(2, 3)))] = None
    return list(made)
