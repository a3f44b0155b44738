"""What Stripe could have signed, and never would have: behind the signature nothing breaks.

Schemathesis cannot sign, so that for it the webhook always answers 400.
"""

import json
import time
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devstack.simulators.stripe.webhooks import signature
from tests.api.fuzz.document import EXAMPLES, SAME_EACH_TIME, Json
from tests.api.fuzz.stand import Stand
from tests.api.market import WEBHOOK_SECRET, intent_of

PATIENT: Final = settings(
    max_examples=EXAMPLES * 30,
    derandomize=SAME_EACH_TIME,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
OURS: Final = "a PaymentIntent of ours"
KINDS: Final = (
    "payment_intent.amount_capturable_updated",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "refund.updated",
    "refund.failed",
    "charge.refunded",
    "charge.dispute.created",
    "customer.created",
)
PLACES: Final = (
    (),
    ("id",),
    ("type",),
    ("livemode",),
    ("object",),
    ("data",),
    ("data", "object"),
    ("data", "object", "id"),
)
ODD_IDS: Final = (
    "",
    " ",
    ".",
    "..",
    "/",
    "../refunds",
    "pi_1?expand=x",
    "%2e%2e",
    "$",
    "é",
    "pi_1#",
)
ODD_TEXTS: Final = st.sampled_from((*ODD_IDS, "\x00", "\ud800", "x" * 5000)) | st.text(max_size=40)
ANYTHING: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD_TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD_TEXTS, inner, max_size=3),
    max_leaves=8,
)
NOT_JSON: Final = st.sampled_from(
    [b"", b"\xff\xfe", b"{", b'{"id": NaN}', b"[" * 5_000, b'{"a":' * 5_000, b"9" * 5_000]
)


def an_event(number: UUID, kind: str, object_id: str, live: bool) -> Json:
    """An event that Stripe could send."""
    return {
        "id": f"evt_{number.hex}",
        "object": "event",
        "type": kind,
        "livemode": live,
        "data": {"object": {"id": object_id}},
    }


def with_a_flaw(event: Json, place: tuple[str, ...], value: object) -> object:
    """The event with something else in one place."""
    if not place:
        return value
    inner, *rest = place
    return {**event, inner: with_a_flaw(event[inner], tuple(rest), value)}


def without(event: Json, place: tuple[str, ...]) -> Json:
    """The event with nothing in one place."""
    inner, *rest = place
    if rest:
        return {**event, inner: without(event[inner], tuple(rest))}
    return {name: value for name, value in event.items() if name != inner}


EVENTS: Final = st.builds(
    an_event,
    number=st.uuids(),
    kind=st.sampled_from(KINDS),
    object_id=st.sampled_from((OURS, "pi_unknown", "re_unknown", *ODD_IDS)),
    live=st.sampled_from((False, False, False, True)),
)
FLAWED: Final = st.builds(with_a_flaw, EVENTS, st.sampled_from(PLACES), ANYTHING) | st.builds(
    without, EVENTS, st.sampled_from(PLACES[1:])
)
SIGNED: Final = (EVENTS | FLAWED).map(lambda event: json.dumps(event).encode()) | NOT_JSON


@pytest.fixture(scope="module")
def intent(stand: Stand) -> str:
    """A PaymentIntent of an order that waits to be paid."""
    buyer, seller = stand.somebody(), stand.somebody()
    return intent_of(stand.billed_order_of(buyer, seller).model_dump(mode="json"))


@PATIENT
@given(event=SIGNED)
def test_what_is_signed_breaks_nothing(stand: Stand, intent: str, event: bytes) -> None:
    payload = event.replace(OURS.encode(), intent.encode())
    answer = stand.session.post(
        f"{stand.url}/api/webhooks/stripe",
        data=payload,
        headers={"Stripe-Signature": signature(payload, WEBHOOK_SECRET, int(time.time()))},
    )
    assert answer.status_code in (204, 400), f"{answer.status_code} {answer.text} {payload!r}"


def test_some_of_it_had_an_effect(stand: Stand, intent: str) -> None:
    """Otherwise the test above would have seen refusals only."""

    async def outcomes() -> list[Any]:
        return await stand.market.databases.payments["inbox"].distinct("outcome")

    expected = {"not of interest", "of another mode", "unknown at Stripe", "nothing to do"}
    assert expected <= set(stand.do(outcomes))
