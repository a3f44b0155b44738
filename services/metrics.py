"""What is measured of purchases, and the registry that a process keeps it in.

Labels take a few known values only; no id of anything is one.
"""

from enum import StrEnum
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

LAGS: Final = (
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
    *(300.0, 900.0, 3_600.0, 21_600.0, 86_400.0, 259_200.0),
)
"""Seconds, from what nobody notices to the three days for which Stripe repeats an event."""


class Outcome(StrEnum):
    """What can become of a purchase, in the order of the funnel."""

    RESERVED = "reserved"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    """By its buyer, by an operator, or because the payment failed."""
    REFUNDED = "refunded"


class Funnel:
    """How purchases go, as far as this process carries them.

    Told after the write that changed an order, and only when it did: a step that runs again counts
    nothing. A process that dies between the two, or is not told that its write was done, counts one
    too few, never one too many.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._purchases = Counter(
            "te_purchases",
            "Purchases that got so far.",
            ["outcome"],
            registry=registry,
        )
        for outcome in Outcome:  # a series that is not there is no zero to an alert
            self._purchases.labels(outcome)
        self._deadline_lag = Histogram(
            "te_deadline_lag_seconds",
            "From the end of a hold until its order is cancelled for it.",
            buckets=LAGS,
            registry=registry,
        )

    def count(self, outcome: Outcome) -> None:
        """One more."""
        self._purchases.labels(outcome).inc()

    def expired(self, seconds_late: float) -> None:
        """One more, which was cancelled so long after its deadline."""
        self.count(Outcome.EXPIRED)
        self._deadline_lag.observe(max(0.0, seconds_late))


class WebhookMetrics:
    """How Stripe's events reach us."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Histogram(
            "te_webhook_lag_seconds",
            "From the moment that Stripe made an event until it had its effect here.",
            buckets=LAGS,
            registry=registry,
        )

    def handled(self, seconds_late: float) -> None:
        """An event has had its effect. Our clock may be behind Stripe's."""
        self._lag.observe(max(0.0, seconds_late))


def new_registry() -> CollectorRegistry:
    """A registry of one process, with what the process itself uses."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry
