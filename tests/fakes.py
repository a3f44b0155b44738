"""In-memory steps for workflow tests: the same promises as the real ones, and a script of faults.

Workflow tests are about decisions and time. What the steps do to real servers is tested where the
steps are.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio import activity
from temporalio.exceptions import ApplicationError

from workflows.closure.messages import CloseAccount, Remainder
from workflows.closure.steps import ClosureSteps
from workflows.errors import StepFailure
from workflows.letters.steps import LetterSteps, SendLetter
from workflows.mail_steps import MailReason, MailSteps, SendMail
from workflows.orphan.messages import OrphanSettlement
from workflows.orphan.steps import OrphanSteps, SettleOrphan
from workflows.purchase.payment_steps import (
    CapturePayment,
    ChangePayment,
    ClosePayment,
    LookAtPayment,
    OpenedPayment,
    OpenPayment,
    PaymentSeen,
    PaymentStanding,
    PaymentSteps,
    ReturnPayment,
)
from workflows.purchase.steps import (
    AbandonOrder,
    BillingInForce,
    BillShown,
    CancelOrder,
    CompleteOrder,
    ExtendHold,
    Hold,
    LookAtBill,
    LookAtDeadline,
    LookAtSale,
    NoteDecline,
    NoteExtension,
    NotePayment,
    NoteRetry,
    OpenOrder,
    OrderSteps,
    Price,
    PriceOrder,
    ReserveTicket,
    TicketSteps,
)
from workflows.reconciliation.messages import Cure, Reconciled, Span
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
from workflows.refund.messages import RefundStatus
from workflows.refund.steps import (
    BeginRefund,
    LookAtRefund,
    NoteRefund,
    RefundDue,
    RefundOrderSteps,
    RefundPayment,
    RefundPaymentSteps,
    RefundSeen,
)

CHECKED_AT: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)


def outage() -> ApplicationError:
    """The other side does not answer now, and may later."""
    return ApplicationError("away", type="Away")


def final() -> ApplicationError:
    """The other side will never do this, whatever it is."""
    return ApplicationError("never", type="Never", non_retryable=True)


def refusal(*details: str) -> ApplicationError:
    """The other side will never do this, and may say why."""
    return ApplicationError("no", *details, type=StepFailure.PAYMENT_REFUSED, non_retryable=True)


def stored_answer() -> ApplicationError:
    """The idempotency key only repeats a server error."""
    return ApplicationError("500", type=StepFailure.ANSWER_STORED, non_retryable=True)


@dataclass
class Script:
    """Which calls of which step fail, and what was called, in order."""

    faults: dict[str, list[ApplicationError]] = field(default_factory=lambda: defaultdict(list))
    calls: list[str] = field(default_factory=list)

    def step(self, name: str) -> None:
        """Note the call, and fail if the script says so."""
        self.calls.append(name)
        if self.faults[name]:
            raise self.faults[name].pop(0)


class FakeTickets(TicketSteps):
    """One market of tickets: who holds what."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.held_by: dict[str, str] = {}
        self.sold_to: dict[str, str] = {}
        self.fenced: set[tuple[str, str]] = set()
        self.until: dict[str, datetime] = {}

    @activity.defn
    async def reserve_ticket(self, request: ReserveTicket) -> bool:
        """Hold it, unless somebody else does or this order gave it back."""
        self._script.step("reserve_ticket")
        if (request.ticket_id, request.order_id) in self.fenced:
            return False
        if self.held_by.setdefault(request.ticket_id, request.order_id) != request.order_id:
            return False
        self.until[request.ticket_id] = request.until
        return True

    @activity.defn
    async def extend_hold(self, request: ExtendHold) -> None:
        """Hold it longer."""
        self._script.step("extend_hold")
        self.until[request.ticket_id] = request.until

    @activity.defn
    async def release_ticket(self, request: Hold) -> None:
        """Let go, for good."""
        self._script.step("release_ticket")
        self.fenced.add((request.ticket_id, request.order_id))
        if self.held_by.get(request.ticket_id) == request.order_id:
            del self.held_by[request.ticket_id]
            self.sold_to.pop(request.ticket_id, None)

    @activity.defn
    async def sell_ticket(self, request: Hold) -> bool:
        """Sell what is held."""
        self._script.step("sell_ticket")
        if self.held_by.get(request.ticket_id) != request.order_id:
            return False
        self.sold_to[request.ticket_id] = request.order_id
        return True


