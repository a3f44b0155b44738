"""Reads what is known of orders: from every service, from Stripe, and from Temporal."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from stripe import PaymentIntent
from temporalio.exceptions import ApplicationError

from activities.gateways.stripe import StripeGateway, charge_of, is_refusal
from activities.letters import letters
from activities.payments import standing
from activities.reconciliation.case import Case, Intent
from activities.reconciliation.pace import Pace
from services.auth.audit import AuthAudit
from services.auth.store import AuthStore
from services.operations.documents import Trouble
from services.operations.store import OperationsStore
from services.orders.audit import OrderAudit
from services.orders.documents import Order, OrderStatus
from services.pages import unhurried
from services.payments.audit import PaymentAudit
from services.payments.documents import Payment
from services.payments.store import PaymentStore
from services.payments.stripe import decline_of, moment
from services.tickets.audit import TicketAudit
from services.tickets.documents import Ticket
from workflows.mail_steps import MailReason
from workflows.reconciliation.messages import Suspect

AT_ONCE: Final = 10
"""Calls to Temporal at the same time."""
READS: Final = 3
"""An order that moves while it is read is read again, so often."""


class Found(Protocol):
    """How a workflow stands."""

    @property
    def standing(self) -> str:
        """Temporal's word for it, or ``missing``."""

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""


class Workflows(Protocol):
    """Temporal, as far as a check may ask it: one call per workflow, always up to date."""

    async def find(self, workflow_id: str) -> Found:
        """The newest run of this workflow."""


class Read(NamedTuple):
    """Cases, and the ids of orders that moved while they were being read."""

    cases: list[Case]
    moving: set[str]


@dataclass(frozen=True)
class Books:
    """Where everything is read."""

    stripe: StripeGateway
    workflows: Workflows
    pace: Pace
    orders: OrderAudit = field(default_factory=OrderAudit)
    tickets: TicketAudit = field(default_factory=TicketAudit)
    payments: PaymentAudit = field(default_factory=PaymentAudit)
    paid: PaymentStore = field(default_factory=PaymentStore)
    people: AuthStore = field(default_factory=AuthStore)
    letters: AuthAudit = field(default_factory=AuthAudit)
    board: OperationsStore = field(default_factory=OperationsStore)


