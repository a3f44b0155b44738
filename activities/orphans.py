"""Returns money that came for a purchase that is over."""

from temporalio import activity

from activities.gateways.stripe import StripeGateway
from activities.payments import standing
from services.orders.documents import OrderStatus
from services.orders.store import OrderStore
from services.payments.documents import Orphan
from services.payments.store import PaymentStore
from workflows.orphan.messages import OrphanSettlement
from workflows.orphan.steps import OrphanSteps, SettleOrphan
from workflows.purchase.payment_steps import PaymentStanding


class OrphanActivities(OrphanSteps):
    """Looks whether anybody is entitled to the money, and gives it back if not."""

    def __init__(self, orders: OrderStore, payments: PaymentStore, stripe: StripeGateway) -> None:
        self._orders = orders
        self._payments = payments
        self._stripe = stripe

    @activity.defn
    async def settle_orphan(self, request: SettleOrphan) -> OrphanSettlement:
        """Void or refund it and record what was done; a repeat finds nothing left to do."""
        order = await self._orders.get(request.order_id)
        if (
            order is not None
            and order.status is not OrderStatus.CANCELLED
            and order.payment.payment_intent_id == request.payment_intent_id
        ):
            return OrphanSettlement.WANTED
        return await self._give_back(request)

    async def _give_back(self, request: SettleOrphan) -> OrphanSettlement:
        intent = await self._stripe.get(request.payment_intent_id)
        match standing(intent):
            case PaymentStanding.AUTHORIZED | PaymentStanding.UNPAID as stands:
                await self._stripe.cancel(
                    request.order_id, request.payment_intent_id, attempt=request.attempt
                )
                settlement = (
                    OrphanSettlement.VOIDED
                    if stands is PaymentStanding.AUTHORIZED
                    else OrphanSettlement.NOTHING_HELD
                )
            case PaymentStanding.CAPTURED:
                if not await self._stripe.refunds_of(request.payment_intent_id):
                    await self._stripe.refund(
                        request.order_id,
                        request.payment_intent_id,
                        amount=intent.amount_received,
                        attempt=request.attempt,
                    )
                settlement = OrphanSettlement.REFUNDED
            case PaymentStanding.CANCELED:
                settlement = OrphanSettlement.NOTHING_HELD
        await self._payments.record_orphan(
            Orphan(
                id=request.payment_intent_id,
                order_id=request.order_id,
                settlement=settlement,
                amount=intent.amount,
                currency=intent.currency.upper(),
                settled_at=request.at,
            )
        )
        return settlement
