"""Purchases changed as open ones could not survive it: the controls of replay and rollout."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import VersioningBehavior

from workflows.purchase.workflow import PurchaseWorkflow

with workflow.unsafe.imports_passed_through():
    from workflows.purchase.messages import PurchaseOutcome, StartPurchase


@workflow.defn(name="PurchaseWorkflow", versioning_behavior=VersioningBehavior.PINNED)
class HastyPurchase(PurchaseWorkflow):
    """Waits a second before it captures, which no recorded purchase did."""

    @workflow.init
    def __init__(self, purchase: StartPurchase) -> None:
        super().__init__(purchase)

    @workflow.run
    async def run(self, purchase: StartPurchase) -> PurchaseOutcome:
        """The same story with one more step."""
        return await super().run(purchase)

    async def _capture(self) -> bool:
        await workflow.sleep(timedelta(seconds=1))
        return await super()._capture()


@workflow.defn(name="PurchaseWorkflow", versioning_behavior=VersioningBehavior.PINNED)
class SlowStarter(PurchaseWorkflow):
    """Waits a moment before everything else, which no purchase that is open did."""

    @workflow.init
    def __init__(self, purchase: StartPurchase) -> None:
        super().__init__(purchase)

    @workflow.run
    async def run(self, purchase: StartPurchase) -> PurchaseOutcome:
        """The same story with one more step before it."""
        await workflow.sleep(timedelta(milliseconds=1))
        return await super().run(purchase)
