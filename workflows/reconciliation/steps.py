"""What a reconciliation asks of the world: looks and reports. What heals is done by workflows."""

from abc import ABC, abstractmethod

from pydantic import Field
from temporalio import activity

from workflows.messages import Message
from workflows.reconciliation.messages import Cure, Place, Reconciled, Span


class BeginCheck(Message):
    """A run begins; with an order id, of this order alone."""

    run_id: str
    order_id: str | None = None


class CheckPage(Message):
    """Look at what follows this place."""

    span: Span
    place: Place


class CheckOrder(Message):
    """Look at this order."""

    span: Span
    order_id: str


class Looked(Message):
    """What a look came to. What nobody can heal has been reported already."""

    orders_checked: int
    cures: list[Cure] = Field(default_factory=list)
    next: Place | None = None
    """Where to go on; None: that was the end."""


class CheckAgain(Message):
    """Have these remedies helped? What is still wrong at the ``last`` look is reported."""

    span: Span
    cures: list[Cure]
    last: bool


class StillIll(Message):
    """What has not been healed yet."""

    cures: list[Cure]


class EndCheck(Message):
    """Everything has been looked at."""

    run_id: str
    span: Span
    order_id: str | None
    orders_checked: int
    healed: int


class ReconciliationSteps(ABC):
    """Orders, tickets, payments, mail and workflows, compared. Every step may be repeated."""

    @activity.defn
    @abstractmethod
    async def begin_check(self, request: BeginCheck) -> Span:
        """Decide how far back to look: at least to where the last complete run began."""

    @activity.defn
    @abstractmethod
    async def check_page(self, request: CheckPage) -> Looked:
        """Compare one page of candidates; report what is wrong and has no remedy."""

    @activity.defn
    @abstractmethod
    async def check_order(self, request: CheckOrder) -> Looked:
        """Compare one order, whatever its age."""

    @activity.defn
    @abstractmethod
    async def check_again(self, request: CheckAgain) -> StillIll:
        """Look again after remedies, and take off the board what they have healed."""

    @activity.defn
    @abstractmethod
    async def end_check(self, request: EndCheck) -> Reconciled:
        """Take off the board what this run, which is complete, has not found any more."""
