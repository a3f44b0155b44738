"""What is known of one order when it is judged, read from every service and from Temporal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from services.operations.documents import Invariant, Trouble
from services.orders.documents import OPEN, Order, OrderStatus
from services.payments.stripe import Decline
from services.tickets.documents import Ticket
from workflows.mail_steps import MailReason
from workflows.orphan.address import orphan_workflow_id
from workflows.purchase.address import purchase_workflow_id
from workflows.purchase.payment_steps import PaymentStanding
from workflows.reconciliation.messages import Cure, Suspect
from workflows.refund.address import refund_workflow_id
from workflows.rescue.address import rescue_workflow_id

OVER: Final = (OrderStatus.CANCELLED, OrderStatus.REFUNDED)


class Patience(NamedTuple):
    """How long what is under way is left to itself."""

    message: timedelta = timedelta(seconds=60)
    """For a message that should have come by itself: a webhook, a signal."""
    hold: timedelta = timedelta(seconds=120)
    """Beyond a deadline, for the purchase to close its till and free the ticket."""


class Intent(NamedTuple):
    """A PaymentIntent at Stripe; amounts in minor units."""

    id: str
    standing: PaymentStanding
    received: int
    given_back: int
    """Refunded, or about to be."""
    created_at: datetime
    charged_at: datetime | None = None
    """When the last attempt to pay was made."""
    decline: Decline | None = None

    @property
    def kept(self) -> int:
        """What is ours of it, after refunds."""
        return self.received - self.given_back


class Problem(NamedTuple):
    """One thing that is wrong."""

    kind: Invariant | Trouble | None
    """What it is on the board; None: it is put right and never gets there."""
    subject: str
    detail: str
    cure: Cure | None = None
    order_id: str | None = None
    ticket_id: str | None = None
    payment_intent_id: str | None = None

    @property
    def key(self) -> str:
        """The id of its finding, or what takes its place for a problem that is never one."""
        return f"{self.kind or 'unheard'}:{self.subject}"


@dataclass(frozen=True)
class Case:
    """One order with everything that hangs on it."""

    order_id: str | None
    order: Order | None = None
    tickets: tuple[Ticket, ...] = ()
    """The ticket that the order is for, and any other that says it is held by the order."""
    claims: tuple[str, ...] = ()
    """The active orders for the order's ticket; one of them may be this."""
    intents: tuple[Intent, ...] = ()
    refund_is_moving: bool = True
    """Whether Stripe has still to say how a refund ends."""
    unsent: tuple[MailReason, ...] = ()
    """Mails that the order calls for and that are not in the sent-log."""
    mail_given_up: bool = False
    open: frozenset[str] = frozenset()
    """Ids of the workflows that are open."""
    suspects: tuple[Suspect, ...] = ()
    """Why it is looked at."""

    @property
    def is_open(self) -> bool:
        """Whether the order is neither paid nor over."""
        return self.order is not None and self.order.status in OPEN

    @property
    def is_over(self) -> bool:
        """Whether the order claims its ticket no more."""
        return self.order is not None and self.order.status in OVER

    @property
    def own(self) -> Intent | None:
        """The PaymentIntent that the order lets its buyer pay."""
        mine = self.order.payment.payment_intent_id if self.order else None
        return next((intent for intent in self.intents if intent.id == mine), None)

    @property
    def strangers(self) -> Iterator[Intent]:
        """PaymentIntents with this order's id that are not the order's own."""
        own = self.own
        return (intent for intent in self.intents if intent is not own)

    @property
    def purchase_is_open(self) -> bool:
        """Whether the purchase goes on by itself."""
        return self.order_id is not None and purchase_workflow_id(self.order_id) in self.open

    @property
    def refund_is_open(self) -> bool:
        """Whether the refund goes on, by itself or with a person's help."""
        return self.order_id is not None and refund_workflow_id(self.order_id) in self.open

    @property
    def rescue_is_open(self) -> bool:
        """Whether the order is being rescued right now."""
        return self.order_id is not None and rescue_workflow_id(self.order_id) in self.open

    @property
    def somebody_decides(self) -> bool:
        """Whether there is anybody who brings an open order to its end."""
        return self.purchase_is_open or self.rescue_is_open

    def orphan_is_open(self, intent: Intent) -> bool:
        """Whether this PaymentIntent is being settled right now."""
        return orphan_workflow_id(intent.id) in self.open

    @property
    def workflows(self) -> frozenset[str]:
        """Ids of every workflow that may be at work for the order."""
        if self.order_id is None:
            return frozenset()
        return frozenset(
            {
                purchase_workflow_id(self.order_id),
                refund_workflow_id(self.order_id),
                rescue_workflow_id(self.order_id),
                *(orphan_workflow_id(intent.id) for intent in self.intents),
            }
        )
