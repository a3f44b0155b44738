"""How a workflow waits for a service that is away, and how a person cuts a pause short."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from temporalio import workflow
from temporalio.workflow import ActivityHandle

Answer = TypeVar("Answer")


class Patience:
    """One wait at a time; ``changed`` is called when it begins and when it ends."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._pausing = False
        self.hurried = False
        """Whether somebody cut the last wait short."""
        self.since: datetime | None = None
        """When the service failed to answer, in UTC; None while it does."""

    @property
    def can_be_hurried(self) -> bool:
        """Whether the next try comes by itself, and nobody has asked for it yet."""
        return self._pausing and not self.hurried

    def hurry(self) -> None:
        """Have the next try made at once. Repeating it, or doing it for nothing, is harmless."""
        self.hurried = self._pausing

    async def outlast(self, tries: ActivityHandle[Answer]) -> Answer:
        """The answer; in a hurry the failure of the last try, or a cancellation between two.

        A try that is at work is waited for, so that there are never two at once: ``tries`` must
        have the cancellation type ``WAIT_CANCELLATION_COMPLETED``.
        """
        self._pausing, self.hurried = True, False
        # Looked at when all that has arrived is taken in: an answer that comes together with the
        # person is not thrown away.
        await workflow.wait_condition(lambda: tries.done() or self.hurried)
        if not tries.done():
            tries.cancel()
        try:
            return await tries
        finally:
            self._pausing = False

    def begin(self) -> None:
        """The service did not answer."""
        if self.since is None:
            self.since = workflow.now()
            self._changed()

    def end(self) -> None:
        """It answered, or there is nothing more to ask."""
        if self.since is not None:
            self.since = None
            self._changed()
