"""The payment steps of a purchase, done at Stripe and written down in the payments database."""

from stripe import PaymentIntent
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.gateways.stripe import (
    StripeGateway,
    card_of,
    charge_of,
    is_refusal,
    refusals_retried,
)
from services.payments.documents import Payment
from services.payments.store import PaymentStore
from services.payments.stripe import decline_of, moment
from workflows.errors import StepFailure
from workflows.purchase.payment_steps import (
    CapturePayment,
    ChangePayment,
    ClosePayment,
    LookAtPayment,
    OpenedPayment,
    OpenPayment,
    PaymentSeen,
    PaymentStanding,
    PaymentSteps,
    ReturnPayment,
)


class PaymentActivities(PaymentSteps):
    """What a purchase asks of Stripe."""

    def __init__(self, payments: PaymentStore, stripe: StripeGateway) -> None:
        self._payments = payments
        self._stripe = stripe

    @activity.defn
    async def open_payment(self, request: OpenPayment) -> OpenedPayment:
        """Create it; from the second attempt on, and when refused, look for an earlier one."""
        intent = None
        if request.attempt > 1:
            intent = await self._stripe.find(request.order_id, since=request.opened_after)
        if intent is None:
            intent = await self._create(request)
        await self._payments.open(
            Payment(
                id=request.order_id,
                payment_intent_id=intent.id,
                client_secret=intent.client_secret or "",
                amount=intent.amount,
                currency=intent.currency.upper(),
                created_at=moment(intent.created),
            )
        )
        return OpenedPayment(payment_intent_id=intent.id, amount=intent.amount)

    @activity.defn
    async def change_payment(self, request: ChangePayment) -> OpenedPayment:
        """Change the amount; a PaymentIntent that is paid or over keeps the one it has."""
        try:
            intent = await self._stripe.change(
                request.order_id,
                request.payment_intent_id,
                amount=request.amount,
                revision=request.revision,
                attempt=request.attempt,
            )
        except ApplicationError as error:
            if not is_refusal(error):
                raise
            intent = await self._stripe.get(request.payment_intent_id)
        await self._payments.set_amount(request.order_id, intent.amount)
        return OpenedPayment(payment_intent_id=intent.id, amount=intent.amount)

    @activity.defn
    async def look_at_payment(self, request: LookAtPayment) -> PaymentSeen:
        """Read it, and change nothing."""
        return seen(await self._stripe.get(request.payment_intent_id))

    @activity.defn
    async def capture_payment(self, request: CapturePayment) -> None:
        """Capture what the buyer was shown, to the cent; look first: a repeat is harmless."""
        intent = await self._stripe.get(request.payment_intent_id)
        if standing(intent) is PaymentStanding.AUTHORIZED:
            _refuse_unless(intent.amount_capturable == request.amount, "another amount is held")
            intent = await self._capture(request)
        _refuse_unless(intent.amount_received == request.amount, f"the payment is {intent.status}")
        card = card_of(intent)
        if card is not None:
            await self._payments.show_card(request.order_id, card)

    @activity.defn
    async def close_payment(self, request: ClosePayment) -> PaymentSeen:
        """Cancel it, unless money was held in time; look first, so that a repeat is harmless."""
        with refusals_retried():
            found = seen(await self._stripe.get(request.payment_intent_id))
        if found.standing in (PaymentStanding.CAPTURED, PaymentStanding.CANCELED):
            return found
        keep_by = request.keep_if_authorized_by
        in_time = (
            keep_by is not None
            and found.standing is PaymentStanding.AUTHORIZED
            and found.authorized_at is not None
            and found.authorized_at <= keep_by
        )
        if in_time:
            return found
        intent = await self._stripe.cancel(
            request.order_id, request.payment_intent_id, attempt=request.attempt
        )
        return seen(intent)

    @activity.defn
    async def return_payment(self, request: ReturnPayment) -> None:
        """Refund all of it; what was refunded already is not refunded again."""
        with refusals_retried():
            intent = await self._stripe.get(request.payment_intent_id)
            await self._stripe.refund_the_rest(request.order_id, intent, attempt=request.attempt)

    async def _create(self, request: OpenPayment) -> PaymentIntent:
        try:
            return await self._stripe.create(
                request.order_id,
                amount=request.amount,
                currency=request.currency,
                attempt=request.attempt,
            )
        except ApplicationError as error:
            if not is_refusal(error):
                raise
            # Refused also when a worker that was lost opened it with the price of another address.
            found = await self._stripe.find(request.order_id, since=request.opened_after)
            if found is None:
                raise
            return found

    async def _capture(self, request: CapturePayment) -> PaymentIntent:
        try:
            return await self._stripe.capture(
                request.order_id,
                request.payment_intent_id,
                amount=request.amount,
                attempt=request.attempt,
            )
        except ApplicationError as error:
            if not is_refusal(error):
                raise
            # Refused also when somebody else captured it since the look: that is no refusal.
            intent = await self._stripe.get(request.payment_intent_id)
            if intent.amount_received != request.amount:
                raise
            return intent


def standing(intent: PaymentIntent) -> PaymentStanding:
    """What a PaymentIntent means to a purchase."""
    match intent.status:
        case "requires_capture":
            return PaymentStanding.AUTHORIZED
        case "succeeded":
            return PaymentStanding.CAPTURED
        case "canceled":
            return PaymentStanding.CANCELED
        case _:
            return PaymentStanding.UNPAID


def seen(intent: PaymentIntent) -> PaymentSeen:
    """What a workflow may know of a PaymentIntent: states, times and codes."""
    stands, charge, decline = standing(intent), charge_of(intent), decline_of(intent)
    held = stands in (PaymentStanding.AUTHORIZED, PaymentStanding.CAPTURED)
    return PaymentSeen(
        standing=stands,
        authorized_at=moment(charge.created) if held and charge else None,
        declined_attempt_id=decline.attempt_id if decline else None,
        declined_code=decline.code if decline else None,
    )


def _refuse_unless(condition: bool, why: str) -> None:
    if not condition:
        raise ApplicationError(why, type=StepFailure.PAYMENT_REFUSED, non_retryable=True)
