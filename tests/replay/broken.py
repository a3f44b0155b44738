"""A purchase changed in a way that open purchases could not survive: the control of the replays."""

from datetime import timedelta

from temporalio import workflow

from workflows.purchase.workflow import PurchaseWorkflow

with workflow.unsafe.imports_passed_through():
    from workflows.purchase.messages import PurchaseOutcome, StartPurchase


@workflow.defn(name="PurchaseWorkflow")
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