Told = tuple[str, str | None, str | None, str | None]


class FakeOrders(OrderSteps, RefundOrderSteps):
    """The order as its buyer would read it."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.status: dict[str, str] = {}
        self.timeline: list[str] = []
        self.prices: dict[str, int] = {}
        self.total = 0
        self.expires_at: datetime | None = None
        self.promised: dict[str, datetime] = {}
        """The deadline that each buyer reads."""
        self.steered: list[Told] = []
        """What operators did: what, about, actor, why. A repeat is told once."""
        self.refuse_to_open = False
        self.shown: BillShown | None = None
        self.refund_status = ""
        self.turn = 0
        self.disputed = False
        self.said: list[tuple[str | None, str | None]] = []
        """Which operator asked for something, and why."""

    @activity.defn
    async def open_order(self, request: OpenOrder) -> bool:
        """Write it down."""
        self._script.step("open_order")
        if self.refuse_to_open:
            return False
        self.status[request.order_id] = "created"
        self.expires_at = self.promised[request.order_id] = request.expires_at
        return True

    @activity.defn
    async def abandon_order(self, request: AbandonOrder) -> bool:
        """Only what was never written."""
        self._script.step("abandon_order")
        return request.order_id not in self.status

    @activity.defn
    async def price_order(self, request: PriceOrder) -> Price:
        """What the address costs; 11300 unless the test says otherwise."""
        self._script.step("price_order")
        return Price(amount=self.prices.get(request.billing_id, 11300), currency="CAD")

    @activity.defn
    async def put_billing_in_force(self, request: BillingInForce) -> None:
        """Payable now."""
        self._script.step("put_billing_in_force")
        self.status[request.order_id] = "awaiting_payment"
        self.total = request.amount
        self.shown = BillShown(payment_intent_id=request.payment_intent_id, amount=request.amount)

    @activity.defn
    async def look_at_bill(self, request: LookAtBill) -> BillShown | None:
        """What the buyer reads."""
        self._script.step("look_at_bill")
        return self.shown

    @activity.defn
    async def note_extension(self, request: NoteExtension) -> None:
        """A later deadline."""
        self._script.step("note_extension")
        self.expires_at = self.promised[request.order_id] = request.expires_at
        self._tell("extended", request.about, request.actor, request.why)

    @activity.defn
    async def look_at_deadline(self, request: LookAtDeadline) -> datetime | None:
        """What the buyer reads."""
        self._script.step("look_at_deadline")
        return self.promised.get(request.order_id)

    @activity.defn
    async def look_at_sale(self, request: LookAtSale) -> bool:
        """What has become of it."""
        self._script.step("look_at_sale")
        return self.status.get(request.order_id) in ("complete", "refunding", "refunded")

    @activity.defn
    async def note_retry(self, request: NoteRetry) -> None:
        """Somebody was in a hurry."""
        self._script.step("note_retry")
        self._tell("retried", request.about, request.actor, request.why)

    @activity.defn
    async def note_decline(self, request: NoteDecline) -> None:
        """The bank said no."""
        self._script.step("note_decline")
        self.timeline.append(f"declined: {request.code}")

    @activity.defn
    async def note_authorization(self, request: NotePayment) -> None:
        """The bank holds the money."""
        self._script.step("note_authorization")

    @activity.defn
    async def complete_order(self, request: CompleteOrder) -> None:
        """Sold."""
        self._script.step("complete_order")
        self.status[request.order_id] = "complete"

    @activity.defn
    async def cancel_order(self, request: CancelOrder) -> None:
        """Over."""
        self._script.step("cancel_order")
        self.status[request.order_id] = f"cancelled: {request.reason}"
        self._tell("cancelled", None, request.actor, request.why)

    @activity.defn
    async def begin_refund(self, request: BeginRefund) -> RefundDue:
        """Claim a complete order, or one whose refund failed."""
        self._script.step("begin_refund")
        status, failed = self.status.get(request.order_id), self.refund_status == "failed"
        if status == "complete" or (failed and status in ("refunding", "refunded")):
            if self.disputed and request.adopt is None:
                return RefundDue(disputed=True)
            self.status[request.order_id], self.refund_status = "refunding", "requested"
            self.turn += 1
            self.said.append((request.actor, request.why))
        if self.status.get(request.order_id) != "refunding":
            return RefundDue()
        return RefundDue(amount=11300, payment_intent_id="pi_1", turn=self.turn)

    @activity.defn
    async def note_refund(self, request: NoteRefund) -> None:
        """How it stands."""
        self._script.step("note_refund")
        self.timeline.append(f"refund {request.status}")
        self.refund_status = str(request.status)
        if request.actor is not None:
            self.said.append((request.actor, request.why))
        if request.status in (RefundStatus.SUCCEEDED, RefundStatus.SETTLED):
            self.status[request.order_id] = "refunded"

    def _tell(self, what: str, about: str | None, actor: str | None, why: str | None) -> None:
        told = (what, about, actor, why)
        if actor is not None and told not in self.steered:
            self.steered.append(told)


class FakeStripe(PaymentSteps, RefundPaymentSteps, OrphanSteps):
    """One PaymentIntent and what became of its money."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.amount = 0
        self.attempts: list[int] = []
        self.authorized_at: datetime | None = None
        self.standing = PaymentStanding.UNPAID
        self.declined: tuple[str, str] | None = None
        self.captured = 0
        self.refunded = 0
        self.seconds_to_open = 0.0
        self.slow_capture: asyncio.Event | None = None
        """While this is there and not set, captures are under way."""
        self.captures_under_way = 0
        self.most_captures_at_once = 0
        self.refund_answers: list[RefundStatus] = [RefundStatus.SUCCEEDED]
        self.turns: list[int] = []
        self.looked_at: list[str] = []

    def authorize(self, at: datetime) -> None:
        """The buyer's bank holds the money from this moment."""
        self.standing, self.authorized_at = PaymentStanding.AUTHORIZED, at

    @activity.defn
    async def open_payment(self, request: OpenPayment) -> OpenedPayment:
        """Make it."""
        self.attempts.append(request.attempt)
        await asyncio.sleep(self.seconds_to_open)
        self._script.step("open_payment")
        self.amount = request.amount
        return OpenedPayment(payment_intent_id="pi_1", amount=self.amount)

    @activity.defn
    async def change_payment(self, request: ChangePayment) -> OpenedPayment:
        """Another amount, while it is unpaid."""
        self._script.step("change_payment")
        if self.standing is PaymentStanding.UNPAID:
            self.amount = request.amount
        return OpenedPayment(payment_intent_id="pi_1", amount=self.amount)

    @activity.defn
    async def look_at_payment(self, request: LookAtPayment) -> PaymentSeen:
        """Read it."""
        self._script.step("look_at_payment")
        return self._seen()

    @activity.defn
    async def capture_payment(self, request: CapturePayment) -> None:
        """Take it, if it is exactly what is held."""
        self.attempts.append(request.attempt)
        self.captures_under_way += 1
        self.most_captures_at_once = max(self.most_captures_at_once, self.captures_under_way)
        try:
            if self.slow_capture is not None:
                await self.slow_capture.wait()
        finally:
            self.captures_under_way -= 1
        self._script.step("capture_payment")
        if self.standing is PaymentStanding.CANCELED or self.amount != request.amount:
            raise refusal()
        self.standing, self.captured = PaymentStanding.CAPTURED, request.amount

    @activity.defn
    async def close_payment(self, request: ClosePayment) -> PaymentSeen:
        """Cancel it, unless it was authorised in time."""
        self._script.step("close_payment")
        keep_by = request.keep_if_authorized_by
        in_time = keep_by and self.authorized_at and self.authorized_at <= keep_by
        if self.standing is not PaymentStanding.CAPTURED and not in_time:
            self.standing = PaymentStanding.CANCELED
        return self._seen()

    @activity.defn
    async def return_payment(self, request: ReturnPayment) -> None:
        """Give it back."""
        self._script.step("return_payment")
        self.refunded = self.captured

    @activity.defn
    async def refund_payment(self, request: RefundPayment) -> RefundSeen:
        """Give it back on request."""
        self.attempts.append(request.attempt)
        self.turns.append(request.turn)
        self._script.step("refund_payment")
        return self._refund_seen()

    @activity.defn
    async def look_at_refund(self, request: LookAtRefund) -> RefundSeen:
        """Read it."""
        self.looked_at.append(request.refund_id)
        self._script.step("look_at_refund")
        return self._refund_seen()

    @activity.defn
    async def settle_orphan(self, request: SettleOrphan) -> OrphanSettlement:
        """Void it."""
        self._script.step("settle_orphan")
        return OrphanSettlement.VOIDED

    def _seen(self) -> PaymentSeen:
        attempt, code = self.declined or (None, None)
        return PaymentSeen(
            standing=self.standing,
            authorized_at=self.authorized_at,
            declined_attempt_id=attempt,
            declined_code=code,
        )

    def _refund_seen(self) -> RefundSeen:
        answers = self.refund_answers
        status = answers.pop(0) if len(answers) > 1 else answers[0]
        if status is RefundStatus.SUCCEEDED:
            self.refunded = 11300
        return RefundSeen(refund_id="re_1", status=status)


