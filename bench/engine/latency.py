"""R4: how long people wait, next to the twin."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from bson import Timestamp

from bench.engine import calls, shopping
from bench.engine.latency_page import plot, section
from bench.engine.load import Window, at_their_time, saturate
from bench.engine.stack import Stack, running_stack
from bench.figures import Figure, percentile, ratio
from bench.measures import Measure, Plan
from bench.results import Result, this_machine
from bench.rounds import interleaved
from devstack.simulators.stripe.webhooks import signature
from workflows.purchase.address import purchase_workflow_id

NAME: Final = "latency"
PAID: Final = "payment_intent.amount_capturable_updated"
WEBHOOK_SECRET: Final = "whsec_devstack"  # noqa: S105 - what the stack tells its simulator
SHARE_OF_SATURATION: Final = 0.5
PERCENTILES: Final = {"p50": 0.5, "p99": 0.99}


@dataclass(frozen=True)
class Length:
    """Seconds of the parts of a run."""

    warm_up: float
    measured: float


LONG: Final = Length(warm_up=3, measured=30)
SHORT: Final = Length(warm_up=1, measured=5)
SHORT_ROUNDS: Final = 2
STOCK_PER_SECOND: Final = 100


@dataclass(frozen=True)
class Waited:
    """Of one purchase or twin, in milliseconds."""

    for_the_order: float
    """From the scheduled click to the answer."""
    for_completion: float
    """From the posted payment to the completed order."""


async def run(plan: Plan) -> Result:
    """Saturation is looked for first; then both are given half of what purchases bear."""
    length, rounds = (SHORT, min(plan.rounds, SHORT_ROUNDS)) if plan.short else (LONG, plan.rounds)
    async with running_stack(plan.folder) as stack:
        rate = SHARE_OF_SATURATION * await _saturation(stack, length)
        plan.say(f"{rate:.1f} a second")
        await _hold_back_news_of_payments(stack)
        found = await interleaved(
            {
                "purchase": partial(_purchases, stack, rate, length),
                "twin": partial(_twins, stack, rate, length),
            },
            rounds,
            say=plan.say,
        )
        broken = await stack.disagreements()
    return Result(
        name=NAME,
        machine=this_machine(),
        rounds=rounds,
        figures={**figures(found), "rate": Figure(unit="1/s", values=[rate])},
        notes={"seconds": f"{length.measured:.0f}", "samples": _samples(found)},
        broken=broken,
    )


async def _saturation(stack: Stack, length: Length) -> float:
    window = Window(length.warm_up, length.measured / 2)
    await stack.stock.lay_in(int(STOCK_PER_SECOND * (window.warm_up + window.measured)))
    return (await saturate(partial(shopping.purchase, stack), window, stack.pids)).per_second


async def _hold_back_news_of_payments(stack: Stack) -> None:
    """We post this event ourselves, to know when; the simulator goes on sending all others."""
    mode = {"drop": True, "types": [PAID]}
    url = f"{stack.system.stripe_address}/_sim/webhooks/mode"
    (await stack.http.post(url, json=mode)).raise_for_status()


async def _purchases(stack: Stack, rate: float, length: Length) -> list[Waited]:
    await stack.stock.lay_in(int(rate * (length.warm_up + length.measured)) + 1)
    since = await _operation_time(stack)
    told = await _steadily(partial(_buy, stack), rate, length)
    completed = await _completed(stack, since, {each.order_id for each in told})
    return [each.waited(completed[each.order_id]) for each in told]


async def _twins(stack: Stack, rate: float, length: Length) -> list[Waited]:
    told = await _steadily(partial(_begin_twin, stack), rate, length)
    return [
        each.waited((await calls.twin(stack.client, each.order_id).result()).completed_at)
        for each in told
    ]


@dataclass(frozen=True)
class _Told:
    """What the driver saw of one."""

    order_id: str
    seconds: float
    posted: datetime

    def waited(self, completed: datetime) -> Waited:
        return Waited(
            for_the_order=self.seconds * 1000,
            for_completion=(completed - self.posted).total_seconds() * 1000,
        )


async def _steadily(
    one: Callable[[float], Awaitable[_Told]], rate: float, length: Length
) -> list[_Told]:
    told = await at_their_time(one, per_second=rate, seconds=length.warm_up + length.measured)
    return told[int(rate * length.warm_up) :]


async def _buy(stack: Stack, due: float) -> _Told:
    order = await shopping.post_order(stack, stack.stock.take())
    seconds = time.monotonic() - due
    intent = await shopping.confirm(stack, order)
    posted = await _post_event(stack, intent)
    await stack.client.get_workflow_handle(purchase_workflow_id(order["id"])).result()
    return _Told(order["id"], seconds, posted)


async def _begin_twin(stack: Stack, due: float) -> _Told:
    answer = await stack.http.post(f"{stack.door}/orders")
    order_id = answer.raise_for_status().json()["id"]
    seconds, posted = time.monotonic() - due, datetime.now(UTC)
    (await stack.http.post(f"{stack.door}/paid", json={"id": order_id})).raise_for_status()
    await calls.twin(stack.client, order_id).result()
    return _Told(order_id, seconds, posted)


async def _post_event(stack: Stack, intent: shopping.Json) -> datetime:
    """As Stripe does when the bank holds the money; the moment before it is sent."""
    event = {
        "id": f"evt_{intent['id']}",
        "object": "event",
        "type": PAID,
        "livemode": False,
        "created": int(time.time()),
        "data": {"object": intent},
    }
    payload = json.dumps(event).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(payload, WEBHOOK_SECRET, int(time.time())),
    }
    posted = datetime.now(UTC)
    url = f"{stack.system.api}/api/webhooks/stripe"
    (await stack.http.post(url, content=payload, headers=headers)).raise_for_status()
    return posted


async def _operation_time(stack: Stack) -> Timestamp:
    hello = await stack.databases.orders.command("hello")
    moment: Timestamp = hello["operationTime"]
    return moment


async def _completed(stack: Stack, since: Timestamp, wanted: set[str]) -> dict[str, datetime]:
    """When MongoDB wrote that each order is complete, by its own change stream.

    Read afterwards, so that nobody watches while it is measured.
    """
    orders = stack.databases.orders["orders"]
    only = {"$match": {"updateDescription.updatedFields.status": "complete"}}
    found: dict[str, datetime] = {}
    async with (
        asyncio.timeout(60),
        await orders.watch([only], start_at_operation_time=since) as changes,
    ):
        while wanted - found.keys():
            change = await changes.try_next()
            if change is not None:
                found[change["documentKey"]["_id"]] = change["wallTime"]
    return found


def figures(found: Mapping[str, list[list[Waited]]]) -> dict[str, Figure]:
    """p50 and p99 of both, and the ratios, once a round; of all rounds the percentiles."""
    made: dict[str, Figure] = {}
    for what, wait in _WAITS.items():
        for name, share in PERCENTILES.items():
            both = {
                shape: Figure(
                    unit="ms",
                    values=[percentile(map(wait, each), share) for each in rounds],
                )
                for shape, rounds in found.items()
            }
            made |= {f"{name} of {what}: {shape}": figure for shape, figure in both.items()}
            made[f"{name} of {what}: ratio"] = ratio(both["purchase"], both["twin"])
        for shape, rounds in found.items():
            waits = [wait(each) for waited in rounds for each in waited]
            made[f"percentiles of {what}: {shape}"] = Figure(
                unit="ms", values=[percentile(waits, share / 100) for share in range(1, 101)]
            )
    return made


_WAITS: Final[Mapping[str, Callable[[Waited], float]]] = {
    "order": lambda waited: waited.for_the_order,
    "completion": lambda waited: waited.for_completion,
}


def _samples(found: Mapping[str, list[list[Waited]]]) -> str:
    return ", ".join(f"{sum(map(len, rounds)):,} {shape}s" for shape, rounds in found.items())


LATENCY: Final = Measure(
    about="How long people wait, next to the twin",
    run=run,
    section=section,
    plot=plot,
)
