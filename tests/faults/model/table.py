"""What may become of an order: from each status, at each event. The one table of it.

The model (``world``) is searched for whether it makes just these moves, the system is driven into
each status and sent each event (``test_table``).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Event(StrEnum):
    """Whatever an order can meet."""

    ADDRESS = "the buyer sends an address"
    PAYMENT = "the buyer pays"
    DECLINE = "the bank refuses the card"
    DEADLINE = "the hold runs out"
    BUYER_CANCELS = "the buyer cancels"
    OPERATOR_CANCELS = "an operator cancels"
    EXTENSION = "an operator gives more time"
    REFUND = "the buyer wants the money back"
    OLD_EVENTS = "Stripe sends all its events again"
    REFUND_MADE = "Stripe has made the refund"
    REFUND_FAILED = "Stripe could not make the refund"


STAYS: Final = "stays"
REFUSED: Final = "refused"
"""It stays, and whoever asked is told that it is too late or too early."""

_COLUMNS: Final = tuple(Event)[:9]
_ROWS: Final[Mapping[str, str]] = {
    #                    address          payment  decline deadline  cancel, buyer's, operator's
    "created": "         awaiting_payment stays    stays   cancelled cancelled cancelled",
    "awaiting_payment": "stays            complete stays   cancelled cancelled cancelled",
    "complete": "        refused          stays    stays   stays     refused   refused",
    "refunding": "       refused          stays    stays   stays     refused   refused",
    "refunded": "        refused          stays    stays   stays     refused   refused",
    "cancelled": "       refused          stays    stays   stays     refused   refused",
}
_MORE: Final[Mapping[str, str]] = {
    #                    extension refund    old events
    "created": "         stays     refused   stays",
    "awaiting_payment": "stays     refused   stays",
    "complete": "        refused   refunding stays",
    "refunding": "       refused   refused   stays",
    "refunded": "        refused   refused   stays",
    "cancelled": "       refused   refused   stays",
}
_OF_REFUNDS: Final = {
    ("refunding", Event.REFUND_MADE): "refunded",
    ("refunding", Event.REFUND_FAILED): STAYS,
    ("refunded", Event.REFUND_FAILED): STAYS,
}
"""Only where there is a refund. One that failed is shown as such until a person has dealt with it,
also if the bank sends the money back days after Stripe called it refunded."""

TABLE: Final[Mapping[tuple[str, Event], str]] = {
    **{
        (status, event): after
        for status in _ROWS
        for event, after in zip(
            _COLUMNS, (*_ROWS[status].split(), *_MORE[status].split()), strict=True
        )
    },
    **_OF_REFUNDS,
}

MOVES: Final = frozenset(
    (status, after) for (status, _), after in TABLE.items() if after not in (STAYS, REFUSED)
)
"""From which status to which an order can go."""
