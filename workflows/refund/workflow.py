"""The refund: claim the order, give the money back, then put the ticket on the market."""

from contextlib import suppress
from datetime import timedelta
from itertools import chain, repeat
from typing import Final

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import ApplicationError
from temporalio.workflow import LocalActivityConfig

from workflows.mail import send_mail
from workflows.refund.counter import give_back, glance, look

with workflow.unsafe.imports_passed_through():
    from workflows.mail_steps import MailReason
    from workflows.messages import Steering
    from workflows.policies import DATABASE_STEP
    from workflows.purchase.steps import Hold, TicketSteps
    from workflows.refund.messages import (
        BeginOutcome,
        Begun,
        RefundOutcome,
        RefundState,
        RefundStatus,
        StartRefund,
    )
    from workflows.refund.steps import (
        BeginRefund,
        NoteRefund,
        RefundDue,
        RefundOrderSteps,
        RefundSeen,
    )
    from workflows.refund.words import (
        BEING_DONE,
        DISPUTED,
        NOBODY_NEEDED,
        NOT_DUE,
        SAY_WHO_AND_WHY,
        in_markdown,
    )
    from workflows.search_attributes import AMOUNT_MINOR, ORDER_STATUS

LOOK_AFTER: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
LOOK_DAILY: Final = timedelta(hours=12)
DONE: Final = (RefundStatus.SUCCEEDED, RefundStatus.SETTLED)


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class RefundWorkflow:
    """Refund one order. What goes wrong waits for a person, for as long as it takes."""

    @workflow.init
    def __init__(self, refund: StartRefund) -> None:
        self._refund = refund
        self._begun: Begun | None = None
        self._due = RefundDue()
        self._seen: RefundSeen | None = None
        self._hint = False
        self._waits = False
        self._person_acts = False
        self._again: RefundDue | None = None
        self._settled: RefundSeen | None = None
        self._over = False

    @workflow.run
    async def run(self, refund: StartRefund) -> RefundOutcome:
        """Read top to bottom: this is the whole refund."""
        if not await self._claim_the_order():
            return await self._end(None)

        seen = await self._first_word()
        while True:
            if seen.status is RefundStatus.PENDING:
                seen = await self._wait_for_the_final_word(seen)
            if seen.status is not RefundStatus.SETTLED:  # that was noted with who said so
                await self._note(seen)
            if seen.status in DONE:
                break
            if not workflow.patched("a-failed-refund-waits-for-a-person"):
                return await self._end(seen.status)
            seen = await self._wait_for_a_person(seen)

        await self._put_the_ticket_back()
        await send_mail(refund.order_id, MailReason.REFUNDED)
        return await self._end(seen.status)

    @workflow.update
    async def begin(self) -> Begun:
        """Answer the click once the order is ``refunding``, or cannot be.

        A refund that is done and only writes its mails does not begin anew.
        """
        if self._over:
            return Begun(outcome=BeginOutcome.REFUSED)
        await workflow.wait_condition(lambda: self._begun is not None)
        assert self._begun is not None  # noqa: S101 - just waited for
        return self._begun

    @workflow.signal
    def refund_settled(self) -> None:
        """Stripe has news of this refund: look now, not at the next poll."""
        self._hint = True

    @workflow.update
    async def refund(self, steering: Steering) -> None:
        """Try again, with a new key; a refund that did succeed meanwhile is found, not repeated.

        Answers once the order says so. Fails while a dispute is open, or was lost.
        """
        self._person_acts = True
        due = await self._begin(actor=steering.actor, why=steering.why)
        if due.amount == 0:
            self._person_acts = False
            raise ApplicationError(DISPUTED if due.disputed else NOT_DUE, type="NotRefundable")
        self._again = due

    @refund.validator
    def _may_refund(self, steering: Steering) -> None:
        self._refuse_unless_needed(steering)

    @workflow.update
    async def settle(self, steering: Steering) -> None:
        """The money went back by other means: finish. Answers once the order is ``refunded``."""
        self._person_acts = True
        settled = RefundSeen(
            refund_id=self._seen.refund_id if self._seen else "", status=RefundStatus.SETTLED
        )
        await self._note(settled, by=steering)
        self._settled = settled

    @settle.validator
    def _may_settle(self, steering: Steering) -> None:
        self._refuse_unless_needed(steering)

    @workflow.query
    def state(self) -> RefundState:
        """How the refund stands."""
        claimed = RefundStatus.REQUESTED if self._due.amount else None
        return RefundState(
            status=self._seen.status if self._seen else claimed,
            failure=self._seen.failure if self._seen else None,
            attempt=self._due.turn,
            waits_for_person=self._waits and not self._person_acts,
        )

    def _refuse_unless_needed(self, steering: Steering) -> None:
        if not (steering.actor.strip() and steering.why.strip()):
            raise ApplicationError(SAY_WHO_AND_WHY, type="Unsigned")
        if not self._waits:
            raise ApplicationError(NOBODY_NEEDED, type="NobodyNeeded")
        if self._person_acts:
            raise ApplicationError(BEING_DONE, type="BeingDone")

    async def _claim_the_order(self) -> bool:
        due = await self._begin(
            actor=self._refund.actor, why=self._refund.why, adopt=self._refund.adopt
        )
        if due.amount == 0:
            outcome = BeginOutcome.DISPUTED if due.disputed else BeginOutcome.REFUSED
            self._begun = Begun(outcome=outcome)
            return False
        self._due, self._begun = due, Begun(outcome=BeginOutcome.BEGUN)
        workflow.upsert_search_attributes(
            [ORDER_STATUS.value_set("refunding"), AMOUNT_MINOR.value_set(due.amount)]
        )
        workflow.set_current_details("Giving the money back.")
        return True

    async def _begin(
        self, *, actor: str | None, why: str | None, adopt: str | None = None
    ) -> RefundDue:
        return await workflow.execute_local_activity_method(
            RefundOrderSteps.begin_refund,
            BeginRefund(
                order_id=self._refund.order_id,
                at=workflow.now(),
                actor=actor,
                why=why,
                adopt=adopt,
            ),
            **_called("claim the order for a refund"),
        )

    async def _first_word(self) -> RefundSeen:
        """Stripe's answer; a refund that is adopted is looked at, and none is made."""
        if self._refund.adopt is not None:
            return await look(self._due, self._refund.adopt)
        return await give_back(self._refund.order_id, self._due)

    async def _wait_for_the_final_word(self, seen: RefundSeen) -> RefundSeen:
        await self._note(seen)
        for pause in chain(LOOK_AFTER, repeat(LOOK_DAILY)):
            await self._wait(pause, summary="look at the refund")
            self._hint = False
            seen = await look(self._due, seen.refund_id)
            if seen.status is not RefundStatus.PENDING:
                return seen
        raise AssertionError("the pauses never end")

    async def _wait_for_a_person(self, failed: RefundSeen) -> RefundSeen:
        """Until somebody tries again or settles it, or Stripe has changed its mind."""
        self._waits, self._person_acts, self._again = True, False, None
        workflow.upsert_search_attributes([ORDER_STATUS.value_set("refund_failed")])
        seen = failed
        while not self._answered() and seen.status is RefundStatus.FAILED:
            await self._wait(LOOK_DAILY, summary="look again at the refund that failed")
            if not self._answered():
                self._hint = False
                seen = await glance(self._due, failed.refund_id) or failed
            await workflow.wait_condition(lambda: self._answered() or not self._person_acts)
        self._waits = False
        if self._settled is not None:
            return self._settled
        workflow.upsert_search_attributes([ORDER_STATUS.value_set("refunding")])
        self._due, self._again = self._again or self._due, None
        if seen.status is not RefundStatus.FAILED:
            return seen
        workflow.set_current_details(f"Giving the money back, try {self._due.turn}.")
        return await give_back(self._refund.order_id, self._due)

    def _answered(self) -> bool:
        """Whether a person has decided, and the order says so."""
        return self._settled is not None or self._again is not None

    async def _wait(self, pause: timedelta, *, summary: str) -> None:
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._hint or self._answered(), timeout=pause, timeout_summary=summary
            )

    async def _note(self, seen: RefundSeen, *, by: Steering | None = None) -> None:
        await workflow.execute_local_activity_method(
            RefundOrderSteps.note_refund,
            NoteRefund(
                order_id=self._refund.order_id,
                status=seen.status,
                failure=seen.failure,
                refund_id=seen.refund_id,
                turn=self._due.turn,
                at=workflow.now(),
                actor=by.actor if by else None,
                why=by.why if by else None,
            ),
            **_called(f"the refund is {seen.status}"),
        )
        self._seen = seen
        workflow.set_current_details(in_markdown(seen, turn=self._due.turn))

    async def _put_the_ticket_back(self) -> None:
        self._over = True
        await workflow.execute_local_activity_method(
            TicketSteps.release_ticket,
            Hold(
                order_id=self._refund.order_id,
                ticket_id=self._refund.ticket_id,
                at=workflow.now(),
            ),
            **_called("put the ticket back on the market"),
        )
        workflow.upsert_search_attributes([ORDER_STATUS.value_set("refunded")])

    async def _end(self, status: RefundStatus | None) -> RefundOutcome:
        await workflow.wait_condition(workflow.all_handlers_finished)
        return RefundOutcome(order_id=self._refund.order_id, status=status, ended_at=workflow.now())


def _called(summary: str) -> LocalActivityConfig:
    """The policy of every step here, with words that the Temporal UI shows beside it."""
    return {**DATABASE_STEP, "summary": summary}
