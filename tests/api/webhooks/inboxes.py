"""How not to keep events, and a way to try it."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy

from typing_extensions import override

from services.payments.documents import InboxEvent, InboxStatus
from services.payments.store import PaymentStore
from tests.api.market import Market


class NoInbox(PaymentStore):
    """Every event is as if it came for the first time, and nothing is known of it later."""

    @override
    async def receive(self, event: InboxEvent) -> InboxEvent:
        return event


class TakenIsDone(PaymentStore):
    """What has come before counts as handled, whether it was or not."""

    @override
    async def receive(self, event: InboxEvent) -> InboxEvent:
        kept = await super().receive(event)
        return kept if kept is event else kept.model_copy(update={"status": InboxStatus.HANDLED})


@contextmanager
def events_kept_in(market: Market, payments: PaymentStore) -> Iterator[None]:
    """The API keeps events there inside the block."""
    usual = market.app.state.stripe_events
    other = copy(usual)
    other._payments = payments
    market.app.state.stripe_events = other
    try:
        yield
    finally:
        market.app.state.stripe_events = usual
