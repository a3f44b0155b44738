"""What an event of Stripe's means to us. An event is a hint: what counts is read from Stripe."""

import re
from datetime import datetime
from typing import Final

import stripe
import structlog
from stripe import Charge, PaymentIntent

from api.webhooks.disputes import DisputeNews
from api.webhooks.handler import Handler
from api.webhooks.refunds import RefundNews
from services.clock import now
from services.metrics import WebhookMetrics
from services.orders.documents import OrderStatus
from services.orders.store import OrderStore
from services.payments.documents import InboxEvent, InboxStatus
from services.payments.store import PaymentStore
from services.payments.stripe import StripeSettings, decline_of, metadata_of, moment
from temporal.calls import TooLateError
from temporal.purchases import Purchases

log = structlog.get_logger("api.webhooks")

GONE = 404
LONGEST_NAME = 255
"""Of an id or a type at Stripe."""
MOVING_ID: Final = re.compile(r"[a-z]+_[A-Za-z0-9_]+")
"""Of what we look up: a payment, say, or a dispute. Dots would lead to another address."""


class StripeEvents:
    """The inbox and what is done with what arrives in it.

    Everything here may happen twice: signals and workflow starts are idempotent, and an event that
    is not marked handled goes through again.
    """

    def __init__(
        self,
        client: stripe.StripeClient,
        settings: StripeSettings,
        *,
        environment: str,
        orders: OrderStore,
        payments: PaymentStore,
        purchases: Purchases,
        metrics: WebhookMetrics,
    ) -> None:
        self._stripe = client
        self._settings = settings
        self._environment = environment
        self._orders = orders
        self._payments = payments
        self._purchases = purchases
        self._metrics = metrics
        self._handlers: dict[str, Handler] = {
            "payment_intent.amount_capturable_updated": self._payment_moved,
            "payment_intent.payment_failed": self._payment_moved,
            "payment_intent.succeeded": self._payment_moved,
            **RefundNews(client, orders=orders, purchases=purchases).handlers(),
            **DisputeNews(client, orders=orders).handlers(),
        }

    def read(self, payload: bytes, signature: str) -> stripe.Event:
        """The event in these bytes; raises when they are not Stripe's, too old, or no event."""
        secret = self._settings.webhook_secret.get_secret_value()
        if not secret:
            raise ValueError("no secret is set, and anybody can sign with nothing")
        try:
            event = self._stripe.construct_event(payload, signature, secret)
        except (AttributeError, TypeError) as error:
            raise ValueError("signed, but not a JSON object") from error
        if not _is_whole(event):
            raise ValueError("signed, but not an event")
        return event

    async def handle(self, event: stripe.Event) -> None:
        """Let the event have its effect, unless it has had it.

        One that can have none goes into the inbox as handled, in the same write.
        """
        object_id = getattr(event.data.object, "id", "")
        idle = self._why_idle(event, object_id)
        at = now()
        arrived = InboxEvent(
            id=event.id,
            type=event.type,
            object_id=object_id,
            status=InboxStatus.RECEIVED if idle is None else InboxStatus.HANDLED,
            outcome=idle,
            received_at=at,
            handled_at=None if idle is None else at,
        )
        kept = await self._payments.receive(arrived)
        if kept.status is not InboxStatus.HANDLED:
            outcome = idle or await self._effect(event, kept.object_id)
            at = now()
            await self._payments.mark_handled(event.id, outcome=outcome, at=at)
            self._note(event, outcome, at)
        elif kept is arrived and idle is not None:
            self._note(event, idle, at)

    def _note(self, event: stripe.Event, outcome: str, at: datetime) -> None:
        log.info("webhook_handled", event_id=event.id, type=event.type, outcome=outcome)
        created = getattr(event, "created", None)
        if isinstance(created, int):
            self._metrics.handled(at.timestamp() - created)

    def _why_idle(self, event: stripe.Event, object_id: str) -> str | None:
        """Why the event can have no effect, whatever Stripe says; None when it may have one."""
        if event.type not in self._handlers:
            return "not of interest"
        if getattr(event, "livemode", None) != self._settings.live:
            return "of another mode"
        return None if MOVING_ID.fullmatch(object_id) else "about nothing"

    async def _effect(self, event: stripe.Event, object_id: str) -> str:
        try:
            return await self._handlers[event.type](object_id)
        except stripe.InvalidRequestError as error:
            if error.http_status != GONE:
                raise
            return "unknown at Stripe"

    async def _payment_moved(self, payment_intent_id: str) -> str:
        intent = await self._stripe.v1.payment_intents.retrieve_async(
            payment_intent_id, {"expand": ["latest_charge"]}
        )
        order_id = self._order_of(intent)
        if order_id is None:
            return "not ours"
        match intent.status:
            case "requires_capture":
                return await self._authorized(order_id, intent)
            case "requires_payment_method":
                return await self._declined(order_id, intent)
            case "succeeded":
                return await self._captured(order_id, intent)
            case _:
                return "nothing to do"

    async def _authorized(self, order_id: str, intent: PaymentIntent) -> str:
        if not await self._is_claimed(order_id, intent):
            return await self._orphaned(order_id, intent)
        charge = intent.latest_charge
        created = charge.created if isinstance(charge, Charge) else intent.created
        try:
            await self._purchases.payment_authorized(order_id, intent.id, moment(created))
        except TooLateError:
            return await self._orphaned(order_id, intent)
        return "authorized"

    async def _declined(self, order_id: str, intent: PaymentIntent) -> str:
        decline = decline_of(intent)
        if decline is None:
            return "nothing to do"
        try:
            await self._purchases.payment_declined(order_id, decline.attempt_id, decline.code)
        except TooLateError:
            return "purchase is over"
        return "declined"

    async def _captured(self, order_id: str, intent: PaymentIntent) -> str:
        if await self._is_claimed(order_id, intent):
            return "known"
        return await self._orphaned(order_id, intent)

    async def _is_claimed(self, order_id: str, intent: PaymentIntent) -> bool:
        """Whether a living order lets its buyer pay, or has been paid, with this very payment.

        It is written down before the buyer learns the client secret, and so before any money.
        """
        order = await self._orders.get(order_id)
        return (
            order is not None
            and order.status is not OrderStatus.CANCELLED
            and order.payment.payment_intent_id == intent.id
        )

    async def _orphaned(self, order_id: str, intent: PaymentIntent) -> str:
        log.warning("orphan_payment", order_id=order_id, payment_intent_id=intent.id)
        await self._purchases.payment_orphaned(order_id, intent.id)
        return "orphan"

    def _order_of(self, intent: PaymentIntent) -> str | None:
        if metadata_of(intent, "environment") != self._environment:
            return None
        return metadata_of(intent, "order_id")


def _is_whole(event: stripe.Event) -> bool:
    """Whether all that we use of an event is there, and is text where it should be."""
    about = getattr(getattr(event, "data", None), "object", None)
    return (
        _is_name(getattr(event, "id", None))
        and _is_name(getattr(event, "type", None))
        and isinstance(about, stripe.StripeObject)
        and _is_name(getattr(about, "id", "none"))  # some things have no id
    )


def _is_name(value: object) -> bool:
    """Half a surrogate pair, which JSON can spell, is no text that can be kept."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()
