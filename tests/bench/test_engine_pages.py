"""The engine's sections say what was measured and whether it is enough, whatever it was."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.engine import latency, latency_page, throughput, throughput_page
from bench.engine.latency import Waited
from bench.engine.load import Saturated
from bench.engine.shares import PROCESSES, without
from bench.engine.shopping import Done
from bench.engine.throughput import Loaded
from bench.figures import Figure
from bench.results import Result, this_machine

WINDOW = throughput.SHORT


def loaded(done: int, *costs: int, each: float) -> Loaded:
    load = Saturated(
        done=[Done(str(number)) for number in range(done)],
        seconds=1,
        cpu=dict.fromkeys(PROCESSES, each),
        cores_idle=0.1,
    )
    return Loaded(load, Counter(costs))


def a_throughput(purchases: int, *, until_complete: float = 9) -> Result:
    found = {
        "purchase": [loaded(purchases, 12, 12, each=2)],
        "twin": [loaded(10, 12, each=1)],
        "no-op": [loaded(80, 3, each=0.5)],
    }
    until = Figure(unit="transitions", values=[until_complete])
    return Result(
        name=throughput.NAME,
        machine=this_machine(),
        rounds=1,
        figures={**throughput.figures(found), "transitions until complete": until},
        notes=throughput.notes(found, WINDOW),
        broken=[],
    )


def a_latency(purchase: float) -> Result:
    waits = {"purchase": [[Waited(purchase, purchase)]], "twin": [[Waited(10, 10)]]}
    return Result(
        name=latency.NAME,
        machine=this_machine(),
        rounds=1,
        figures={**latency.figures(waits), "rate": Figure(unit="1/s", values=[5])},
        notes={"seconds": "30", "samples": "1 purchases, 1 twins"},
        broken=[],
    )


def test_throughput_is_compared_with_the_twin_and_with_the_engine() -> None:
    found = a_throughput(9).figures

    assert found["overhead"].values == [0.9]
    assert found["engine efficiency"].values == [9 * 12 / (80 * 3)]


def test_cpu_that_is_taken_out_is_taken_out_of_both() -> None:
    assert without(a_throughput(9), "stripe").values == [0.5]


@pytest.mark.parametrize(
    ("result", "missed"),
    [(a_throughput(9), 0), (a_throughput(8), 1), (a_throughput(8, until_complete=10), 2)],
)
def test_a_goal_of_throughput_that_is_missed_is_told(result: Result, missed: int) -> None:
    assert throughput_page.section(result).count("**not met**") == missed


@pytest.mark.parametrize(("result", "missed"), [(a_latency(13), 0), (a_latency(14), 4)])
def test_a_goal_of_latency_that_is_missed_is_told(result: Result, missed: int) -> None:
    assert latency_page.section(result).count("**not met**") == missed


@pytest.mark.parametrize(
    ("plot", "result"),
    [(throughput_page.plot, a_throughput(9)), (latency_page.plot, a_latency(13))],
    ids=["throughput", "latency"],
)
def test_the_same_figures_give_the_same_picture(
    plot: Callable[[Result, Path], list[Path]], result: Result, tmp_path: Path
) -> None:
    first = [each.read_bytes() for each in plot(result, tmp_path / "one")]
    again = [each.read_bytes() for each in plot(result, tmp_path / "two")]

    assert first == again
    assert all(b"<svg" in each for each in first)
