"""The orphan handler: money for a closed purchase goes back to where it came from."""

from temporalio import workflow
from temporalio.common import VersioningBehavior

from workflows.outside import ask

with workflow.unsafe.imports_passed_through():
    from workflows.orphan.messages import OrphanPayment, OrphanSettlement
    from workflows.orphan.steps import OrphanSteps, SettleOrphan
    from workflows.policies import STRIPE_PATIENT


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)
class OrphanPaymentWorkflow:
    """Settle one PaymentIntent that no purchase waits for."""

    @workflow.run
    async def run(self, orphan: OrphanPayment) -> OrphanSettlement:
        """Look, void or refund, record."""
        settlement = await ask(
            OrphanSteps.settle_orphan,
            SettleOrphan(
                order_id=orphan.order_id,
                payment_intent_id=orphan.payment_intent_id,
                at=workflow.now(),
            ),
            patient=STRIPE_PATIENT,
        )
        workflow.set_current_details(f"Payment for a closed purchase: **{settlement}**.")
        return settlement
