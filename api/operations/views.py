"""Turns what is stored into what operators see. Nothing here says who anybody is."""

from collections.abc import Iterable
from typing import Final

from api.operations.schemas import EventView, FindingView, LastCheck, PurchaseView
from services.operations.documents import CheckRun, Finding
from services.orders.documents import Order, SentMail, TimelineEntry
from services.payments.documents import InboxEvent, Orphan

TITLES: Final = {
    "I1": "More than one order claims a ticket",
    "I2": "Money was taken for a ticket that is not sold",
    "I3": "Money and sales do not add up",
    "I4": "A ticket is held too long",
    "I5": "An event of Stripe's had no effect",
    "I6": "A bank holds money for a purchase that nobody carries",
    "refund_failed": "A refund failed",
    "orphan_payment": "Money came for a closed purchase",
    "mail_given_up": "A mail could not be sent",
    "dispute": "A buyer's bank disputes a payment",
}


def purchase_view(order: Order, findings: int) -> PurchaseView:
    """One line of the list."""
    return PurchaseView(
        order_id=order.id,
        status=order.status,
        cancel_reason=order.cancel_reason,
        ticket_id=order.ticket_id,
        ticket_title=order.ticket.title,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        price=order.ticket.price,
        total=order.total,
        payment_status=order.payment.status,
        payment_intent_id=order.payment.payment_intent_id,
        refund_status=order.refund.status if order.refund else None,
        dispute_status=order.dispute.status if order.dispute else None,
        created_at=order.created_at,
        expires_at=order.expires_at,
        findings=findings,
    )


def finding_view(finding: Finding) -> FindingView:
    """One thing on the board."""
    return FindingView(
        id=finding.id,
        kind=finding.kind,
        title=TITLES.get(finding.kind, finding.kind),
        detail=finding.detail,
        order_id=finding.order_id,
        ticket_id=finding.ticket_id,
        payment_intent_id=finding.payment_intent_id,
        found_at=finding.found_at,
        seen_at=finding.seen_at,
        closed_at=finding.closed_at,
    )


def last_check(run: CheckRun | None) -> LastCheck | None:
    """The newest reconciliation, if there was one."""
    if run is None:
        return None
    return LastCheck(
        began_at=run.began_at,
        ended_at=run.ended_at,
        orders_checked=run.orders_checked,
        healed=run.healed,
        found=run.found,
    )


def timeline(
    order: Order, events: Iterable[InboxEvent], orphan: Orphan | None, mails: Iterable[SentMail]
) -> list[EventView]:
    """Everything that happened to the order, at Stripe and in the post, oldest first."""
    happened = [_of_order(entry) for entry in order.timeline]
    happened += [_of_stripe(event) for event in events]
    happened += [_of_orphan(orphan)] if orphan is not None else []
    happened += [_of_mail(mail) for mail in mails]
    return sorted(happened, key=lambda event: event.at)


def _of_order(entry: TimelineEntry) -> EventView:
    return EventView(
        at=entry.at,
        source="order",
        what=entry.what,
        who=entry.actor,
        why=entry.why,
        about=entry.about,
    )


def _of_stripe(event: InboxEvent) -> EventView:
    """What became of an event; one without an outcome waits in the inbox."""
    what = f"{event.type}: {event.outcome or 'not handled yet'}"
    return EventView(at=event.received_at, source="stripe", what=what, about=event.id)


def _of_orphan(orphan: Orphan) -> EventView:
    what = f"payment for a closed purchase: {orphan.settlement}"
    return EventView(at=orphan.settled_at, source="stripe", what=what, about=orphan.id)


def _of_mail(mail: SentMail) -> EventView:
    """The key of a mail is its reason, its order and in which role somebody was written to."""
    reason, _, role = mail.id.replace(f":{mail.order_id}:", ":").partition(":")
    what = f"mail to the {role}: {reason}"
    return EventView(at=mail.sent_at, source="mail", what=what, about=mail.provider_id)
