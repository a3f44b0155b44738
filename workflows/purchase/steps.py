"""What a purchase asks of the world. The workflow sees these declarations, never their code."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Final

from temporalio import activity

from workflows.messages import Message
from workflows.purchase.messages import CancelReason

LATE_ADDRESS: Final = "late address"
"""Why a hold was extended, if no operator did it."""


class Hold(Message):
    """One order's grip on one ticket; everything done to the ticket is fenced by the order id."""

    order_id: str
    ticket_id: str
    at: datetime


class ReserveTicket(Hold):
    """Take the ticket for this order."""

    buyer_id: str
    version: int
    until: datetime


class ExtendHold(Hold):
    """Keep the ticket longer."""

    until: datetime


class TicketSteps(ABC):
    """The ticket service, seen from a purchase."""

    @activity.defn
    @abstractmethod
    async def reserve_ticket(self, request: ReserveTicket) -> bool:
        """Hold the ticket; False when it is not to be had. Repeating changes nothing."""

    @activity.defn
    @abstractmethod
    async def extend_hold(self, request: ExtendHold) -> None:
        """Move the end of this order's hold. Repeating changes nothing."""

    @activity.defn
    @abstractmethod
    async def release_ticket(self, request: Hold) -> None:
        """Put the ticket back on the market if this order holds it; never again after that."""

    @activity.defn
    @abstractmethod
    async def sell_ticket(self, request: Hold) -> bool:
        """Mark the ticket sold; False when this order does not hold it. Repeating is safe."""


class OpenOrder(Message):
    """Write the order down."""

    order_id: str
    ticket_id: str
    buyer_id: str
    expires_at: datetime
    at: datetime


class AbandonOrder(Message):
    """Nobody waits for this order any more."""

    order_id: str


class PriceOrder(Message):
    """What would this order cost at this address?"""

    order_id: str
    billing_id: str


class Price(Message):
    """Ticket and taxes together, in minor units."""

    amount: int
    currency: str


class BillingInForce(Message):
    """This address and this amount are what the buyer is asked to pay."""

    order_id: str
    billing_id: str
    amount: int
    payment_intent_id: str
    at: datetime


class LookAtBill(Message):
    """What is the buyer asked to pay?"""

    order_id: str


class BillShown(Message):
    """The PaymentIntent that the order lets its buyer pay, and the total that it shows."""

    payment_intent_id: str
    amount: int


class NoteExtension(Message):
    """The buyer has until then."""

    order_id: str
    expires_at: datetime
    at: datetime
    about: str = LATE_ADDRESS
    """What tells this extension from others of the order: the id of the operator's update."""
    actor: str | None = None
    why: str | None = None


class LookAtDeadline(Message):
    """Until when has the buyer been promised the ticket?"""

    order_id: str


class LookAtSale(Message):
    """Has this order been completed before?"""

    order_id: str


class NoteRetry(Message):
    """An operator had Stripe asked again, before its turn."""

    order_id: str
    at: datetime
    about: str
    """The id of the operator's update."""
    actor: str
    why: str


class NotePayment(Message):
    """Something happened to the payment that the buyer should see."""

    order_id: str
    at: datetime


class NoteDecline(NotePayment):
    """The bank said no to this attempt."""

    attempt_id: str
    code: str


class CompleteOrder(Message):
    """The money is ours and the ticket is theirs."""

    order_id: str
    at: datetime


class CancelOrder(Message):
    """The order is over without a sale."""

    order_id: str
    reason: CancelReason
    at: datetime
    actor: str | None = None
    why: str | None = None


class OrderSteps(ABC):
    """The order service, seen from a purchase. Every step is safe to repeat."""

    @activity.defn
    @abstractmethod
    async def open_order(self, request: OpenOrder) -> bool:
        """Write the order with the ticket as it is; False when the ticket has an active order."""

    @activity.defn
    @abstractmethod
    async def abandon_order(self, request: AbandonOrder) -> bool:
        """Make sure that the order is never opened; False when it has been opened already."""

    @activity.defn
    @abstractmethod
    async def price_order(self, request: PriceOrder) -> Price:
        """Total for the stored address; pure, nothing is written."""

    @activity.defn
    @abstractmethod
    async def put_billing_in_force(self, request: BillingInForce) -> None:
        """Show lines, total and address, and let the buyer pay."""

    @activity.defn
    @abstractmethod
    async def look_at_bill(self, request: LookAtBill) -> BillShown | None:
        """Read which bill is in force, or None; nothing is written."""

    @activity.defn
    @abstractmethod
    async def note_extension(self, request: NoteExtension) -> None:
        """Show the new deadline; each extension is told once."""

    @activity.defn
    @abstractmethod
    async def look_at_deadline(self, request: LookAtDeadline) -> datetime | None:
        """Read the deadline that the order shows, in UTC; nothing is written."""

    @activity.defn
    @abstractmethod
    async def look_at_sale(self, request: LookAtSale) -> bool:
        """Whether the order is complete, or has been and was refunded since; nothing is written."""

    @activity.defn
    @abstractmethod
    async def note_retry(self, request: NoteRetry) -> None:
        """Tell who had Stripe asked again, and why; each time is told once."""

    @activity.defn
    @abstractmethod
    async def note_decline(self, request: NoteDecline) -> None:
        """Show why the bank refused."""

    @activity.defn
    @abstractmethod
    async def note_authorization(self, request: NotePayment) -> None:
        """Show that the bank holds the money."""

    @activity.defn
    @abstractmethod
    async def complete_order(self, request: CompleteOrder) -> None:
        """The order is complete and paid."""

    @activity.defn
    @abstractmethod
    async def cancel_order(self, request: CancelOrder) -> None:
        """The order is cancelled and no longer claims the ticket."""
