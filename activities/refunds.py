"""The Stripe side of a refund."""

from stripe import Refund
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.gateways.stripe import StripeGateway, is_refusal
from services.payments.stripe import REFUND_LOST, refund_of_all, said
from workflows.refund.messages import RefundStatus
from workflows.refund.steps import LookAtRefund, RefundPayment, RefundPaymentSteps, RefundSeen


class RefundActivities(RefundPaymentSteps):
    """What a refund asks of Stripe."""

    def __init__(self, stripe: StripeGateway) -> None:
        self._stripe = stripe

    @activity.defn
    async def refund_payment(self, request: RefundPayment) -> RefundSeen:
        """Refund once: after the first attempt, and when Stripe refuses, look for an earlier."""
        first = request.attempt == request.turn == 1
        earlier = None if first else await self._returned(request.payment_intent_id, request.amount)
        if earlier is not None:
            return _seen(earlier)
        try:
            refund = await self._stripe.refund(
                request.order_id,
                request.payment_intent_id,
                amount=request.amount,
                attempt=request.attempt,
                operation="refund" if request.turn == 1 else f"refund-{request.turn}",
            )
        except ApplicationError as error:
            if not is_refusal(error):
                raise
            found = await self._returned(request.payment_intent_id, request.amount)
            if found is None:
                raise
            refund = found
        return _seen(refund)

    @activity.defn
    async def look_at_refund(self, request: LookAtRefund) -> RefundSeen:
        """Read it, and change nothing; if it came to nothing, look for another that did not."""
        refund = await self._find(request.refund_id)
        if refund is None or refund.status in REFUND_LOST:
            other = await self._returned(request.payment_intent_id, request.amount)
            refund = other or refund
        if refund is None:
            return RefundSeen(
                refund_id=request.refund_id, status=RefundStatus.FAILED, failure="no_such_refund"
            )
        return _seen(refund)

    async def _find(self, refund_id: str) -> Refund | None:
        if not refund_id:
            return None
        try:
            return await self._stripe.get_refund(refund_id)
        except ApplicationError as error:
            if not is_refusal(error):
                raise
            return None

    async def _returned(self, payment_intent_id: str, amount: int) -> Refund | None:
        """The refund to follow when all the money is on its way back, whoever sent it."""
        if not payment_intent_id:
            return None
        return refund_of_all(await self._stripe.refunds_of(payment_intent_id), amount)


def _seen(refund: Refund) -> RefundSeen:
    if refund.status == "succeeded":
        status = RefundStatus.SUCCEEDED
    elif refund.status in REFUND_LOST:
        status = RefundStatus.FAILED
    else:
        status = RefundStatus.PENDING
    return RefundSeen(refund_id=refund.id, status=status, failure=said(refund, "failure_reason"))
