"""The steps of a reconciliation: compare, report what nobody can heal, name remedies otherwise."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from temporalio import activity

from activities.reconciliation.candidates import Candidates, Page, of_finding
from activities.reconciliation.case import Case, Patience, Problem
from activities.reconciliation.judge import is_doubtful, judge
from activities.reconciliation.reading import Books, Reader
from activities.reconciliation.words import moment
from services.clock import whole_milliseconds
from services.operations.documents import CheckRun, Finding, Invariant, Trouble
from services.payments.documents import InboxEvent
from workflows.letters.address import letter_workflow_id
from workflows.reconciliation.messages import Cure, Reconciled, Remedy, Span, Suspect
from workflows.reconciliation.steps import (
    BeginCheck,
    CheckAgain,
    CheckOrder,
    CheckPage,
    EndCheck,
    Looked,
    ReconciliationSteps,
    StillIll,
)

KINDS: Final = [*Invariant, *Trouble]
KINDS_OF_AN_ORDER: Final = [kind for kind in KINDS if kind is not Invariant.EVERY_EVENT_HANDLED]
"""What a check of one order can find; it does not go through the inbox."""
MARGIN: Final = timedelta(minutes=2)
"""Clocks of servers, of Stripe and of workers differ."""

log = structlog.get_logger("activities.reconciliation")


def now() -> datetime:
    """When this look began, by Temporal's clock, as the deadlines are: this machine's may be wrong.

    Whatever is read after it is at least as new.
    """
    return whole_milliseconds(activity.info().started_time)


class CheckActivities(ReconciliationSteps):
    """Looks at orders, and writes on the board what it sees."""

    def __init__(
        self, books: Books, *, window: timedelta, patience: Patience, page_size: int
    ) -> None:
        self._books = books
        self._window = window
        self._patience = patience
        self._candidates = Candidates(books, patience, page_size=page_size)
        self._reader = Reader(books)

    @activity.defn
    async def begin_check(self, request: BeginCheck) -> Span:
        """At least the window, and at least to where the last complete run began."""
        began_at = now()
        since = began_at - self._window
        if request.order_id is None:
            last = await self._books.board.last_complete_run()
            since = min(since, last.began_at) if last else since
            await self._books.board.note_run(CheckRun(id=request.run_id, began_at=began_at))
        return Span(began_at=began_at, since=since - MARGIN)

    @activity.defn
    async def check_page(self, request: CheckPage) -> Looked:
        """Compare one page of candidates. A repeat looks again and reports the same once."""
        page, place = await self._candidates.page(request.span, request.place)
        looked = await self._look(request.span, page)
        return looked.model_copy(update={"next": place})

    @activity.defn
    async def check_order(self, request: CheckOrder) -> Looked:
        """Compare one order with all that is known to hang on it."""
        on_board = await self._books.board.of_orders([request.order_id])
        suspects = [Suspect(order_id=request.order_id), *(of_finding(each) for each in on_board)]
        return await self._look(request.span, Page(suspects, None))

    @activity.defn
    async def check_again(self, request: CheckAgain) -> StillIll:
        """Look again after remedies: what is gone was healed, what is left may be reported."""
        suspects = [cure.suspect for cure in request.cures]
        cases = await self._reader.read_closely(_about_orders(suspects))
        problems = [problem for case in cases for problem in self._problems(case)]
        problems += await self._letters(suspects)
        still = {problem.subject for problem in problems}
        seen = {case.order_id for case in cases} | {None}
        ill = [
            cure
            for cure in request.cures
            if _subject(cure) in still or cure.suspect.order_id not in seen
        ]
        await self._note_healed([cure for cure in request.cures if cure not in ill])
        if request.last:
            left = {_subject(cure) for cure in ill}
            await self._report(request.span, (p for p in problems if p.subject in left))
        return StillIll(cures=ill)

    @activity.defn
    async def end_check(self, request: EndCheck) -> Reconciled:
        """Close what was not found any more. A repeat closes nothing else."""
        span, board = request.span, self._books.board
        await board.close_unseen(
            before=span.began_at,
            at=_now(span),
            kinds=KINDS if request.order_id is None else KINDS_OF_AN_ORDER,
            order_id=request.order_id,
        )
        found = await board.count_seen(since=span.began_at, order_id=request.order_id)
        if request.order_id is None:
            await board.note_run(
                CheckRun(
                    id=request.run_id,
                    began_at=span.began_at,
                    ended_at=_now(span),
                    orders_checked=request.orders_checked,
                    healed=request.healed,
                    found=found,
                )
            )
        log.info(
            "reconciled",
            order_id=request.order_id,
            orders_checked=request.orders_checked,
            healed=request.healed,
            found=found,
        )
        return Reconciled(orders_checked=request.orders_checked, healed=request.healed, found=found)

    async def _look(self, span: Span, page: Page) -> Looked:
        """Everything at a glance, and then whatever is doubtful with its workflows."""
        about_orders = _about_orders(page.suspects)
        glance = await self._reader.read(about_orders, known=page.intents)
        doubtful = {
            case.order_id
            for case in glance.cases
            if case.order_id in glance.moving or is_doubtful(case, now(), self._patience)
        }
        closely = await self._reader.read_closely(
            [each for each in about_orders if each.order_id in doubtful]
        )
        problems = [problem for case in closely for problem in self._problems(case)]
        clear = [case for case in glance.cases if case.order_id not in doubtful]
        problems += await self._events([*clear, *closely], problems)
        problems += await self._letters(page.suspects)
        await self._report(span, (problem for problem in problems if problem.cure is None))
        return Looked(
            orders_checked=sum(case.order is not None for case in glance.cases),
            cures=[problem.cure for problem in problems if problem.cure is not None],
        )

    def _problems(self, case: Case) -> list[Problem]:
        return judge(case, now(), self._patience)

    async def _events(self, cases: Sequence[Case], problems: Sequence[Problem]) -> list[Problem]:
        """Take note of events whose order is as it should be; the others have had no effect.

        What is being healed has come in this run or the last: the next one sees to its events.
        """
        wrong = {problem.order_id for problem in problems}
        healing = {problem.order_id for problem in problems if problem.cure is not None}
        by_event = {
            each.event_id: case for case in cases for each in case.suspects if each.event_id
        }
        left: list[Problem] = []
        for event in (await self._books.payments.events(by_event)).values():
            case = by_event[event.id]
            if case.order_id not in wrong and _had_effect(event, case):
                await self._books.paid.mark_handled(event.id, outcome="reconciled", at=now())
                unhandled = _unhandled(event, case)
                log.warning("healed", what=unhandled.key)
                await self._books.board.note_healed(_finding(unhandled, at=now()), at=now())
            elif case.order_id not in healing:
                left.append(_unhandled(event, case))
        return left

    async def _letters(self, suspects: Sequence[Suspect]) -> list[Problem]:
        """Letters that Temporal has never heard of; it was away when they were asked for."""
        asked = {suspect.letter_id for suspect in suspects if suspect.letter_id}
        waiting = await self._books.letters.still_unsettled(asked) if asked else set()
        unheard = []
        for letter_id in sorted(waiting):
            found = await self._books.workflows.find(letter_workflow_id(letter_id))
            if found.standing == "missing":
                unheard.append(_unwritten(letter_id))
        return unheard

    async def _report(self, span: Span, problems: Iterable[Problem]) -> None:
        for problem in problems:
            if problem.kind is not None:
                await self._put_on_board(span, problem)

    async def _put_on_board(self, span: Span, problem: Problem) -> None:
        is_new = await self._books.board.report(_finding(problem, at=_now(span)))
        if is_new:
            log.error(
                "invariant_broken",
                kind=problem.kind,
                subject=problem.subject,
                order_id=problem.order_id,
                detail=problem.detail,
            )

    async def _note_healed(self, cures: Sequence[Cure]) -> None:
        for cure in cures:
            log.warning("healed", what=cure.key, remedy=cure.remedy, order_id=cure.order_id)
            kind, _, subject = cure.key.partition(":")
            if kind in KINDS:
                finding = Finding(
                    id=cure.key,
                    kind=kind,
                    subject=subject,
                    detail=cure.detail,
                    order_id=cure.order_id or None,
                    ticket_id=cure.ticket_id or None,
                    payment_intent_id=cure.payment_intent_id or None,
                    found_at=now(),
                    seen_at=now(),
                )
                await self._books.board.note_healed(finding, at=now())


def _finding(problem: Problem, *, at: datetime) -> Finding:
    return Finding(
        id=problem.key,
        kind=str(problem.kind),
        subject=problem.subject,
        detail=problem.detail,
        order_id=problem.order_id,
        ticket_id=problem.ticket_id,
        payment_intent_id=problem.payment_intent_id,
        found_at=at,
        seen_at=at,
    )


def _subject(cure: Cure) -> str:
    """What is ill. It is healed when nothing is wrong with it any more, under whatever name."""
    return cure.key.partition(":")[2]


def _about_orders(suspects: Iterable[Suspect]) -> list[Suspect]:
    return [suspect for suspect in suspects if suspect.letter_id is None]


def _now(span: Span) -> datetime:
    """Never before the run began: the servers of Temporal have a clock each."""
    return max(now(), span.began_at)


def _had_effect(event: InboxEvent, case: Case) -> bool:
    """Whether the order shows what the event says, as far as a check can tell."""
    if case.order_id is None:
        return False
    if not event.type.startswith("charge.dispute."):
        return True
    dispute = case.order.dispute if case.order else None
    return dispute is not None and dispute.id == event.object_id


def _unhandled(event: InboxEvent, case: Case) -> Problem:
    about = f"order {case.order_id}" if case.order_id else "nothing that we know"
    return Problem(
        Invariant.EVERY_EVENT_HANDLED,
        event.id,
        f"Event {event.type} about {event.object_id}, which is {about}, came"
        f" {moment(event.received_at)} and has had no effect.",
        order_id=case.order_id,
        ticket_id=case.order.ticket_id if case.order else None,
    )


def _unwritten(letter_id: str) -> Problem:
    subject = f"letter-{letter_id}"
    problem = Problem(None, subject, "A letter was asked for, and nobody writes it.")
    cure = Cure(
        key=problem.key,
        remedy=Remedy.SEND_LETTER,
        suspect=Suspect(letter_id=letter_id),
        letter_id=letter_id,
    )
    return problem._replace(cure=cure)
