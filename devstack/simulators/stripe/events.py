"""Events: what Stripe tells about an object, as that object was at the moment."""

from typing import Final

from devstack.simulators.stripe.documents import Document, visible
from devstack.simulators.stripe.ids import new_id
from devstack.simulators.stripe.outbox import enqueue, undelivered
from devstack.simulators.stripe.parameters import Parameters
from devstack.simulators.stripe.store import Store
from devstack.simulators.stripe.work import Work

PAGING: Final = frozenset({"limit", "starting_after", "ending_before", "created", "expand"})
LIST: Final = PAGING | {"type", "types", "delivery_success"}


def emit(work: Work, event_type: str, document: Document) -> None:
    """Write the event, and its webhook deliveries, in the transaction of the change itself."""
    event: Document = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": work.settings.api_version,
        "created": work.now(),
        "data": {"object": visible(document)},
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": work.request_id, "idempotency_key": work.idempotency_key},
        "type": event_type,
    }
    work.store.insert(event)
    enqueue(work, event["id"], event_type)


def current(store: Store, event: Document) -> Document:
    """The event with its count of endpoints that have not taken it yet."""
    return {**event, "pending_webhooks": undelivered(store, event["id"])}


def retrieve(work: Work, _params: Parameters, event_id: str) -> Document:
    """One event."""
    return current(work.store, work.need("event", event_id))


def type_patterns(params: Parameters) -> list[str]:
    """The event types asked for, ``*`` being a wildcard in ``type``."""
    single = params.text("type")
    return [single] if single else params.texts("types")
