"""R5: one ticket that everybody wants, and how soon they are told that it is gone."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

from bench.figures import Figure, percentile, ratio
from bench.growth.shop import disagreements, running_shop
from bench.hot.market import Extent, Market, Rush, refused
from bench.hot.page import plot, section
from bench.hot.process import Done
from bench.measures import Measure, Plan
from bench.results import Result, this_machine
from bench.rounds import interleaved

NAME: Final = "hot"
WORKFLOWS_ALLOWED: Final = 5
PERCENTILES: Final = {"p50": 0.5, "p99": 0.99}
LONG: Final = Extent(buyers=1_000, hands=64, paces=(50, 100, 200), seconds=8)
SHORT: Final = Extent(buyers=100, hands=16, paces=(20,), seconds=1.5)
SHORT_ROUNDS: Final = 2
SETTINGS: Final = {
    # As many windows as the product has, so that as much is counted; nobody hits one.
    "LIMIT_RESERVE": "1000000/minute",
    "LIMIT_RESERVE_USER": "1000000/minute;1000000/hour",
    # Each buyer has an address of their own.
    "TRUSTED_PROXIES": "127.0.0.1",
}
WON: Final = HTTPStatus.CREATED
GONE: Final = HTTPStatus.CONFLICT
LATER: Final = HTTPStatus.SERVICE_UNAVAILABLE


async def run(plan: Plan) -> Result:
    """Rushes, each for a ticket of its own; then paces and saturation on tickets that are gone."""
    extent = SHORT if plan.short else LONG
    rounds = min(plan.rounds, SHORT_ROUNDS) if plan.short else plan.rounds
    async with running_shop(plan.folder, **SETTINGS) as stack:
        market = Market(stack, extent)
        await market.open(rushes=rounds)
        held, sold = await market.held(), await market.sold()
        await market.at_the_door(held)  # connections and code are warm before anything counts
        rushes = (await interleaved({"rush": market.rush}, rounds, say=plan.say))["rush"]
        paced = await interleaved(
            {str(pace): partial(market.at_pace, held, pace) for pace in extent.paces},
            rounds,
            say=plan.say,
        )
        saturated = await interleaved(
            {
                "held: api": partial(market.at_the_door, held),
                "held: keys": partial(market.with_keys, held),
                "held: raw": partial(market.by_hand, held),
                "sold: api": partial(market.at_the_door, sold),
                "sold: raw": partial(market.by_hand, sold),
            },
            rounds,
            say=plan.say,
        )
        wrong = await disagreements(stack, left_open=market.left_open)
    return Result(
        name=NAME,
        machine=this_machine(),
        rounds=rounds,
        figures={**of_rushes(rushes), **of_paces(paced), **of_saturation(saturated)},
        notes={
            "buyers": f"{extent.buyers:,}",
            "hands": str(extent.hands),
            "paces": " ".join(map(str, extent.paces)),
            "seconds": f"{extent.seconds:g}",
        },
        broken=[
            *(line for rush in rushes for line in broken_by(rush)),
            *(line for each in (*paced.values(), *saturated.values()) for line in strange(each)),
            *wrong,
        ],
    )


def broken_by(rush: Rush) -> list[str]:
    """Which promises a rush broke; to be told to try again later breaks none."""
    won = len(rush.done.outcome.waits(WON))
    wrong = strange([rush.done], expected={WON, GONE, LATER})
    if (won, rush.orders) != (1, 1):
        wrong.append(f"one ticket: {won} buyers won it, {rush.orders} orders have it")
    if rush.workflows > WORKFLOWS_ALLOWED:
        wrong.append(f"one ticket: {rush.workflows} workflows were started on it")
    return wrong


def strange(rounds: Sequence[Done], expected: Collection[int] = (GONE, LATER)) -> list[str]:
    """Answers that nobody should get who wants what is gone."""
    answers = Counter(each.status for done in rounds for each in done.outcome.answers)
    return [
        f"{count} who wanted one ticket were answered {status}"
        for status, count in sorted(answers.items())
        if status not in expected
    ]


def of_rushes(rushes: Sequence[Rush]) -> dict[str, Figure]:
    """Winners, workflows, refusals and answers, once a rush."""
    done = [rush.done for rush in rushes]
    return {
        "rush: workflows": _figure("", (rush.workflows for rush in rushes)),
        **_waits("rush", done),
        **_answers("rush", done),
        **_cpu("rush", done),
    }


def of_paces(paced: Mapping[str, Sequence[Done]]) -> dict[str, Figure]:
    """Refusals and answers at each pace."""
    made: dict[str, Figure] = {}
    for pace, done in paced.items():
        name = f"at {pace}"
        made |= _waits(name, done) | _answers(name, done) | _cpu(name, done)
    return made


def of_saturation(found: Mapping[str, Sequence[Done]]) -> dict[str, Figure]:
    """Attempts a second on each side, and R5."""
    made: dict[str, Figure] = {}
    for name, done in found.items():
        made[f"{name}: attempts"] = _figure("1/s", (each.outcome.per_second for each in done))
        made |= _answers(name, done) | _cpu(name, done)
    for ticket in dict.fromkeys(name.partition(":")[0] for name in found):
        api, raw = made[f"{ticket}: api: attempts"], made[f"{ticket}: raw: attempts"]
        made[f"{ticket}: R5"] = ratio(api, raw)
    return made


def _waits(name: str, rounds: Sequence[Done]) -> dict[str, Figure]:
    waits = [refused(done) for done in rounds]
    everything = [wait for each in waits for wait in each]
    return {
        **{
            f"{name}: {called}": _figure("ms", (percentile(each, share) for each in waits))
            for called, share in PERCENTILES.items()
        },
        f"{name}: percentiles": _figure(
            "ms", (percentile(everything, share / 100) for share in range(1, 101))
        ),
    }


def _answers(name: str, rounds: Sequence[Done]) -> dict[str, Figure]:
    return {
        f"{name}: {status.value}": _figure("", (len(each.outcome.waits(status)) for each in rounds))
        for status in (WON, GONE, LATER)
    }


def _cpu(name: str, rounds: Sequence[Done]) -> dict[str, Figure]:
    return {
        f"{name}: cpu of {part}": _figure("ms", (each.cpu[part] for each in rounds))
        for part in rounds[0].cpu
    }


def _figure(unit: str, values: Iterable[float]) -> Figure:
    return Figure(unit=unit, values=list(values))


HOT: Final = Measure(about="One ticket that 1,000 people want", run=run, section=section, plot=plot)
