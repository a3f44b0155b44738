"""Figures say what was measured, no more and no less."""

import pytest

from bench.figures import Figure, percentile, ratio
from bench.rounds import interleaved


def test_a_figure_is_told_by_its_median_and_its_range() -> None:
    assert str(Figure(unit="1/s", values=[31.04, 29.96, 30.5])) == "30.5 1/s (30 to 31)"


def test_a_count_that_is_always_the_same_has_no_range() -> None:
    assert str(Figure(unit="transitions", values=[12, 12, 12])) == "12 transitions"


def test_a_ratio_is_taken_round_by_round() -> None:
    over, under = Figure(unit="1/s", values=[10, 40]), Figure(unit="1/s", values=[20, 50])
    assert ratio(over, under).values == [0.5, 0.8]


def test_figures_of_different_rounds_have_no_ratio() -> None:
    with pytest.raises(ValueError, match="argument"):
        ratio(Figure(unit="", values=[1, 2]), Figure(unit="", values=[1]))


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (0.991, 100), (1, 100)])
def test_a_percentile_is_a_value_that_was_measured(share: float, value: float) -> None:
    assert percentile(range(100, 0, -1), share) == value


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


async def test_rounds_take_turns_and_every_second_one_runs_backwards() -> None:
    order: list[str] = []

    async def measure(name: str) -> int:
        order.append(name)
        return len(order)

    found = await interleaved(
        {"a": lambda: measure("a"), "b": lambda: measure("b")}, 3, say=lambda _: None
    )

    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found == {"a": [1, 4, 5], "b": [2, 3, 6]}
