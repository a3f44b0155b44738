"""R1, R2 and R3: what the engine can do at all, and what the application leaves of it."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import httpx

from bench.engine import shopping
from bench.engine.histories import shape, transitions
from bench.engine.load import DRIVERS, Saturated, Window, saturate
from bench.engine.shopping import Done
from bench.engine.stack import Stack, running_stack
from bench.engine.throughput_page import plot, section
from bench.figures import Figure, ratio
from bench.measures import Measure, Plan
from bench.results import Result, this_machine
from bench.rounds import interleaved
from workflows.purchase.address import purchase_workflow_id

NAME: Final = "engine"
LONG: Final = Window(warm_up=3, measured=20)
SHORT: Final = Window(warm_up=2, measured=5)
SHORT_ROUNDS: Final = 2
STOCK_PER_SECOND: Final = 100
"""More than any machine of ours sells."""
NOOP_TRANSITIONS: Final = 3
MAIL_TAKES: Final = 3.0
"""Seconds that the mail of a purchase takes whose cost until ``complete`` is looked at."""
SHAPES: Final = {"purchase": shopping.purchase, "twin": shopping.twin, "no-op": shopping.noop}


@dataclass(frozen=True)
class Loaded:
    """One shape, once, at saturation."""

    load: Saturated[Done]
    transitions: Counter[int]
    """How many of those that ended cost how many state transitions."""

    @property
    def each(self) -> float:
        """State transitions of one, on average."""
        return sum(cost * count for cost, count in self.transitions.items()) / max(
            self.transitions.total(), 1
        )


async def run(plan: Plan) -> Result:
    """All rounds on one stack."""
    window, rounds = (SHORT, min(plan.rounds, SHORT_ROUNDS)) if plan.short else (LONG, plan.rounds)
    async with running_stack(plan.folder) as stack:
        broken = await _unlike(stack)
        until_complete = [await _until_complete(stack) for _ in range(rounds)]
        found = await interleaved(
            {name: partial(_loaded, stack, name, window) for name in SHAPES}, rounds, say=plan.say
        )
        broken += await stack.disagreements()
    return Result(
        name=NAME,
        machine=this_machine(),
        rounds=rounds,
        figures={
            **figures(found),
            "transitions until complete": Figure(
                unit="transitions", values=[float(each) for each in until_complete]
            ),
        },
        notes=_notes(found, window),
        broken=broken,
    )


async def _loaded(stack: Stack, name: str, window: Window) -> Loaded:
    await stack.stock.lay_in(int(STOCK_PER_SECOND * (window.warm_up + window.measured)))
    load = await saturate(partial(SHAPES[name], stack), window, stack.pids)
    costs: Counter[int] = Counter()
    for done in load.done:
        costs[await transitions(stack.client, done.workflow_id)] += 1
    return Loaded(load, costs)


async def _unlike(stack: Stack) -> list[str]:
    """Whether purchase and twin still have one shape; nothing else runs meanwhile."""
    await stack.stock.lay_in(1)
    purchase, twin = await shopping.purchase(stack), await shopping.twin(stack)
    difference = (await shape(stack.client, purchase.workflow_id)).unlike(
        await shape(stack.client, twin.workflow_id)
    )
    return [] if difference is None else [f"The twin is no twin: {difference}."]


async def _until_complete(stack: Stack) -> int:
    """State transitions when the order is complete and its mail is still on the way."""
    await stack.stock.lay_in(1)
    slow = {"kind": "delay", "times": 2, "seconds": MAIL_TAKES}
    (await stack.http.post(f"{stack.system.mail}/_sim/faults", json=slow)).raise_for_status()
    order = await shopping.post_order(stack, stack.stock.take())
    await shopping.confirm(stack, order)
    workflow_id = purchase_workflow_id(order["id"])
    orders = stack.databases.orders["orders"]
    complete = {"_id": order["id"], "status": "complete"}
    while await orders.find_one(complete) is None:  # noqa: ASYNC110 - MongoDB sets no event
        await asyncio.sleep(0.01)
    await _mail_is_under_way(stack.http, stack.system.mail)
    cost = await transitions(stack.client, workflow_id)
    await stack.client.get_workflow_handle(workflow_id).result()
    return cost


async def _mail_is_under_way(http: httpx.AsyncClient, mail: str) -> None:
    """The fault has been met: what completes the order has been written down in Temporal."""
    address = f"{mail}/_sim/faults"
    while (await http.get(address)).raise_for_status().json():  # noqa: ASYNC110 - nor does Resend
        await asyncio.sleep(0.01)


def figures(found: Mapping[str, list[Loaded]]) -> dict[str, Figure]:
    """Throughput, cost and the two ratios, and CPU by process."""
    per_second = {
        name: Figure(unit="1/s", values=[each.load.per_second for each in rounds])
        for name, rounds in found.items()
    }
    cost = {
        name: Figure(unit="transitions", values=[each.each for each in rounds])
        for name, rounds in found.items()
    }
    moved = {
        name: Figure(unit="1/s", values=[each.load.per_second * each.each for each in rounds])
        for name, rounds in found.items()
    }
    cpu = {
        f"cpu of {name}: {process}": Figure(
            unit="ms", values=[each.load.cpu[process] for each in rounds]
        )
        for name, rounds in found.items()
        for process in rounds[0].load.cpu
    }
    return {
        "engine efficiency": ratio(moved["purchase"], moved["no-op"]),
        "overhead": ratio(per_second["purchase"], per_second["twin"]),
        **{f"{name} per second": figure for name, figure in per_second.items()},
        **{f"transitions of {name}": figure for name, figure in cost.items()},
        **{
            f"cores idle under {name}": Figure(
                unit="cores", values=[each.load.cores_idle for each in rounds]
            )
            for name, rounds in found.items()
        },
        **cpu,
    }


def _notes(found: Mapping[str, list[Loaded]], window: Window) -> dict[str, str]:
    spread = {
        name: sum((each.transitions for each in rounds), Counter())
        for name, rounds in found.items()
    }
    return {
        "drivers": str(DRIVERS),
        "window": f"{window.measured:.0f}",
        **{
            f"spread of {name}": ", ".join(
                f"{count:,} cost {cost}" for cost, count in sorted(costs.items())
            )
            for name, costs in spread.items()
        },
    }


ENGINE: Final = Measure(
    about="Purchases a second, next to the engine's own pace",
    run=run,
    section=section,
    plot=plot,
)
