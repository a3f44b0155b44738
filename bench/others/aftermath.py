"""What a blow leaves behind, counted alike for every shape of the purchase."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

FINAL: Final = frozenset({"complete", "cancelled", "refunded"})
COMPLETE: Final = "complete"


@dataclass(frozen=True)
class Placed:
    """An order, as the shop itself has it."""

    order_id: str
    ticket_id: str
    status: str


@dataclass(frozen=True)
class Taken:
    """One payment of an order, as Stripe's books have it, in minor units."""

    order_id: str
    captured: int
    refunded: int = 0

    @property
    def kept(self) -> bool:
        """Whether some of the buyer's money is still with the seller."""
        return self.captured > self.refunded


@dataclass(frozen=True)
class Aftermath:
    """What is wrong once a shop has come to rest; in an unharmed shop every count is zero."""

    stuck: int
    """Orders that are neither complete nor over."""
    charged_without_ticket: int
    """Orders whose buyer paid and which are not complete, or which nobody has heard of."""
    sold_again: int
    """Complete orders of a ticket beyond the first."""
    charged_again: int
    """Payments kept for an order beyond the first."""
    mails_lost: int
    """Complete orders whose buyer was not written to."""
    mails_doubled: int
    """Confirmations of an order beyond the first."""

    @classmethod
    def of(cls, orders: list[Placed], payments: list[Taken], mails: list[str]) -> "Aftermath":
        """Count; ``mails`` has the id of the order of each confirmation that was delivered."""
        complete = {each.order_id for each in orders if each.status == COMPLETE}
        sold = Counter(each.ticket_id for each in orders if each.status == COMPLETE)
        paid = Counter(each.order_id for each in payments if each.kept)
        return cls(
            stuck=sum(each.status not in FINAL for each in orders),
            charged_without_ticket=len(paid.keys() - complete),
            sold_again=_beyond_the_first(sold),
            charged_again=_beyond_the_first(paid),
            mails_lost=len(complete - set(mails)),
            mails_doubled=_beyond_the_first(Counter(mails)),
        )


def _beyond_the_first(found: Counter[str]) -> int:
    return sum(count - 1 for count in found.values())
