"""Returns money that came for a purchase that is over."""

from stripe import PaymentIntent
from temporalio import activity

from activities.gateways.stripe import StripeGateway, charge_of
from activities.payments import standing
from services.orders.documents import PAID
from services.orders.store import OrderStore
from services.payments.documents import Orphan
from services.payments.store import PaymentStore
from workflows.orphan.messages import OrphanSettlement
from workflows.orphan.steps import OrphanSteps, SettleOrphan
from workflows.purchase.payment_steps import PaymentStanding


class OrphanActivities(OrphanSteps):
    """Looks whether anybody is entitled to the money, and gives it back if not.

    An order may have an orphan beside its own payment, so that the operations in its idempotency
    keys name the PaymentIntent: with the order's own key Stripe would refuse.
    """

    def __init__(self, orders: OrderStore, payments: PaymentStore, stripe: StripeGateway) -> None:
        self._orders = orders
        self._payments = payments
        self._stripe = stripe

    @activity.defn
    async def settle_orphan(self, request: SettleOrphan) -> OrphanSettlement:
        """Void or refund it and record what was done; a repeat finds nothing left to do."""
        order = await self._orders.get(request.order_id)
        # An order that is still open has lost its purchase: its money is held for nothing.
        if (
            order is not None
            and order.status in PAID
            and order.payment.payment_intent_id == request.payment_intent_id
        ):
            return OrphanSettlement.WANTED
        return await self._give_back(request)

    async def _give_back(self, request: SettleOrphan) -> OrphanSettlement:
        """What is recorded follows from the PaymentIntent, so that a repeat says the same."""
        intent = await self._stripe.get(request.payment_intent_id)
        match standing(intent):
            case PaymentStanding.AUTHORIZED | PaymentStanding.UNPAID:
                intent = await self._stripe.cancel(
                    request.order_id,
                    intent.id,
                    attempt=request.attempt,
                    operation=f"cancel-{intent.id}",
                )
            case PaymentStanding.CAPTURED:
                await self._stripe.refund_the_rest(
                    request.order_id,
                    intent,
                    attempt=request.attempt,
                    operation=f"refund-{intent.id}",
                )
            case PaymentStanding.CANCELED:
                pass
        settlement = _settlement(intent)
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


def _settlement(intent: PaymentIntent) -> OrphanSettlement:
    if standing(intent) is PaymentStanding.CAPTURED:
        return OrphanSettlement.REFUNDED
    charge = charge_of(intent)
    held = charge is not None and charge.paid
    return OrphanSettlement.VOIDED if held else OrphanSettlement.NOTHING_HELD
