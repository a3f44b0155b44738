"""What settling an orphan payment asks of the world."""

from abc import ABC, abstractmethod
from datetime import datetime

from temporalio import activity

from workflows.messages import OutsideRequest
from workflows.orphan.messages import OrphanSettlement


class SettleOrphan(OutsideRequest):
    """Return whatever this PaymentIntent holds, unless its order is entitled to it."""

    order_id: str
    payment_intent_id: str
    at: datetime


class OrphanSteps(ABC):
    """Stripe and the books, seen from the orphan handler."""

    @activity.defn
    @abstractmethod
    async def settle_orphan(self, request: SettleOrphan) -> OrphanSettlement:
        """Void or refund it and record what was done; a repeat finds nothing left to do."""
