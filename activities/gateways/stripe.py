"""Stripe, in the words of a purchase.

Every write carries an idempotency key ``te:{env}:{order}:{operation}:{n}`` whose parameters are a
pure function of it. Failures leave here as ``ApplicationError``: ``PaymentRefused`` will never
change, ``AnswerStored`` means that the key only repeats a server error, all else is an outage.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import stripe
from stripe import Charge, Dispute, PaymentIntent
from stripe import Refund as StripeRefund
from stripe.params import PaymentIntentListParams
from temporalio.exceptions import ApplicationError

from services.payments.documents import Card
from services.payments.stripe import REFUND_LOST, metadata_of
from workflows.errors import StepFailure

EXPAND_CHARGE = ["latest_charge"]


@contextmanager
def failures_named() -> Iterator[None]:
    """Translate Stripe's errors; no message of Stripe's goes into history, only its codes.

    The code of a refusal is also its first detail, for people to see.

    ``from None``: Temporal writes an exception's cause and context down, with their messages.
    """
    try:
        yield
    except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as error:
        code = error.code or type(error).__name__
        raise ApplicationError(
            f"Stripe refused: {code}",
            code,
            type=StepFailure.PAYMENT_REFUSED,
            non_retryable=True,
        ) from None
    except stripe.StripeError as error:
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        if headers.get("idempotent-replayed") == "true":
            raise ApplicationError(
                f"Stripe repeats a stored {error.http_status}",
                type=StepFailure.ANSWER_STORED,
                non_retryable=True,
            ) from None
        raise ApplicationError(
            f"Stripe is away: {type(error).__name__} {error.http_status}", type="StripeAway"
        ) from None


def is_refusal(error: ApplicationError) -> bool:
    """Whether Stripe will never do what was asked."""
    return error.type == StepFailure.PAYMENT_REFUSED


@contextmanager
def refusals_retried() -> Iterator[None]:
    """For what must be done in the end: a refusal stays visible and is tried again."""
    try:
        yield
    except ApplicationError as error:
        if not is_refusal(error):
            raise
        raise ApplicationError(error.message, type="RefusedForNow") from None


class StripeGateway:
    """The few things that the marketplace does at Stripe."""

    def __init__(self, client: stripe.StripeClient, *, environment: str) -> None:
        self._stripe = client
        self._environment = environment

    async def create(
        self, order_id: str, *, amount: int, currency: str, attempt: int
    ) -> PaymentIntent:
        """A manual-capture PaymentIntent for a card, in minor units."""
        with failures_named():
            return await self._stripe.v1.payment_intents.create_async(
                {
                    "amount": amount,
                    "currency": currency.lower(),
                    "capture_method": "manual",
                    "allowed_payment_method_types": ["card"],
                    "description": f"Order {order_id}",
                    "metadata": {"order_id": order_id, "environment": self._environment},
                },
                {"idempotency_key": self._key(order_id, "create", attempt)},
            )

    async def find(self, order_id: str, *, since: datetime) -> PaymentIntent | None:
        """The PaymentIntent of an order, made at ``since`` or later, or None."""
        with failures_named():
            found = await self._stripe.v1.payment_intents.list_async(
                {"created": {"gte": int(since.timestamp()) - 60}, "limit": 100}
            )
            async for intent in found.auto_paging_iter():
                if metadata_of(intent, "order_id") == order_id:
                    return intent
        return None

    async def page(
        self, *, since: datetime, after: str, limit: int
    ) -> tuple[list[PaymentIntent], bool]:
        """PaymentIntents made at ``since`` or later with their latest charges, newest first.

        From behind the one with the id ``after`` on; and whether there are more. Other
        installations' on the same account are among them.
        """
        params: PaymentIntentListParams = {
            "created": {"gte": int(since.timestamp())},
            "limit": limit,
            "expand": [f"data.{each}" for each in EXPAND_CHARGE],
        }
        if after:
            params["starting_after"] = after
        with failures_named():
            found = await self._stripe.v1.payment_intents.list_async(params)
        return found.data, found.has_more

    async def intent_behind(self, object_id: str) -> str | None:
        """The PaymentIntent that an object is, or belongs to; None for other kinds of objects."""
        with failures_named():
            thing: Charge | Dispute | StripeRefund
            match object_id.partition("_")[0]:
                case "pi":
                    return object_id
                case "ch":
                    thing = await self._stripe.v1.charges.retrieve_async(object_id)
                case "re":
                    thing = await self._stripe.v1.refunds.retrieve_async(object_id)
                case "du" | "dp":
                    thing = await self._stripe.v1.disputes.retrieve_async(object_id)
                case _:
                    return None
        return str(thing.payment_intent) if thing.payment_intent else None

    def order_of(self, thing: PaymentIntent | StripeRefund) -> str | None:
        """The order that something at Stripe was made for, if this installation made it."""
        if metadata_of(thing, "environment") != self._environment:
            return None
        return metadata_of(thing, "order_id")

    async def get(self, payment_intent_id: str) -> PaymentIntent:
        """The PaymentIntent with its latest charge."""
        with failures_named():
            return await self._stripe.v1.payment_intents.retrieve_async(
                payment_intent_id, {"expand": EXPAND_CHARGE}
            )

    async def change(
        self, order_id: str, payment_intent_id: str, *, amount: int, revision: int, attempt: int
    ) -> PaymentIntent:
        """Ask another amount.

        The key names the amount too: a run of the workflow whose task was lost may have asked
        another one as its first change.
        """
        operation = f"amount-{revision}-{amount}"
        with failures_named():
            return await self._stripe.v1.payment_intents.update_async(
                payment_intent_id,
                {"amount": amount},
                {"idempotency_key": self._key(order_id, operation, attempt)},
            )

    async def capture(
        self, order_id: str, payment_intent_id: str, *, amount: int, attempt: int
    ) -> PaymentIntent:
        """Take the money that is held."""
        with failures_named():
            return await self._stripe.v1.payment_intents.capture_async(
                payment_intent_id,
                {"amount_to_capture": amount, "expand": EXPAND_CHARGE},
                {"idempotency_key": self._key(order_id, "capture", attempt)},
            )

    async def cancel(
        self, order_id: str, payment_intent_id: str, *, attempt: int, operation: str = "cancel"
    ) -> PaymentIntent:
        """Close it for good; whatever is held is voided.

        For a PaymentIntent that could be cancelled a moment ago: a refusal is worth another look.
        """
        try:
            with failures_named():
                return await self._stripe.v1.payment_intents.cancel_async(
                    payment_intent_id,
                    {"cancellation_reason": "abandoned", "expand": EXPAND_CHARGE},
                    {"idempotency_key": self._key(order_id, operation, attempt)},
                )
        except ApplicationError as error:
            if not is_refusal(error):
                raise
            raise ApplicationError("the payment moved meanwhile", type="PaymentMoved") from error

    async def refund(
        self,
        order_id: str,
        payment_intent_id: str,
        *,
        amount: int,
        attempt: int,
        operation: str = "refund",
    ) -> StripeRefund:
        """Give captured money back."""
        with failures_named():
            return await self._stripe.v1.refunds.create_async(
                {
                    "payment_intent": payment_intent_id,
                    "amount": amount,
                    "reason": "requested_by_customer",
                    "metadata": {"order_id": order_id, "environment": self._environment},
                },
                {"idempotency_key": self._key(order_id, operation, attempt)},
            )

    async def refund_the_rest(
        self, order_id: str, intent: PaymentIntent, *, attempt: int, operation: str = "refund"
    ) -> None:
        """Give back what was captured and is not given back yet, which may be nothing."""
        given_back = sum(refund.amount for refund in await self.refunds_of(intent.id))
        rest = intent.amount_received - given_back
        if rest <= 0:
            return
        refund = await self.refund(
            order_id, intent.id, amount=rest, attempt=attempt, operation=operation
        )
        if refund.status in REFUND_LOST:
            raise ApplicationError(f"the refund is {refund.status}", type="RefundFailed")

    async def refunds_of(self, payment_intent_id: str) -> list[StripeRefund]:
        """The refunds of a PaymentIntent that did not fail, newest first."""
        with failures_named():
            found = await self._stripe.v1.refunds.list_async(
                {"payment_intent": payment_intent_id, "limit": 100}
            )
            return [refund for refund in found.data if refund.status not in REFUND_LOST]

    async def get_refund(self, refund_id: str) -> StripeRefund:
        """One refund."""
        with failures_named():
            return await self._stripe.v1.refunds.retrieve_async(refund_id)

    def _key(self, order_id: str, operation: str, attempt: int) -> str:
        return f"te:{self._environment}:{order_id}:{operation}:{attempt}"


def charge_of(intent: PaymentIntent) -> Charge | None:
    """The latest charge of a PaymentIntent that was read with it."""
    return intent.latest_charge if isinstance(intent.latest_charge, Charge) else None


def card_of(intent: PaymentIntent) -> Card | None:
    """What may be shown of the card that paid."""
    charge = charge_of(intent)
    details = charge.payment_method_details if charge else None
    if details is None or details.card is None:
        return None
    return Card(brand=details.card.brand or "card", last4=details.card.last4 or "")