class FakePost(MailSteps, LetterSteps):
    """What was posted."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.sent: list[MailReason] = []
        self.given_up: list[MailReason] = []
        self.letters: list[str] = []
        self.asked = asyncio.Event()
        self.closed: asyncio.Event | None = None
        """While this is there and not set, nothing leaves."""

    @activity.defn
    async def send_mail(self, request: SendMail) -> None:
        """Post it."""
        self.asked.set()
        if self.closed is not None:
            await self.closed.wait()
        self._script.step("send_mail")
        self.sent.append(request.reason)

    @activity.defn
    async def report_unsent(self, request: SendMail) -> None:
        """Nobody will try any more."""
        self._script.step("report_unsent")
        self.given_up.append(request.reason)

    @activity.defn
    async def send_letter(self, request: SendLetter) -> None:
        """Post it."""
        self._script.step("send_letter")
        self.letters.append(request.request_id)


class FakeClosures(ClosureSteps):
    """What was done for somebody who leaves; ``left`` is what each look finds still under way."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.done: list[str] = []
        self.left: list[int] = []

    @activity.defn
    async def forget_account(self, request: CloseAccount) -> None:
        """Forget it."""
        self._script.step("forget_account")
        self.done.append("forgotten")

    @activity.defn
    async def withdraw_listings(self, request: CloseAccount) -> Remainder:
        """Some may be reserved."""
        self._script.step("withdraw_listings")
        self.done.append("withdrawn")
        return Remainder(left=self.left.pop(0) if self.left else 0)

    @activity.defn
    async def anonymise_orders(self, request: CloseAccount) -> Remainder:
        """None is open."""
        self._script.step("anonymise_orders")
        self.done.append("anonymised")
        return Remainder(left=0)


