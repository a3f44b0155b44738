"""The reconciliation: look at a page, heal, look again, go on; at the end clear the board."""

import asyncio

from temporalio import workflow
from temporalio.common import VersioningBehavior

from workflows.reconciliation.healing import give

with workflow.unsafe.imports_passed_through():
    from workflows.policies import CHECK_STEP, LOOK_AGAIN_AFTER
    from workflows.reconciliation.messages import (
        Cure,
        Place,
        Progress,
        Reconciled,
        Source,
        StartReconciliation,
    )
    from workflows.reconciliation.steps import (
        BeginCheck,
        CheckAgain,
        CheckOrder,
        CheckPage,
        EndCheck,
        Looked,
        ReconciliationSteps,
    )


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)
class ReconciliationWorkflow:
    """Compare orders, tickets, payments and workflows, once.

    The workflow's own state is the cursor: whatever dies in the middle, it goes on with the page
    that it was at. A run that cannot be finished fails, and has then closed no finding.
    """

    @workflow.init
    def __init__(self, start: StartReconciliation) -> None:
        self._start = start
        self._run_id = workflow.info().first_execution_run_id
        self._pages = 0

    @workflow.run
    async def run(self, start: StartReconciliation) -> Reconciled:
        """Read top to bottom: this is the whole check."""
        so_far = start.progress or await self._begin()
        while so_far.place is not None:
            looked = await self._look(so_far, so_far.place)
            so_far = Progress(
                span=so_far.span,
                place=looked.next,
                orders_checked=so_far.orders_checked + looked.orders_checked,
                healed=so_far.healed + await self._heal(so_far, looked.cures),
            )
            self._show(so_far)
            self._pages += 1
            if self._history_is_long():
                workflow.continue_as_new(start.model_copy(update={"progress": so_far}))
        return await self._end(so_far)

    async def _begin(self) -> Progress:
        span = await workflow.execute_activity_method(
            ReconciliationSteps.begin_check,
            BeginCheck(run_id=self._run_id, order_id=self._start.order_id),
            **CHECK_STEP,
        )
        return Progress(span=span, place=Place(source=next(iter(Source))))

    async def _look(self, so_far: Progress, place: Place) -> Looked:
        if self._start.order_id is not None:
            return await workflow.execute_activity_method(
                ReconciliationSteps.check_order,
                CheckOrder(span=so_far.span, order_id=self._start.order_id),
                **CHECK_STEP,
            )
        return await workflow.execute_activity_method(
            ReconciliationSteps.check_page,
            CheckPage(span=so_far.span, place=place),
            **CHECK_STEP,
        )

    async def _heal(self, so_far: Progress, cures: list[Cure]) -> int:
        """How many of them have helped."""
        if not cures:
            return 0
        await asyncio.gather(*(give(cure) for cure in cures))
        ill = cures
        for pause in LOOK_AGAIN_AFTER:
            await workflow.sleep(pause, summary="until the remedies have had time to help")
            again = await workflow.execute_activity_method(
                ReconciliationSteps.check_again,
                CheckAgain(span=so_far.span, cures=ill, last=pause == LOOK_AGAIN_AFTER[-1]),
                **CHECK_STEP,
            )
            ill = again.cures
            if not ill:
                break
        return len(cures) - len(ill)

    async def _end(self, so_far: Progress) -> Reconciled:
        return await workflow.execute_activity_method(
            ReconciliationSteps.end_check,
            EndCheck(
                run_id=self._run_id,
                span=so_far.span,
                order_id=self._start.order_id,
                orders_checked=so_far.orders_checked,
                healed=so_far.healed,
            ),
            **CHECK_STEP,
        )

    def _history_is_long(self) -> bool:
        suggested = workflow.info().is_continue_as_new_suggested()
        return suggested or self._pages >= self._start.pages

    def _show(self, so_far: Progress) -> None:
        place = so_far.place.source if so_far.place else "the end"
        workflow.set_current_details(
            f"Looked at {so_far.orders_checked} orders, healed {so_far.healed}; now at **{place}**."
        )
