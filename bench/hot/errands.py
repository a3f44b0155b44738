"""What the processes that make a crowd are told, and what they tell."""

from enum import StrEnum

from pydantic import BaseModel


class How(StrEnum):
    """When those who try begin."""

    AT_ONCE = "at once"
    """Everybody at the same instant, once."""
    PACED = "paced"
    """One after the other at their planned times, however long those before take."""
    SATURATING = "saturating"
    """So many hands, each beginning anew when done."""


class Buyer(BaseModel):
    """Somebody who is signed in."""

    token: str
    address: str
    """Where they come from, as a proxy says."""


class Errand(BaseModel):
    """Tries for one ticket. ``where`` is the API's address, or MongoDB's."""

    how: How
    where: str
    ticket_id: str
    buyers: list[Buyer] = []
    with_keys: bool = False
    """Whether each try brings an ``Idempotency-Key`` of its own, as the web client's do."""
    hands: int = 1
    per_second: float = 1
    seconds: float = 1


class Answer(BaseModel):
    """How one try ended."""

    status: int
    milliseconds: float
    """From the instant at which it was to begin, not from when the client got to it."""


class Outcome(BaseModel):
    """What came of all of them."""

    answers: list[Answer]
    seconds: float
    """From the first beginning to the last end."""
    cpu_seconds: float
    """Of the process that tried, meanwhile."""

    @property
    def per_second(self) -> float:
        """Tries that ended, whatever their answer."""
        return len(self.answers) / self.seconds

    def waits(self, status: int) -> list[float]:
        """Milliseconds of those who were answered so."""
        return [each.milliseconds for each in self.answers if each.status == status]
