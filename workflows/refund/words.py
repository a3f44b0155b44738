"""What a refund says of itself, to people."""

from typing import Final

from workflows.refund.messages import RefundStatus
from workflows.refund.steps import RefundSeen

SAY_WHO_AND_WHY: Final = "Say who you are (actor) and why you do this (why)."
NOBODY_NEEDED: Final = (
    "This refund does not wait for a person: it goes on, or has ended, by itself."
)
BEING_DONE: Final = "Somebody else has just acted on this refund: look at it again first."
NOT_DUE: Final = "This order does not wait for its refund any more: look at it again."
DISPUTED: Final = (
    "The buyer's bank has been asked for this money (a dispute). Until the dispute is won or closed"
    " nothing is refunded; once it is lost, settle the refund."
)


def in_markdown(seen: RefundSeen, *, turn: int) -> str:
    """A sentence or two for whoever looks at the workflow in Temporal."""
    which = f" `{seen.refund_id}`" if seen.refund_id else ""
    match seen.status:
        case RefundStatus.FAILED:
            return (
                f"**The refund failed** (try {turn}): `{seen.failure or 'unknown'}`. The money is"
                " still ours, the order stays *refunding* and keeps its ticket."
                "\n\n**A person is needed.** Update `refund` tries again; update `settle` closes it"
                " when the money went back by other means. Each wants `actor` and `why`. A refund"
                f" made in Stripe's dashboard is noticed by itself.{_last(which)}"
            )
        case RefundStatus.PENDING:
            return f"Stripe's refund{which} is **pending**: waiting for the bank."
        case RefundStatus.SETTLED:
            return "**Settled** by a person: the money went back by other means."
        case _:
            return f"Stripe's refund{which}: **{seen.status}**."


def _last(which: str) -> str:
    return f" Last refund at Stripe:{which}." if which else ""
