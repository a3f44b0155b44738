"""One purchase with everything that is known about it."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from api.operations.schemas import Action, PurchaseDetail, WorkflowView
from api.operations.views import finding_view, purchase_view, timeline
from services.clock import now
from services.operations.store import OperationsStore
from services.orders.documents import OPEN, Order, OrderStatus
from services.orders.store import OrderStore
from services.payments.store import PaymentStore
from temporal.operations.looking import (
    PurchaseState,
    Seen,
    WaitingFor,
    Workflows,
    WorkflowWindow,
)

OF_STRIPE: Final = re.compile(r"(pi|ch|py|re|pyr|dp|du)_[A-Za-z0-9_]+")
"""The ids of objects at Stripe that a timeline may name and events may be about."""
UNKNOWN: Final = "unknown"


class Details:
    """Puts together what the stores and Temporal know of one order."""

    def __init__(
        self,
        orders: OrderStore,
        payments: PaymentStore,
        findings: OperationsStore,
        window: WorkflowWindow,
    ) -> None:
        self._orders = orders
        self._payments = payments
        self._findings = findings
        self._window = window

    async def of(self, order: Order) -> PurchaseDetail:
        """Temporal may be away: then workflows are unknown and nothing can be done."""
        intent = order.payment.payment_intent_id
        workflows = await self._window.look(order.id, intent)
        findings = await self._findings.of_orders([order.id])
        events = await self._payments.events_about(objects_of(order))
        orphan = await self._payments.orphan(intent) if intent else None
        return PurchaseDetail(
            purchase=purchase_view(order, len(findings)),
            timeline=timeline(order, events, orphan, await self._orders.mails_of(order.id)),
            workflows=[self._workflow(seen) for seen in shown(order, workflows)],
            findings=[finding_view(finding) for finding in findings],
            actions=possible(order, workflows),
        )

    def _workflow(self, seen: Seen) -> WorkflowView:
        found = seen.found
        return WorkflowView(
            workflow_id=seen.workflow_id,
            status=found.standing if found else UNKNOWN,
            started_at=found.started_at if found else None,
            closed_at=found.closed_at if found else None,
            says=seen.says,
            url=self._window.url(seen.workflow_id),
        )


def objects_of(order: Order) -> list[str]:
    """What events about this order can be about at Stripe."""
    named = {entry.about for entry in order.timeline}
    named |= {order.payment.payment_intent_id, order.refund.id if order.refund else None}
    named |= {order.dispute.id if order.dispute else None}
    return sorted(each for each in named if each and OF_STRIPE.fullmatch(each))


def shown(order: Order, workflows: Workflows) -> Iterator[Seen]:
    """The purchase always; the others if there is something to see, or if there should be."""
    yield workflows.purchase
    if order.refund is not None or workflows.refund.is_there:
        yield workflows.refund
    for other in (workflows.rescue, workflows.orphan):
        if other is not None and other.is_there:
            yield other


def possible(order: Order, workflows: Workflows) -> list[Action]:
    """What can be done now. It is a hint: the workflow decides when it is done."""
    if order.status in OPEN and workflows.purchase.is_open:
        return _while_open(workflows.state, now()) if workflows.state else []
    failed = order.refund is not None and order.refund.status == "failed"
    if workflows.refund.found is None or not (order.status is OrderStatus.COMPLETE or failed):
        return []
    frozen = order.dispute is not None and order.dispute.freezes_refunds
    again = [] if frozen else [Action.REFUND]
    waits = order.status is OrderStatus.REFUNDING and workflows.refund.is_open
    return [*again, Action.SETTLE_REFUND] if waits else again


def _while_open(state: PurchaseState, at: datetime) -> list[Action]:
    """Until the money is held in time, somebody has cancelled, or the deadline has passed."""
    held = state.authorized_at is not None and state.authorized_at <= state.deadline
    undecided = not held and state.cancel_reason is None and at < state.deadline
    waits = state.waiting_for is WaitingFor.STRIPE
    return [
        *((Action.EXTEND, Action.CANCEL) if undecided else ()),
        *((Action.RETRY_CAPTURE,) if waits else ()),
    ]
