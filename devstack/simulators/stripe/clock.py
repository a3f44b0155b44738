"""The simulator's clock: real time plus an offset that a test may move."""

import time

from devstack.simulators.stripe.store import Store

SETTING = "clock_offset_seconds"


class Clock:
    """Says what time it is at Stripe; the offset survives a restart."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._offset = float(store.setting(SETTING, 0.0))

    @property
    def offset(self) -> float:
        """Seconds ahead of real time (negative: behind)."""
        return self._offset

    def move(self, offset: float) -> None:
        """Set the offset in seconds."""
        self._offset = offset
        self._store.set_setting(SETTING, offset)

    def exact(self) -> float:
        """Unix time with its fraction, for timers and retries."""
        return time.time() + self._offset

    def now(self) -> int:
        """Unix time in whole seconds, as Stripe's objects carry it."""
        return int(self.exact())
