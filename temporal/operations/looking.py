"""How the workflows of an order stand right now. What does not answer is left open."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError

from temporal.calls import NobodyAnsweredError, TooLateError, answered
from temporal.lookup import Found, Standing, WorkflowLookup
from temporal.operations.actions import Operations
from workflows.orphan.address import orphan_workflow_id
from workflows.purchase.address import purchase_workflow_id
from workflows.purchase.messages import PurchaseState, WaitingFor
from workflows.refund.address import refund_workflow_id
from workflows.rescue.address import rescue_workflow_id

__all__ = ["PurchaseState", "Seen", "WaitingFor", "WorkflowWindow", "Workflows"]

LOOK_WITHIN: Final = timedelta(seconds=2)
"""How long somebody who looks waits for Temporal, and again for a worker, before going without."""
NO_ANSWER: Final = (
    NobodyAnsweredError,
    TooLateError,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)


@dataclass(frozen=True)
class Seen:
    """One workflow."""

    workflow_id: str
    found: Found | None
    """None: Temporal did not answer."""
    says: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is known to go on."""
        return self.found is not None and self.found.is_open

    @property
    def is_there(self) -> bool:
        """Whether Temporal is known to know of it."""
        return self.found is not None and self.found.standing is not Standing.MISSING


@dataclass(frozen=True)
class Workflows:
    """The workflows of one order."""

    purchase: Seen
    refund: Seen
    rescue: Seen
    """What a check has started to put the order right."""
    orphan: Seen | None
    """Of its PaymentIntent, if it has one."""
    state: PurchaseState | None
    """What the open purchase says; None when it is over or did not answer."""


class WorkflowWindow:
    """Looks at workflows; nobody's silence makes it fail."""

    def __init__(self, client: Client, ui_url: str) -> None:
        self._client = client
        self._ui_url = ui_url
        self._lookup = WorkflowLookup(client)
        self._operations = Operations(client)

    async def look(self, order_id: str, payment_intent_id: str | None) -> Workflows:
        """All that there is about an order, asked for at once."""
        purchase, refund, rescue, orphan = await asyncio.gather(
            self._purchase(order_id),
            self._see(refund_workflow_id(order_id)),
            self._see(rescue_workflow_id(order_id)),
            self._orphan(payment_intent_id),
        )
        seen, state = purchase
        return Workflows(seen, refund, rescue, orphan, state)

    def url(self, workflow_id: str) -> str | None:
        """Where people look at it."""
        if not self._ui_url:
            return None
        namespace, name = (quote(each, safe="") for each in (self._client.namespace, workflow_id))
        return f"{self._ui_url.rstrip('/')}/namespaces/{namespace}/workflows/{name}"

    async def _purchase(self, order_id: str) -> tuple[Seen, PurchaseState | None]:
        seen, state = await asyncio.gather(
            self._see(purchase_workflow_id(order_id)), self._state(order_id)
        )
        return seen, state if seen.is_open else None

    async def _orphan(self, payment_intent_id: str | None) -> Seen | None:
        if payment_intent_id is None:
            return None
        return await self._see(orphan_workflow_id(payment_intent_id))

    async def _see(self, workflow_id: str) -> Seen:
        try:
            async with answered(within=LOOK_WITHIN):
                found = await self._lookup.find(workflow_id)
        except NO_ANSWER:
            return Seen(workflow_id, None)
        return Seen(workflow_id, found, await self._says(workflow_id) if found.is_open else None)

    async def _says(self, workflow_id: str) -> str | None:
        try:
            async with answered(within=LOOK_WITHIN):
                return await self._lookup.says(workflow_id)
        except NO_ANSWER:
            return None

    async def _state(self, order_id: str) -> PurchaseState | None:
        try:
            async with answered(within=LOOK_WITHIN):
                return await self._operations.state(order_id)
        except NO_ANSWER:
            return None
