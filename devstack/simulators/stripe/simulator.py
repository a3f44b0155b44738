"""The simulator as a whole: its state, and what it does by itself in the background."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from devstack.simulators.stripe import outbox, timers
from devstack.simulators.stripe.clock import Clock
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.faults import Faults
from devstack.simulators.stripe.idempotency import Answers
from devstack.simulators.stripe.settings import StripeSettings
from devstack.simulators.stripe.store import Store
from devstack.simulators.stripe.webhooks import Deliverer
from devstack.simulators.stripe.work import Work

LOG: Final = logging.getLogger(__name__)
REMEMBERED_REQUESTS: Final = 10_000
LONGEST_SLEEP: Final = 60.0


class Simulator:
    """One account at Stripe."""

    def __init__(self, settings: StripeSettings) -> None:
        self.settings = settings
        self.store = Store(settings.data)
        self.clock = Clock(self.store)
        self.answers = Answers(self.store, self.clock, settings.idempotency_seconds)
        self.faults = Faults()
        self.requests: deque[Document] = deque(maxlen=REMEMBERED_REQUESTS)
        """What was asked, without bodies; forgotten at a restart."""
        self.stopping = asyncio.Event()
        """Set at the end, so that planted timeouts let go."""
        self.deliverer = Deliverer(self.store, self.clock, settings)
        if settings.webhook_url:
            endpoint = outbox.Endpoint(settings.webhook_url, settings.webhook_secret)
            outbox.set_endpoint(self.store, endpoint)

    @contextmanager
    def working(self) -> Iterator[Work]:
        """One transaction of the simulator's own, after which deliveries are looked at again."""
        with self.store.transaction():
            yield self._own_work()
        self.deliverer.changed.set()

    def run_timers(self) -> None:
        """Do what is due; called inside a transaction, so that no request sees an overdue hold."""
        if timers.run_due(self._own_work()):
            self.deliverer.changed.set()

    async def run(self) -> None:
        """Deliver webhooks and let time pass until cancelled."""
        while True:
            self.deliverer.changed.clear()
            try:
                wait = self._pass_time()
            except Exception:
                # One bad object must not end all deliveries of a long-running stack.
                LOG.exception("the background work failed and is tried again")
                wait = 1.0
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self.deliverer.changed.wait()

    async def close(self) -> None:
        """Break off deliveries and give the file back."""
        await self.deliverer.close()
        self.store.close()

    def _pass_time(self) -> float:
        with self.store.transaction():
            self.run_timers()
            to_timer = timers.seconds_to_next(self._own_work())
        to_delivery = self.deliverer.start_due()
        return min(LONGEST_SLEEP, to_delivery, LONGEST_SLEEP if to_timer is None else to_timer)

    def _own_work(self) -> Work:
        return Work(self.store, self.clock, self.settings)
