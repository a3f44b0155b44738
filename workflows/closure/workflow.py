"""The closing of an account, which spans three databases and outlives any process."""

from datetime import timedelta
from itertools import count

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from workflows.closure.messages import CloseAccount
    from workflows.closure.steps import ClosureSteps
    from workflows.policies import CLOSURE_PAUSES, DATABASE_STEP


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class ClosureWorkflow:
    """Let one person leave."""

    @workflow.init
    def __init__(self, account: CloseAccount) -> None:
        self._account = account
        self._forgotten = False

    @workflow.run
    async def run(self, account: CloseAccount) -> None:
        """First nobody can act for the account any more; then nothing of the person is left.

        What is under way when it begins (a ticket on hold, an order unpaid) ends by itself within
        a reservation window, and is then settled too. A request that was being answered at that
        moment is why there is always a second look.
        """
        await workflow.execute_local_activity_method(
            ClosureSteps.forget_account, account, **DATABASE_STEP
        )
        self._forgotten = True
        for looks in count():
            left = await self._settle()
            if looks > 0 and not left:
                break
            workflow.set_current_details(f"Waiting for {left} reserved tickets or open orders.")
            await workflow.sleep(_pause(looks), summary="until what is under way has ended")
        workflow.set_current_details("Done.")
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def forgotten(self) -> None:
        """Answer once nobody can sign in any more."""
        await workflow.wait_condition(lambda: self._forgotten)

    async def _settle(self) -> int:
        """What is still left after this look."""
        listings = await workflow.execute_local_activity_method(
            ClosureSteps.withdraw_listings, self._account, **DATABASE_STEP
        )
        orders = await workflow.execute_local_activity_method(
            ClosureSteps.anonymise_orders, self._account, **DATABASE_STEP
        )
        return listings.left + orders.left


def _pause(looks: int) -> timedelta:
    return CLOSURE_PAUSES[min(looks, len(CLOSURE_PAUSES) - 1)]
