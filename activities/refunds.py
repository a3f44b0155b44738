"""The Stripe side of a refund."""

from stripe import Refund
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.gateways.stripe import REFUND_LOST, StripeGateway, is_refusal
from services.payments.stripe import said
from workflows.refund.messages import RefundStatus
from workflows.refund.steps import LookAtRefund, RefundPayment, RefundPaymentSteps, RefundSeen


class RefundActivities(RefundPaymentSteps):
    """What a refund asks of Stripe."""

    def __init__(self, stripe: StripeGateway) -> None:
        self._stripe = stripe

    @activity.defn
    async def refund_payment(self, request: RefundPayment) -> RefundSeen:
        """Refund once: from the second attempt on, and when Stripe refuses, look for an earlier."""
        earlier = await self._earlier(request) if request.attempt > 1 else None
        if earlier is not None:
            return _seen(earlier)
        try:
            refund = await self._stripe.refund(
                request.order_id,
                request.payment_intent_id,
                amount=request.amount,
                attempt=request.attempt,
            )
        except ApplicationError as error:
            if not is_refusal(error):
                raise
            found = await self._earlier(request)
            if found is None:
                raise
            refund = found
        return _seen(refund)

    @activity.defn
    async def look_at_refund(self, request: LookAtRefund) -> RefundSeen:
        """Read it, and change nothing."""
        return _seen(await self._stripe.get_refund(request.refund_id))

    async def _earlier(self, request: RefundPayment) -> Refund | None:
        refunds = await self._stripe.refunds_of(request.payment_intent_id)
        return next((refund for refund in refunds if refund.amount == request.amount), None)


def _seen(refund: Refund) -> RefundSeen:
    if refund.status == "succeeded":
        status = RefundStatus.SUCCEEDED
    elif refund.status in REFUND_LOST:
        status = RefundStatus.FAILED
    else:
        status = RefundStatus.PENDING
    return RefundSeen(refund_id=refund.id, status=status, failure=said(refund, "failure_reason"))
