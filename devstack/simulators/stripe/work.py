"""What one request, hook or timer may use while it changes things, inside one transaction."""

from dataclasses import dataclass

from devstack.simulators.stripe.clock import Clock
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import no_such
from devstack.simulators.stripe.settings import StripeSettings
from devstack.simulators.stripe.store import Store


@dataclass(frozen=True)
class Work:
    """The collaborators of one transaction, and who asked for it."""

    store: Store
    clock: Clock
    settings: StripeSettings
    request_id: str | None = None
    idempotency_key: str | None = None
    publishable: bool = False
    """The caller has a publishable key: a browser."""
    base_url: str = ""
    """Where the caller reached us, for the 3-D Secure page."""
    api_version: str = ""
    """The version that the request speaks; none is the account's."""

    def now(self) -> int:
        """Unix time of the simulator in whole seconds."""
        return self.clock.now()

    def need(self, kind: str, object_id: str, param: str = "id") -> Document:
        """The object, or Stripe's 404."""
        document = self.store.get(kind, object_id)
        if document is None:
            raise no_such(kind, object_id, param)
        return document

    def record(self, what: str, intent_id: str, amount: int, object_id: str) -> None:
        """Note in the ledger that money moved; ``amount`` in minor units."""
        self.store.sql.execute(
            "INSERT INTO ledger (payment_intent, what, amount, object, created)"
            " VALUES (?, ?, ?, ?, ?)",
            (intent_id, what, amount, object_id, self.now()),
        )

    def later(self, seconds: float, action: str, object_id: str) -> None:
        """Have ``timers`` do something to an object after so much simulator time."""
        self.store.sql.execute(
            "INSERT INTO timers (due, action, object) VALUES (?, ?, ?)",
            (self.clock.exact() + seconds, action, object_id),
        )
