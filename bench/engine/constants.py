"""The steps of a purchase, as the twin takes them: same names, same messages, constant answers."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from temporalio import activity

from workflows.mail_steps import SendMail
from workflows.purchase.payment_steps import CapturePayment, OpenedPayment, OpenPayment
from workflows.purchase.steps import (
    BillingInForce,
    CompleteOrder,
    Hold,
    NotePayment,
    OpenOrder,
    Price,
    PriceOrder,
    ReserveTicket,
)

PAYMENT: Final = "pi_3TwinTwinTwinTwinTwinTwin"
PRICE: Final = Price(amount=11_300, currency="CAD")
OPENED: Final = OpenedPayment(payment_intent_id=PAYMENT, amount=PRICE.amount)


@activity.defn
async def reserve_ticket(_: ReserveTicket) -> bool:
    """The ticket is always to be had."""
    return True


@activity.defn
async def open_order(_: OpenOrder) -> bool:
    """Nothing is written."""
    return True


@activity.defn
async def price_order(_: PriceOrder) -> Price:
    """Always the same total."""
    return PRICE


@activity.defn
async def open_payment(_: OpenPayment) -> OpenedPayment:
    """Nobody is asked."""
    return OPENED


@activity.defn
async def put_billing_in_force(_: BillingInForce) -> None:
    """Nothing is written."""


@activity.defn
async def note_authorization(_: NotePayment) -> None:
    """Nothing is written."""


@activity.defn
async def capture_payment(_: CapturePayment) -> None:
    """No money moves."""


@activity.defn
async def sell_ticket(_: Hold) -> bool:
    """The order always holds the ticket."""
    return True


@activity.defn
async def complete_order(_: CompleteOrder) -> datetime:
    """The moment, in UTC: what the twin's latency ends with."""
    return datetime.now(UTC)


@activity.defn
async def send_mail(_: SendMail) -> None:
    """Nobody is written to."""


ALL: Final[Sequence[Callable[..., Any]]] = (
    reserve_ticket,
    open_order,
    price_order,
    open_payment,
    put_billing_in_force,
    note_authorization,
    capture_payment,
    sell_ticket,
    complete_order,
    send_mail,
)
