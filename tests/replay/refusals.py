"""Paths on which somebody was told no, or changed their mind; see ``record.py``."""

import asyncio
from datetime import timedelta
from typing import Any, Final

from temporalio.client import WorkflowHandle

from tests.builders import a_purchase
from tests.fakes import outage, refusal
from tests.workflows.refunds import ask_for_a_refund
from tests.workflows.stage import Stage
from workflows.purchase.messages import BillOrder, CancelPurchase
from workflows.purchase.workflow import PurchaseWorkflow
from workflows.refund.messages import RefundStatus
from workflows.refund.workflow import RefundWorkflow

Handle = WorkflowHandle[Any, Any]
HOME: Final = BillOrder(billing_id="home")


async def abandoned(stage: Stage) -> Handle:
    """No worker came before the buyer had given up."""
    handle, _ = await stage.start(a_purchase(stale_after=timedelta(seconds=-1)))
    return handle


async def withdrawn(stage: Stage) -> Handle:
    """The buyer was told that nobody had answered."""
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await handle.signal(PurchaseWorkflow.withdraw)
    return handle


async def asked_too_late(stage: Stage) -> Handle:
    """Another address and a cancellation came while the good news were on their way."""
    stage.post.closed = asyncio.Event()
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    await stage.pay(handle)
    await stage.post.asked.wait()
    await handle.execute_update(PurchaseWorkflow.bill, HOME)
    await handle.execute_update(PurchaseWorkflow.cancel, CancelPurchase())
    stage.post.closed.set()
    return handle


async def billed_later(stage: Stage) -> Handle:
    """Stripe did not answer while the buyer waited."""
    stage.script.faults["open_payment"] = [outage(), outage()]
    handle, _ = await stage.start(a_purchase())
    await handle.execute_update(PurchaseWorkflow.bill, HOME)
    await stage.environment.sleep(timedelta(seconds=10))
    await stage.pay(handle)
    return handle


async def billing_refused(stage: Stage) -> Handle:
    """Stripe would not take the order."""
    stage.script.faults["open_payment"] = [refusal()]
    handle, _ = await stage.start(a_purchase())
    await handle.execute_update(PurchaseWorkflow.bill, HOME)
    return handle


async def paid_for_nothing(stage: Stage) -> Handle:
    """The ticket was gone from under the order: the money goes back."""
    handle, _ = await stage.start(a_purchase(billing_id="home"))
    stage.tickets.held_by.clear()
    await stage.pay(handle)
    return handle


async def refund_refused(stage: Stage) -> Handle:
    """The order was not complete."""
    return (await ask_for_a_refund(stage, status="created")).handle


async def refunded_after_news(stage: Stage) -> Handle:
    """Stripe took its time, and said when it was through."""
    stage.stripe.refund_answers = [RefundStatus.PENDING, RefundStatus.SUCCEEDED]
    handle = (await ask_for_a_refund(stage)).handle
    await handle.signal(RefundWorkflow.refund_settled)
    return handle


REFUSALS: Final = (
    abandoned,
    withdrawn,
    asked_too_late,
    billed_later,
    billing_refused,
    paid_for_nothing,
    refund_refused,
    refunded_after_news,
)