class FakeChecks(ReconciliationSteps):
    """What looks find, page by page, and how often a remedy is looked at before it has helped."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.pages: list[list[Cure]] = [[]]
        self.looks_until_healed = 1
        self.reported: list[str] = []
        self._looked = 0

    @activity.defn
    async def begin_check(self, request: BeginCheck) -> Span:
        """An hour back."""
        self._script.step("begin_check")
        return Span(began_at=CHECKED_AT, since=CHECKED_AT - timedelta(hours=1))

    @activity.defn
    async def check_page(self, request: CheckPage) -> Looked:
        """One order, and whatever is wrong with it."""
        self._script.step("check_page")
        done = int(request.place.after or 0)
        more = done + 1 < len(self.pages)
        place = request.place.model_copy(update={"after": str(done + 1)})
        return Looked(orders_checked=1, cures=self.pages[done], next=place if more else None)

    @activity.defn
    async def check_order(self, request: CheckOrder) -> Looked:
        """The first page is this order's."""
        self._script.step("check_order")
        return Looked(orders_checked=1, cures=self.pages[0])

    @activity.defn
    async def check_again(self, request: CheckAgain) -> StillIll:
        """It takes as many looks as the test says."""
        self._script.step("check_again")
        self._looked += 1
        if self._looked >= self.looks_until_healed:
            return StillIll(cures=[])
        if request.last:
            self.reported += [cure.key for cure in request.cures]
        return StillIll(cures=request.cures)

    @activity.defn
    async def end_check(self, request: EndCheck) -> Reconciled:
        """What it came to."""
        self._script.step("end_check")
        return Reconciled(
            orders_checked=request.orders_checked,
            healed=request.healed,
            found=len(self.reported),
        )
