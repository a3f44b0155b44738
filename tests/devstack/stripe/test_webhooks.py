"""Events that are delivered: signed, repeated, lost, doubled and out of order."""

import time
from collections.abc import Callable

import pytest

from devstack.simulators.stripe.server import running_simulator
from devstack.simulators.stripe.settings import StripeSettings
from tests.devstack.stripe.helpers import (
    SECRET,
    Hooks,
    Receiver,
    StripeApi,
    a_client,
    until,
    until_answer,
)

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.amount_capturable_updated",
    "charge.captured",
    "payment_intent.succeeded",
]


async def test_events_arrive_signed(simulated: StripeApi, receiver: Receiver) -> None:
    intent = await simulated.paid()
    await until(lambda: len(receiver.events) == len(PAID))
    assert sorted(receiver.types()) == sorted(PAID)
    assert receiver.refused == []
    last = next(event for event in receiver.events if event.type == "payment_intent.succeeded")
    assert last.data.object["id"] == intent.id

    async def acknowledged() -> bool:
        event = await simulated.server.v1.events.retrieve_async(last.id)
        return event.pending_webhooks == 0

    await until_answer(acknowledged)


async def test_an_event_is_repeated_until_it_is_taken(
    simulated: StripeApi, receiver: Receiver, hooks: Hooks
) -> None:
    receiver.answers = [500, 503, 302]
    await simulated.opened()
    await until(lambda: receiver.events)
    assert len(receiver.attempts) == 4
    assert len(set(receiver.attempts)) == 1

    async def noted() -> bool:
        [delivery] = await hooks.get("/webhooks/deliveries")
        return (delivery["state"], delivery["attempts"]) == ("delivered", 4)

    await until_answer(noted)


async def test_an_endpoint_that_is_down_is_tried_again(simulated: StripeApi, hooks: Hooks) -> None:
    await hooks.post("/webhook_endpoint", url="http://127.0.0.1:1/")
    await simulated.opened()

    async def tried() -> bool:
        [delivery] = await hooks.get("/webhooks/deliveries")
        return delivery["attempts"] >= 2 and "ConnectError" in delivery["last_error"]

    await until_answer(tried)


async def test_delivery_is_given_up_after_three_days(simulated: StripeApi, hooks: Hooks) -> None:
    await hooks.post("/webhook_endpoint", url="http://127.0.0.1:1/")
    await simulated.opened()
    await hooks.post("/clock", advance_seconds=3 * 86_400 + 60)

    async def given_up() -> bool:
        [delivery] = await hooks.get("/webhooks/deliveries")
        return bool(delivery["state"] == "abandoned")

    await until_answer(given_up)


async def test_dropped_events_are_only_listed(
    simulated: StripeApi, receiver: Receiver, hooks: Hooks
) -> None:
    await hooks.post("/webhooks/mode", drop=True, types=["payment_intent.created"])
    await simulated.held()
    await until(lambda: len(receiver.events) == 2)
    assert "payment_intent.created" not in receiver.types()
    listed = await simulated.server.v1.events.list_async({"type": "payment_intent.created"})
    assert len(listed.data) == 1


async def test_doubled_events_arrive_twice(
    simulated: StripeApi, receiver: Receiver, hooks: Hooks
) -> None:
    await hooks.post("/webhooks/mode", duplicate=1)
    await simulated.opened()
    await until(lambda: len(receiver.events) == 2)
    assert len(set(receiver.attempts)) == 1


async def test_held_events_come_backwards_when_released(
    simulated: StripeApi, receiver: Receiver, hooks: Hooks
) -> None:
    await hooks.post("/webhooks/mode", hold=True, reverse=True)
    await simulated.paid()
    assert receiver.attempts == []
    assert await hooks.post("/webhooks/release") == {"released": len(PAID)}
    await until(lambda: len(receiver.events) == len(PAID))
    assert receiver.types() == PAID[::-1]


async def test_a_delayed_event_comes_when_the_time_has_come(
    simulated: StripeApi, receiver: Receiver, hooks: Hooks
) -> None:
    await hooks.post("/webhooks/mode", delay_seconds=600)
    await simulated.opened()
    assert receiver.attempts == []
    await hooks.post("/clock", advance_seconds=601)
    await until(lambda: receiver.events)


async def test_an_event_can_be_sent_again(
    simulated: StripeApi, receiver: Receiver, hooks: Hooks
) -> None:
    await simulated.opened()
    await until(lambda: receiver.events)
    await hooks.post("/webhooks/resend", event=receiver.events[0].id, times=3)
    await until(lambda: len(receiver.events) == 4)


async def test_an_old_signature_is_refused(
    simulated: StripeApi, receiver: Receiver, hooks: Hooks
) -> None:
    await simulated.opened()
    await until(lambda: receiver.events)
    await hooks.post("/webhooks/resend", event=receiver.events[0].id, timestamp_offset=-600)
    await until(lambda: receiver.refused)
    assert "Timestamp" in receiver.refused[0]


@pytest.mark.parametrize("status", [400, 404])
async def test_a_refusal_is_not_taken_for_an_answer(
    simulated: StripeApi, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    await simulated.opened()
    await until(lambda: receiver.events)
    assert len(receiver.attempts) == 2


async def test_an_endpoint_that_takes_too_long_is_tried_again(
    endpoints: Callable[[], Receiver],
) -> None:
    receiver = endpoints()
    receiver.slow = [5.0]
    settings = StripeSettings(
        webhook_url=receiver.url,
        webhook_secret=SECRET,
        webhook_timeout_seconds=0.1,
        webhook_first_retry_seconds=0.01,
    )
    async with running_simulator(settings) as url, a_client("sk_test_x", url) as server:
        started = time.monotonic()
        await StripeApi(server, None, simulated=True).opened()
        await until(lambda: receiver.events)
        assert time.monotonic() - started < 5
    assert len(receiver.attempts) >= 2
