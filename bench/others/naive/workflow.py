"""The naive purchase: every step is an activity of the ordinary kind."""

from datetime import timedelta
from typing import Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from bench.others.naive.messages import Charge, Purchase
    from bench.others.naive.steps import Steps

PATIENCE: Final = timedelta(seconds=10)
"""How long a step may take before it is begun again, also when its worker has died."""


@workflow.defn
class NaivePurchase:
    """Sell one ticket to one buyer, or give it back."""

    @workflow.init
    def __init__(self, purchase: Purchase) -> None:
        self._purchase = purchase
        self._card: str | None = None

    @workflow.run
    async def run(self, purchase: Purchase) -> bool:
        """Whether it was sold."""
        reserved = await workflow.execute_activity_method(
            Steps.reserve, purchase, start_to_close_timeout=PATIENCE
        )
        if not reserved:
            return False
        if not await self._paid():
            await workflow.execute_activity_method(
                Steps.release, purchase, start_to_close_timeout=PATIENCE
            )
            return False
        await workflow.execute_activity_method(
            Steps.complete, purchase, start_to_close_timeout=PATIENCE
        )
        await workflow.execute_activity_method(
            Steps.mail, purchase, start_to_close_timeout=PATIENCE
        )
        return True

    @workflow.signal
    def pay(self, card: str) -> None:
        """Repeating it changes nothing."""
        self._card = card

    async def _paid(self) -> bool:
        try:
            await workflow.wait_condition(
                lambda: self._card is not None, timeout=self._purchase.window
            )
        except TimeoutError:
            return False
        return await workflow.execute_activity_method(
            Steps.charge,
            Charge(order_id=self._purchase.order_id, card=self._card or ""),
            start_to_close_timeout=PATIENCE,
        )