class Reader:
    """Puts cases together, a page at a time."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._few = asyncio.Semaphore(AT_ONCE)

    async def read(
        self,
        suspects: Sequence[Suspect],
        *,
        known: Mapping[str, Intent],
        standing: frozenset[str] = frozenset(),
    ) -> Read:
        """One case per order, and one for each suspect without an order.

        The order is read before everything else and once more afterwards: what is found in between
        belongs to this very state of it. PaymentIntents that are ``known`` are not read again.
        """
        by_order = _by_order(suspects)
        ids = [order_id for order_id in by_order if order_id]
        before = await self._books.orders.many(ids)
        payments = await unhurried(self._books.paid.of_orders)(ids)
        ticket_ids = {order.ticket_id for order in before.values()} | {
            suspect.ticket_id for suspect in suspects if suspect.ticket_id
        }
        tickets = await self._books.tickets.many(ticket_ids)
        claims = await self._books.orders.claims(ticket_ids)
        sent = await self._books.orders.mail_sent(before)
        given_up = {
            finding.order_id
            for finding in await self._books.board.of_orders(before)
            if finding.kind == Trouble.MAIL_GIVEN_UP
        }
        cases = []
        for order_id, those in by_order.items():
            order = before.get(order_id or "")
            cases.append(
                Case(
                    order_id=order_id,
                    order=order,
                    tickets=_tickets(order, those, tickets),
                    claims=tuple(claims.get(order.ticket_id, ())) if order else (),
                    intents=await self._intents(order, payments.get(order_id or ""), those, known),
                    refund_is_moving=await self._refund_is_moving(order),
                    unsent=await self._unsent(order, sent),
                    mail_given_up=order_id in given_up,
                    open=standing,
                    suspects=tuple(those),
                )
            )
        afterwards = await self._books.orders.many(ids)
        moving = {each for each in ids if _trace(before.get(each)) != _trace(afterwards.get(each))}
        return Read(cases, moving)

    async def read_closely(self, suspects: Sequence[Suspect]) -> list[Case]:
        """Their cases, with their workflows; an order that goes on moving is left out.

        Workflows are looked up before anything else is read, so that what one that has ended by
        then has written is seen.
        """
        settled: list[Case] = []
        left = list(suspects)
        for _ in range(READS):
            if not left:
                break
            glance = await self.read(left, known={})
            standing = await self._open(frozenset().union(*(c.workflows for c in glance.cases)))
            again = await self.read(left, known={}, standing=standing)
            settled += [case for case in again.cases if case.order_id not in again.moving]
            left = [suspect for suspect in left if suspect.order_id in again.moving]
        return settled

    async def _open(self, workflow_ids: Collection[str]) -> frozenset[str]:
        async def look(workflow_id: str) -> bool:
            async with self._few:
                return (await self._books.workflows.find(workflow_id)).is_open

        ids = sorted(workflow_ids)
        stand = await asyncio.gather(*(look(each) for each in ids))
        return frozenset(each for each, is_open in zip(ids, stand, strict=True) if is_open)

    async def _intents(
        self,
        order: Order | None,
        payment: Payment | None,
        suspects: Sequence[Suspect],
        known: Mapping[str, Intent],
    ) -> tuple[Intent, ...]:
        ids = {suspect.payment_intent_id for suspect in suspects}
        ids.add(order.payment.payment_intent_id if order else None)
        ids.add(payment.payment_intent_id if payment else None)
        found = [known.get(each) or await self._intent(each) for each in sorted(filter(None, ids))]
        return tuple(intent for intent in found if intent is not None)

    async def _intent(self, payment_intent_id: str) -> Intent | None:
        await self._books.pace.turn()
        try:
            return intent_from(await self._books.stripe.get(payment_intent_id))
        except ApplicationError as error:
            if is_refusal(error):
                return None
            raise

    async def _refund_is_moving(self, order: Order | None) -> bool:
        pending = (
            order is not None
            and order.status is OrderStatus.REFUNDING
            and order.refund is not None
            and order.refund.status == "pending"
        )
        if not pending or order is None or order.payment.payment_intent_id is None:
            return True
        await self._books.pace.turn()
        refunds = await self._books.stripe.refunds_of(order.payment.payment_intent_id)
        return any(refund.status in ("pending", "requires_action") for refund in refunds)

    async def _unsent(self, order: Order | None, sent: set[str]) -> tuple[MailReason, ...]:
        reason = _calls_for(order) if order else None
        if order is None or reason is None:
            return ()
        for letter in letters(order, reason):
            if letter.key not in sent and await self._books.people.person(letter.user_id):
                return (reason,)
        return ()


def intent_from(intent: PaymentIntent) -> Intent:
    """What a check wants to know of a PaymentIntent that was read with its charge."""
    charge = charge_of(intent)
    return Intent(
        id=intent.id,
        standing=standing(intent),
        received=intent.amount_received,
        given_back=charge.amount_refunded if charge else 0,
        created_at=moment(intent.created),
        charged_at=moment(charge.created) if charge else None,
        decline=decline_of(intent),
    )


def _by_order(suspects: Sequence[Suspect]) -> dict[str | None, list[Suspect]]:
    by_order: dict[str | None, list[Suspect]] = defaultdict(list)
    for suspect in suspects:
        by_order[suspect.order_id].append(suspect)
    return by_order


def _tickets(
    order: Order | None, suspects: Sequence[Suspect], tickets: Mapping[str, Ticket]
) -> tuple[Ticket, ...]:
    ids = {suspect.ticket_id for suspect in suspects} | {order.ticket_id if order else None}
    return tuple(tickets[each] for each in sorted(filter(None, ids)) if each in tickets)


def _calls_for(order: Order) -> MailReason | None:
    """The mail that the state of an order calls for. Who cancelled it knows."""
    match order.status, order.cancel_reason:
        case OrderStatus.COMPLETE, _:
            return MailReason.CONFIRMED
        case OrderStatus.REFUNDED, _:
            return MailReason.REFUNDED
        case OrderStatus.CANCELLED, "expired":
            return MailReason.EXPIRED
        case OrderStatus.CANCELLED, "payment_failed":
            return MailReason.PAYMENT_FAILED
        case _:
            return None


def _trace(order: Order | None) -> Any:  # noqa: ANN401 - only compared
    """What changes with every step of an order."""
    if order is None:
        return None
    return order.status, order.changed_at, len(order.timeline), order.refund, order.dispute
