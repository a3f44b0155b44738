"""The page tells what was measured last, and what does not count."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench import report
from bench.__main__ import app
from bench.figures import Figure
from bench.measures import Measure, Plan
from bench.results import Result, keep, kept, this_machine

COUNTS = Figure(unit="1/s", values=[1, 2, 3])


def a_result(*broken: str) -> Result:
    return Result(
        name="jumps",
        machine=this_machine(),
        rounds=3,
        figures={"jumps": COUNTS},
        broken=list(broken),
    )


async def _run(plan: Plan) -> Result:
    plan.say("jumping")
    return a_result(*(["a leg"] if plan.rounds == 1 else []))


JUMPS = Measure(
    about="Jumps a second",
    run=_run,
    section=lambda result: f"## Jumps\n\n{result.figures['jumps']}\n",
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for results and page, where only jumps can be measured."""
    monkeypatch.setattr("bench.report.MEASURES", {"jumps": JUMPS})
    monkeypatch.setattr("bench.__main__.MEASURES", {"jumps": JUMPS})
    monkeypatch.setattr("bench.report.kept", lambda name: kept(name, tmp_path))
    monkeypatch.setattr("bench.__main__.keep", lambda result: keep(result, tmp_path))
    monkeypatch.setattr("bench.__main__.write_document", lambda: report.write_document(tmp_path))
    return tmp_path


def page(folder: Path) -> str:
    return report.write_document(folder).read_text()


def test_what_never_ran_is_named_as_missing(place: Path) -> None:
    assert "Not measured yet" in page(place)


def test_what_was_measured_is_told_with_where_and_when(place: Path) -> None:
    keep(a_result(), place)

    assert "2 1/s (1 to 3)" in page(place)
    assert "3 rounds on" in page(place)
    assert "Void" not in page(place)


def test_a_result_after_which_something_was_broken_is_void(place: Path) -> None:
    keep(a_result("two orders for one ticket"), place)

    assert "**Void**" in page(place)
    assert "two orders for one ticket" in page(place)


def test_the_command_measures_keeps_and_writes(place: Path) -> None:
    done = CliRunner().invoke(app, ["jumps"])

    assert done.exit_code == 0, done.output
    assert kept("jumps", place) is not None
    assert "2 1/s (1 to 3)" in (place / "performance.md").read_text()


def test_a_void_measurement_fails_the_command(place: Path) -> None:
    done = CliRunner().invoke(app, ["jumps", "--rounds", "1"])

    assert done.exit_code == 1
    assert "does not hold: a leg" in done.output


def test_a_short_run_keeps_nothing(place: Path) -> None:
    done = CliRunner().invoke(app, ["--short"])

    assert done.exit_code == 0, done.output
    assert list(place.iterdir()) == []


def test_an_unknown_measure_is_refused_with_a_list(place: Path) -> None:
    done = CliRunner().invoke(app, ["leaps"])

    assert done.exit_code == 2
    assert "Jumps a second" in done.output
