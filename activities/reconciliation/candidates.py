"""Which orders a run looks at: pages of candidates, from wherever something can be wrong.

Everything is in the order of something that does not change under a run's feet, so that nothing is
skipped; what is seen twice is merely looked at twice.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeVar

from temporalio.exceptions import ApplicationError

from activities.gateways.stripe import is_refusal
from activities.reconciliation.case import Intent, Patience
from activities.reconciliation.reading import Books, intent_from
from services.clock import now
from services.operations.documents import Finding
from services.orders.audit import UNFINISHED
from services.orders.documents import Order
from services.pages import place_of, unhurried
from services.payments.documents import InboxEvent
from services.payments.store import PaymentStore
from services.tickets.documents import Ticket, TicketStatus
from workflows.reconciliation.messages import Place, Source, Span, Suspect

Record = TypeVar("Record")

LETTER_GRACE: Final = timedelta(minutes=2)
"""How long the letter that was asked for a moment ago may take to get its workflow."""


@dataclass(frozen=True)
class Page:
    """Some candidates, and where to go on."""

    suspects: Sequence[Suspect]
    after: str | None
    """None: this source has no more."""
    intents: Mapping[str, Intent] = field(default_factory=dict)
    """What Stripe's list has said already."""


class Candidates:
    """Goes through every source, one after the other."""

    def __init__(self, books: Books, patience: Patience, *, page_size: int) -> None:
        self._books = books
        self._patience = patience
        self._size = page_size
        self._pages: dict[Source, Callable[[Span, str], Awaitable[Page]]] = {
            Source.FINDINGS: self._findings,
            Source.PAYMENTS: self._at_stripe,
            Source.UNFINISHED: self._unfinished,
            Source.CHANGED: self._changed,
            Source.RESERVED: self._reserved,
            Source.SOLD: self._sold,
            Source.EVENTS: self._events,
            Source.LETTERS: self._letters,
        }

    async def page(self, span: Span, place: Place) -> tuple[Page, Place | None]:
        """One page, and the place behind it; None behind the last page of the last source."""
        page = await self._pages[place.source](span, place.after)
        if page.after is not None:
            return page, Place(source=place.source, after=page.after)
        sources = list(Source)
        rest = sources[sources.index(place.source) + 1 :]
        return page, Place(source=rest[0]) if rest else None

    async def _findings(self, _: Span, after: str) -> Page:
        found = await self._books.board.open_page(after=after, limit=self._size)
        return Page([of_finding(each) for each in found], self._more(found, lambda last: last.id))

    async def _at_stripe(self, span: Span, after: str) -> Page:
        await self._books.pace.turn()
        found, more = await self._books.stripe.page(
            since=span.since, after=after, limit=min(self._size, 100)
        )
        ours = {intent.id: intent for intent in found if self._books.stripe.order_of(intent)}
        return Page(
            [
                Suspect(order_id=self._books.stripe.order_of(intent), payment_intent_id=intent.id)
                for intent in ours.values()
            ],
            found[-1].id if more and found else None,
            {intent_id: intent_from(intent) for intent_id, intent in ours.items()},
        )

    async def _unfinished(self, span: Span, after: str) -> Page:
        found = await self._books.orders.unfinished(place=after, limit=self._size)
        return Page(
            await self._not_in_stripes_list(span, found), self._more(found, lambda last: last.id)
        )

    async def _changed(self, span: Span, after: str) -> Page:
        found = await self._books.orders.changed(
            since=span.since, until=span.began_at, place=after, limit=self._size
        )
        return Page(
            await self._not_in_stripes_list(span, found),
            self._more(found, lambda last: place_of(last.changed_at or last.created_at, last.id)),
        )

    async def _reserved(self, _: Span, after: str) -> Page:
        found = await self._books.tickets.taken(
            TicketStatus.RESERVED, since=None, place=after, limit=self._size
        )
        return await self._tickets(found)

    async def _sold(self, span: Span, after: str) -> Page:
        found = await self._books.tickets.taken(
            TicketStatus.SOLD, since=span.since, place=after, limit=self._size
        )
        return await self._tickets(found)

    async def _events(self, span: Span, after: str) -> Page:
        found = await self._books.payments.unhandled(
            before=span.began_at - self._patience.message, place=after, limit=self._size
        )
        suspects = [await self._about(event) for event in found]
        return Page(
            [suspect for suspect in suspects if suspect is not None],
            self._more(found, lambda last: place_of(last.received_at, last.id)),
        )

    async def _letters(self, span: Span, after: str) -> Page:
        found = await self._books.letters.unsettled(
            since=span.since,
            before=span.began_at - max(LETTER_GRACE, self._patience.message),
            place=after,
            limit=self._size,
        )
        return Page(
            [Suspect(letter_id=letter.id) for letter in found],
            self._more(found, lambda last: place_of(last.created_at, last.id)),
        )

    async def _not_in_stripes_list(self, span: Span, orders: Sequence[Order]) -> list[Suspect]:
        """Without the orders whose payment has come, or comes, with the list: one call for many."""
        payments = await unhurried(self._books.paid.of_orders)(order.id for order in orders)
        return [
            Suspect(order_id=order.id)
            for order in orders
            if (payment := payments.get(order.id)) is None
            or payment.created_at < span.since
            or payment.payment_intent_id != order.payment.payment_intent_id
        ]

    async def _tickets(self, found: Sequence[Ticket]) -> Page:
        """Those that do not go with their order; the others come with it."""
        orders = await self._books.orders.many([each.held_by for each in found if each.held_by])
        return Page(
            [
                Suspect(order_id=ticket.held_by, ticket_id=ticket.id)
                for ticket in found
                if not _goes_with(ticket, orders.get(ticket.held_by or ""))
            ],
            self._more(found, lambda last: place_of(last.updated_at, last.id)),
        )

    async def _about(self, event: InboxEvent) -> Suspect | None:
        """The order that an event is about; None when that is another installation's."""
        order_id, intent_id, ours = await self._object(event.object_id)
        if not ours:
            await PaymentStore().mark_handled(event.id, outcome="not ours", at=now())
            return None
        return Suspect(order_id=order_id, payment_intent_id=intent_id, event_id=event.id)

    async def _object(self, object_id: str) -> tuple[str | None, str | None, bool]:
        """Order, PaymentIntent, and whether it can be ours at all."""
        await self._books.pace.turn()
        try:
            intent_id = await self._books.stripe.intent_behind(object_id)
            if intent_id is None:
                return None, None, True
            order_id = self._books.stripe.order_of(await self._books.stripe.get(intent_id))
        except ApplicationError as error:
            if is_refusal(error):
                return None, None, True
            raise
        return order_id, intent_id, order_id is not None

    def _more(self, found: Sequence[Record], place: Callable[[Record], str]) -> str | None:
        return place(found[-1]) if len(found) == self._size else None


def of_finding(finding: Finding) -> Suspect:
    """What a finding is about."""
    return Suspect(
        order_id=finding.order_id,
        ticket_id=finding.ticket_id,
        payment_intent_id=finding.payment_intent_id,
    )


def _goes_with(ticket: Ticket, order: Order | None) -> bool:
    """Whether looking at the order is enough: it claims the ticket, and comes from elsewhere."""
    if order is None or order.ticket_id != ticket.id or not order.active:
        return False
    return ticket.status is TicketStatus.SOLD or order.status in UNFINISHED
