"""Tickets with their sellers, and buyers who are signed in: one of each for every purchase.

They are put into the databases as they are, because listing and registering is not what is
measured. A buyer who had bought before would find their places taken and their mail sent.
"""

from typing import Final, NamedTuple

from services.auth.documents import Session, User
from services.auth.sessions import ABSOLUTE_LIFE
from services.auth.tokens import digest, new_token
from services.clock import now
from services.ids import new_id
from services.money import Money
from services.tickets.documents import Ticket

BATCH: Final = 500
PRICE: Final = Money(amount=10_000, currency="CAD")


class OutOfStockError(RuntimeError):
    """More was bought than had been laid in: the figure would be of something else."""


class Pair(NamedTuple):
    """A ticket for sale, and the session of somebody who may buy it."""

    ticket_id: str
    token: str


class Stock:
    """What is left to buy."""

    def __init__(self) -> None:
        self._left: list[Pair] = []

    async def lay_in(self, wanted: int) -> None:
        """Have at least so many."""
        while (missing := wanted - len(self._left)) > 0:
            self._left += await _made(min(missing, BATCH))

    def take(self) -> Pair:
        """One that nobody else gets; raises ``OutOfStockError``."""
        if not self._left:
            raise OutOfStockError
        return self._left.pop()


async def _made(count: int) -> list[Pair]:
    at = now()
    buyers, sellers = [_person() for _ in range(count)], [_person() for _ in range(count)]
    tokens = [new_token() for _ in range(count)]
    sessions = [
        Session(
            id=digest(token),
            user_id=buyer.id,
            created_at=at,
            last_seen_at=at,
            expires_at=at + ABSOLUTE_LIFE,
        )
        for token, buyer in zip(tokens, buyers, strict=True)
    ]
    tickets = [
        Ticket(
            seller_id=seller.id,
            title="Rock Concert",
            title_key="rock concert",
            price=PRICE,
            created_at=at,
            updated_at=at,
        )
        for seller in sellers
    ]
    await User.insert_many([*buyers, *sellers])
    await Session.insert_many(sessions)
    await Ticket.insert_many(tickets)
    return [Pair(ticket.id, token) for ticket, token in zip(tickets, tokens, strict=True)]


def _person() -> User:
    name = f"{new_id()}@example.com"
    person: User = User(email=name, email_key=name)
    return person
