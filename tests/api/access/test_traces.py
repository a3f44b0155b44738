"""What a trace tells: the way of a click, and nothing about people."""

import re

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from tests.api.market import BILLING, Json, Market, Person, intent_of
from tests.spans import Spans, text_of

CANARY = "canary@example.com"


async def test_one_purchase_is_one_trace_from_the_click_to_stripe(
    market: Market, seller: Person, buyer: Person, spans: Spans
) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    await market.pay(order)
    await buyer.when_it_is(order, "complete")

    click = _click(spans, order)
    opening = _call(spans, click, "POST /v1/payment_intents")
    capture = _call(spans, click, "POST /v1/payment_intents/{id}/capture")
    begin = ["POST /api/orders", "StartUpdateWithStartWorkflow:PurchaseWorkflow"]
    for call, step in ((opening, "open_payment"), (capture, "capture_payment")):
        way = [*begin, f"StartActivity:{step}", f"RunActivity:{step}", call.name]
        assert spans.way_to(call) == way


async def test_the_webhooks_trace_ends_at_the_purchase_that_it_moves(
    market: Market, seller: Person, buyer: Person, spans: Spans
) -> None:
    order = await buyer.buys(await seller.lists(), billing=BILLING)
    await market.pay(order)
    await buyer.when_it_is(order, "complete")
    event = await market.event(intent_of(order), "payment_intent.amount_capturable_updated")
    await market.in_inbox(event.id, "handled")

    (signal,) = [
        span
        for span in spans.sent()
        if span.name == "SignalWorkflow:payment_authorized" and _is_about(span, order)
    ]
    assert spans.way_to(signal)[-2:] == ["POST /api/webhooks/stripe", signal.name]


async def test_a_client_can_begin_the_trace_but_adds_no_text_of_its_own(
    market: Market, seller: Person, buyer: Person, spans: Spans
) -> None:
    ticket, trace_id = await seller.lists(), "0af7651916cd43dd8448eb211c80319c"
    said = {
        "traceparent": f"00-{trace_id}-b7ad6b7169203331-01",
        "tracestate": f"vendor={CANARY.replace('@', '-at-')}",
        "baggage": f"person={CANARY}",
    }
    answer = await buyer.http.post("/api/orders", json={"ticket_id": ticket["id"]}, headers=said)
    order: Json = answer.json()

    assert f"{_click(spans, order).context.trace_id:032x}" == trace_id
    handle = market.temporal.get_workflow_handle(f"purchase-{order['id']}")
    history = "\n".join(str(event) for event in (await handle.fetch_history()).events)
    assert trace_id in history
    assert "canary" not in history


async def test_what_is_asked_for_stays_here(market: Market, spans: Spans) -> None:
    """Queries and headers are in what the library writes, and not in what leaves."""
    anybody = market.browser()
    asked = await anybody.get("/api/tickets", params={"keywords": CANARY})
    assert asked.is_success
    assert (await anybody.get(f"/api/{CANARY}")).status_code == 404

    assert "canary" in text_of(spans.whole())
    assert "canary" not in text_of(spans.sent())


async def test_messages_of_exceptions_stay_here(spans: Spans) -> None:
    with (
        pytest.raises(ValueError, match=CANARY),
        spans.traces.tracer.start_as_current_span("a step that fails"),
    ):
        raise ValueError(CANARY)
    (told,) = [span for span in spans.sent() if span.name == "a step that fails"]
    assert f"ValueError: {CANARY}" in text_of(spans.whole())
    assert CANARY not in text_of([told])
    assert [event.attributes for event in told.events] == [
        {"exception.type": "ValueError", "exception.escaped": "False"}
    ]
    assert not told.status.is_ok


async def test_what_machines_ask_all_the_time_is_not_traced(market: Market, spans: Spans) -> None:
    for address in ("/healthz", "/metrics"):
        assert (await market.browser().get(address)).is_success
    assert not [span for span in spans.sent() if re.search("healthz|metrics", span.name)]


def _click(spans: Spans, order: Json) -> ReadableSpan:
    """The request that began this order."""
    (start,) = [
        span
        for span in spans.sent()
        if span.name.startswith("StartUpdateWithStart") and _is_about(span, order)
    ]
    (click,) = [span for span in spans.sent() if start.parent and _is(span, start.parent.span_id)]
    return click


def _call(spans: Spans, click: ReadableSpan, name: str) -> ReadableSpan:
    """The call of this name in the click's trace, made by a step."""
    (call,) = [
        span
        for span in spans.sent()
        if span.name == name and span.context.trace_id == click.context.trace_id
    ]
    return call


def _is(span: ReadableSpan, span_id: int) -> bool:
    found: int = span.context.span_id
    return found == span_id


def _is_about(span: ReadableSpan, order: Json) -> bool:
    about = dict(span.attributes or {}).get("temporalWorkflowID")
    return about == f"purchase-{order['id']}"
